/* Questions of every kind that clang can ask, for the comparison of whole programs with libbpf. */
typedef unsigned int u32;
typedef unsigned long long u64;

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct sched_entity {
	u64 vruntime;
};
struct task_struct {
	int pid;
	int tgid;
	struct task_struct *real_parent;
	char comm[16];
	unsigned in_execve : 1;
	unsigned long start_time;
	struct sched_entity se;
};
struct task_struct___old {
	long state;
};
struct task_struct___new {
	unsigned __state;
};
struct net_device {
	char name[16];
	unsigned mtu;
	int ifindex;
};
struct sk_buff {
	unsigned len;
	unsigned char pkt_type : 3;
	unsigned short protocol;
	struct {
		unsigned hash;
	};
};
struct absent_thing {
	int a;
};
struct list_head {
	struct list_head *next, *prev;
};
struct list_head___other {
	struct list_head___other *next;
	int prev;
};
struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};
#pragma clang attribute pop

enum bpf_func_id {
	BPF_FUNC_trace_printk = 1,
	BPF_FUNC_get_stack = 2,
	BPF_FUNC_nope = 3,
};

enum { OFFSET, SIZE, EXISTS, SIGNED, LEFT, RIGHT };
enum { TYPE_EXISTS, TYPE_SIZE, TYPE_MATCHES };
enum { VALUE_EXISTS, VALUE };
enum { LOCAL_ID, TARGET_ID };

static long (*probe)(void *, u32, const void *) = (void *)113;
static u64 (*current_task)(void) = (void *)35;

u64 out[64];

#define ASK(answer) out[at++] = (answer)
#define FIELD(object, member, question) ASK(__builtin_preserve_field_info((object)->member, question))
#define TYPE(type, question) ASK(__builtin_preserve_type_info(*(type *)0, question))
#define MEMBER(name, question) ASK(__builtin_preserve_enum_value(*(enum bpf_func_id *)name, question))

__attribute__((section("raw_tracepoint/sys_enter"), used)) int prog(void *ctx)
{
	struct task_struct *task = (void *)current_task();
	struct task_struct___old *old = (void *)task;
	struct task_struct___new *new = (void *)task;
	struct net_device *device = (void *)task;
	struct sk_buff *packet = (void *)task;
	struct absent_thing *absent = (void *)task;
	int at = 0;
	u32 pid;

	FIELD(task, pid, OFFSET);
	FIELD(task, comm[3], OFFSET);
	FIELD(task, comm, SIZE);
	FIELD(task, real_parent, OFFSET);
	FIELD(task, in_execve, OFFSET);
	FIELD(task, in_execve, SIZE);
	FIELD(task, in_execve, LEFT);
	FIELD(task, in_execve, RIGHT);
	FIELD(task, in_execve, SIGNED);
	FIELD(old, state, EXISTS);
	FIELD(new, __state, EXISTS);
	FIELD(new, __state, OFFSET);
	FIELD(device, mtu, OFFSET);
	FIELD(device, ifindex, SIGNED);
	FIELD(packet, pkt_type, OFFSET);
	FIELD(packet, pkt_type, LEFT);
	FIELD(packet, pkt_type, RIGHT);
	FIELD(packet, protocol, OFFSET);
	FIELD(packet, hash, OFFSET);
	FIELD(task, start_time, OFFSET);
	FIELD(task, start_time, SIZE);
	TYPE(struct task_struct, TYPE_SIZE);
	TYPE(struct task_struct, TYPE_EXISTS);
	TYPE(struct absent_thing, TYPE_EXISTS);
	TYPE(struct list_head, TYPE_MATCHES);
	TYPE(struct list_head___other, TYPE_MATCHES);
	TYPE(struct path, TYPE_MATCHES);
	TYPE(struct task_struct, TYPE_MATCHES);
	TYPE(struct absent_thing, TYPE_MATCHES);
	TYPE(enum bpf_func_id, TYPE_MATCHES);
	/* Embedded structs are of another size in the kernel, which their addresses do not mind. */
	FIELD(task, se, OFFSET);
	FIELD(task, se.vruntime, OFFSET);
	ASK(__builtin_btf_type_id(*(struct sk_buff *)0, TARGET_ID));
	MEMBER(BPF_FUNC_get_stack, VALUE);
	MEMBER(BPF_FUNC_get_stack, VALUE_EXISTS);
	MEMBER(BPF_FUNC_nope, VALUE_EXISTS);
	/* What the running kernel does not have is asked for on a path that it does not take. */
	if (__builtin_preserve_field_info(absent->a, EXISTS))
		FIELD(absent, a, OFFSET);
	if (__builtin_preserve_field_info(old->state, EXISTS))
		FIELD(old, state, OFFSET);
	probe(&pid, sizeof(pid), &task->pid);
	ASK(pid);
	return 0;
}

char LICENSE[] __attribute__((section("license"))) = "GPL";
