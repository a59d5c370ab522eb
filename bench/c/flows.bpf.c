/* The twin of examples/flows in C: the same logic, written as one would for clang. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <stdbool.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct flow_key {
	__be32 source[4];
	__be32 destination[4];
	__be16 source_port;
	__be16 destination_port;
	__u8 protocol;
};

struct flow_stats {
	__u64 packets;
	__u64 bytes;
};

struct vlan_header {
	__be16 tci;
	__be16 protocol;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct flow_key);
	__type(value, struct flow_stats);
} stats SEC(".maps");

const volatile __u8 protocol_filter = 0;

static __always_inline void read_ports(void *data, void *end, struct flow_key *key)
{
	struct udphdr *ports = data;

	if (key->protocol != IPPROTO_TCP && key->protocol != IPPROTO_UDP)
		return;
	if ((void *)(ports + 1) > end)
		return;
	key->source_port = ports->source;
	key->destination_port = ports->dest;
}

static __always_inline void add(struct flow_key *key, __u64 length)
{
	struct flow_stats *seen;

	if (protocol_filter != 0 && protocol_filter != key->protocol)
		return;
	seen = bpf_map_lookup_elem(&stats, key);
	if (seen) {
		seen->packets += 1;
		seen->bytes += length;
	} else {
		struct flow_stats first = { .packets = 1, .bytes = length };

		bpf_map_update_elem(&stats, key, &first, BPF_ANY);
	}
}

static __always_inline void count_ipv4(void *data, void *end, __u64 length)
{
	struct iphdr *ip = data;
	struct flow_key key;

	if ((void *)(ip + 1) > end)
		return;
	__builtin_memset(&key, 0, sizeof(key));
	key.source[2] = bpf_htonl(0xffff);
	key.source[3] = ip->saddr;
	key.destination[2] = bpf_htonl(0xffff);
	key.destination[3] = ip->daddr;
	key.protocol = ip->protocol;
	if ((bpf_ntohs(ip->frag_off) & 0x1fff) == 0)
		read_ports(data + ip->ihl * 4, end, &key);
	add(&key, length);
}

static __always_inline void count_ipv6(void *data, void *end, __u64 length)
{
	struct ipv6hdr *ip = data;
	struct flow_key key;

	if ((void *)(ip + 1) > end)
		return;
	__builtin_memset(&key, 0, sizeof(key));
	__builtin_memcpy(key.source, &ip->saddr, sizeof(key.source));
	__builtin_memcpy(key.destination, &ip->daddr, sizeof(key.destination));
	key.protocol = ip->nexthdr;
	read_ports(data + sizeof(*ip), end, &key);
	add(&key, length);
}

SEC("xdp")
int count(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;
	__u64 length = end - data;
	struct ethhdr *eth = data;
	void *next = eth + 1;
	__be16 protocol;

	if (next > end)
		return XDP_PASS;
	protocol = eth->h_proto;
	if (protocol == bpf_htons(ETH_P_8021Q) || protocol == bpf_htons(ETH_P_8021AD)) {
		struct vlan_header *vlan = next;

		next = vlan + 1;
		if (next > end)
			return XDP_PASS;
		protocol = vlan->protocol;
	}
	if (protocol == bpf_htons(ETH_P_IP))
		count_ipv4(next, end, length);
	else if (protocol == bpf_htons(ETH_P_IPV6))
		count_ipv6(next, end, length);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
