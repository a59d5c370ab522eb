typedef unsigned int u32; typedef unsigned long long u64;
#define P __attribute__((preserve_access_index))
struct task_struct { int pid; int tgid; struct task_struct *real_parent; char comm[16]; unsigned in_execve:1; unsigned long start_time; } P;
struct task_struct___old { long state; } P;
struct task_struct___new { unsigned __state; } P;
struct net_device { char name[16]; unsigned mtu; int ifindex; } P;
struct sk_buff { unsigned len; unsigned char pkt_type:3; unsigned short protocol; struct { unsigned hash; }; } P;
struct absent_thing { int a; } P;
enum bpf_func_id { BPF_FUNC_trace_printk = 1, BPF_FUNC_get_stack = 2, BPF_FUNC_nope = 3 };
static long (*probe)(void*, u32, const void*) = (void*)113;
u64 out[64];
#define FI(e,k) __builtin_preserve_field_info(e,k)
__attribute__((section("raw_tracepoint/sys_enter"),used)) int prog(void *ctx){
 struct task_struct *t=(void*)((u64(*)(void))35)(); struct task_struct___old *o=(void*)t; struct task_struct___new *n=(void*)t;
 struct net_device *d=(void*)t; struct sk_buff *s=(void*)t; struct absent_thing *a=(void*)t; int i=0;
 out[i++]=FI(t->pid,0); out[i++]=FI(t->comm[3],0); out[i++]=FI(t->comm,1); out[i++]=FI(t->real_parent,0);
 out[i++]=FI(t->in_execve,0); out[i++]=FI(t->in_execve,1); out[i++]=FI(t->in_execve,4); out[i++]=FI(t->in_execve,5); out[i++]=FI(t->in_execve,3);
 out[i++]=FI(o->state,2); out[i++]=FI(n->__state,2); out[i++]=FI(n->__state,0); out[i++]=FI(d->mtu,0); out[i++]=FI(d->ifindex,3);
 out[i++]=FI(s->pkt_type,0); out[i++]=FI(s->pkt_type,4); out[i++]=FI(s->pkt_type,5); out[i++]=FI(s->protocol,0); out[i++]=FI(s->hash,0);
 out[i++]=FI(t->start_time,0); out[i++]=FI(t->start_time,1);
 out[i++]=__builtin_preserve_type_info(*(struct task_struct*)0,1); out[i++]=__builtin_preserve_type_info(*(struct task_struct*)0,0); out[i++]=__builtin_preserve_type_info(*(struct absent_thing*)0,0);
 out[i++]=__builtin_btf_type_id(*(struct sk_buff*)0,1);
 out[i++]=__builtin_preserve_enum_value(*(enum bpf_func_id*)BPF_FUNC_get_stack,1); out[i++]=__builtin_preserve_enum_value(*(enum bpf_func_id*)BPF_FUNC_get_stack,0); out[i++]=__builtin_preserve_enum_value(*(enum bpf_func_id*)BPF_FUNC_nope,0);
 if (FI(a->a,2)) out[i++]=FI(a->a,0);
 if (FI(o->state,2)) out[i++]=FI(o->state,0);
 u32 pid; probe(&pid,4,&t->pid); out[i++]=pid;
 return 0; }
char LICENSE[] __attribute__((section("license")))="GPL";
