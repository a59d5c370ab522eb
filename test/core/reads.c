/* The twin of reads.ts: every question that it asks, put to libbpf. */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct sched_entity {
	u64 vruntime;
};
struct new_utsname {
	char nodename[65];
};
struct uts_namespace {
	struct new_utsname name;
};
struct nsproxy {
	struct uts_namespace *uts_ns;
};
struct mm_struct {
	u64 arg_start;
};
struct task_struct {
	int pid;
	int tgid;
	struct task_struct *real_parent;
	struct sched_entity se;
	char comm[16];
	struct mm_struct *mm;
	struct nsproxy *nsproxy;
	u32 in_execve : 1;
	u64 start_boottime;
	u32 __state;
};
struct task_struct___before {
	long long state;
};
struct sk_buff {
	u32 len;
	u8 pkt_type : 3;
	u16 protocol;
	u32 hash;
};
struct net_device {
	u32 mtu;
	int ifindex;
};
struct absent_thing {
	int a;
};
#pragma clang attribute pop

enum pid_type { PIDTYPE_PID, PIDTYPE_TGID };
enum bpf_func_id { BPF_FUNC_loop = 181 };

enum { OFFSET, SIZE, EXISTS, SIGNED, LEFT, RIGHT };

volatile u64 sum;

#define FIELD(object, member, question) sum += __builtin_preserve_field_info((object)->member, question)
#define NUMBER(object, member)                                                                                         \
	do {                                                                                                           \
		FIELD(object, member, OFFSET);                                                                         \
		FIELD(object, member, SIZE);                                                                           \
	} while (0)
#define BITS(object, member)                                                                                           \
	do {                                                                                                           \
		NUMBER(object, member);                                                                                \
		FIELD(object, member, LEFT);                                                                           \
		FIELD(object, member, RIGHT);                                                                          \
	} while (0)

__attribute__((section("raw_tracepoint/sched_switch"), used)) int ask(void *context)
{
	struct task_struct *task = context;
	struct task_struct___before *before = context;
	struct mm_struct *mm = context;
	struct nsproxy *nsproxy = context;
	struct uts_namespace *uts = context;
	struct sk_buff *packet = context;
	struct net_device *device = context;
	struct absent_thing *absent = context;

	NUMBER(task, pid);
	NUMBER(task, tgid);
	NUMBER(task, real_parent);
	NUMBER(task, se.vruntime);
	NUMBER(task, comm);
	NUMBER(task, mm);
	NUMBER(task, nsproxy);
	BITS(task, in_execve);
	NUMBER(task, start_boottime);
	FIELD(task, __state, EXISTS);
	if (__builtin_preserve_field_info(task->__state, EXISTS))
		NUMBER(task, __state);
	FIELD(before, state, EXISTS);
	if (__builtin_preserve_field_info(before->state, EXISTS))
		NUMBER(before, state);
	NUMBER(mm, arg_start);
	NUMBER(nsproxy, uts_ns);
	NUMBER(uts, name.nodename);
	NUMBER(packet, len);
	BITS(packet, pkt_type);
	NUMBER(packet, protocol);
	NUMBER(packet, hash);
	NUMBER(device, mtu);
	NUMBER(device, ifindex);
	FIELD(absent, a, EXISTS);
	if (__builtin_preserve_field_info(absent->a, EXISTS))
		FIELD(absent, a, OFFSET);
	sum += __builtin_preserve_type_info(*(struct task_struct *)0, 0);
	sum += __builtin_preserve_type_info(*(struct task_struct *)0, 1);
	sum += __builtin_preserve_type_info(*(struct absent_thing *)0, 0);
	sum += __builtin_preserve_enum_value(*(enum pid_type *)PIDTYPE_TGID, 0);
	sum += __builtin_preserve_enum_value(*(enum pid_type *)PIDTYPE_TGID, 1);
	sum += __builtin_preserve_enum_value(*(enum bpf_func_id *)BPF_FUNC_loop, 0);
	return 0;
}

char LICENSE[] __attribute__((section("license"))) = "GPL";
