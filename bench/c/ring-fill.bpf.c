/* The twin of bench/src/kernel/ring-fill.ts in C: one record for each run. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct sample {
	__u64 sequence;
	__u64 bytes;
	__u32 pid;
	__u32 cpu;
	__u32 port;
	__u32 flags;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 * 1024 * 1024);
} samples SEC(".maps");

SEC("xdp")
int fill(struct xdp_md *ctx)
{
	struct sample *sample = bpf_ringbuf_reserve(&samples, sizeof(*sample), 0);

	if (!sample)
		return XDP_DROP;
	sample->sequence = 0x112233445566ULL;
	sample->bytes = 1500;
	sample->pid = ctx->data_end - ctx->data;
	sample->cpu = 1;
	sample->port = 443;
	sample->flags = 7;
	bpf_ringbuf_submit(sample, 0);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
