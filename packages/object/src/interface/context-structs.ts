/**
 * Contexts that are structs of linux/bpf.h. What a program reads of one the verifier rewrites into reads of the kernel's own structs, so each
 * field is accessed at its offset and width. Which fields a kind of program may read or write, its context in @waggle/kernel says.
 */

/** A field of a context. */
export interface ContextField {
  /** In the kernel's struct, e.g. "remote_ip4". */
  readonly name: string;
  /** In @waggle/kernel, e.g. "remoteIp4". */
  readonly title: string;
  /** Bytes from the start of the struct. */
  readonly offset: number;
  /** The number that it is: "u32", "be16", …; of an array, each element. */
  readonly type: ContextNumber;
  /** Bytes that it takes, or an element does: 4 of a "be16" that is kept in a `__u32`. */
  readonly width: 1 | 2 | 4 | 8;
  /** Elements of an array; 1 of a number. */
  readonly length: number;
  /** What it is the address of; null for a number. */
  readonly pointer: ContextPointer | null;
}

export type ContextNumber = "u8" | "u16" | "u32" | "u64" | "i32" | "be16" | "be32";
/**
 * "data", "data-end", "data-meta": where the packet, or other memory with bounds, begins and ends, and what lies before it.
 * "sock", "flow-keys": a struct `bpf_sock` or `bpf_flow_keys`.
 */
export type ContextPointer = "data" | "data-end" | "data-meta" | "sock" | "flow-keys";

/** A context's struct. */
export interface ContextStruct {
  /** Of linux/bpf.h, e.g. "__sk_buff". */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  readonly fields: readonly ContextField[];
}

/**
 * Fields in order, `name` or `name:type`; a u32 where nothing is said. `type/4` is kept in 4 bytes, `type[n]` an array, `*` a pointer of 8
 * bytes, `^` one of 4; `=title` after it another title; `_` is room. `@name` begins where that field does, as members of unions do.
 */
const layouts: Readonly<Record<string, string>> = {
  xdp_md: "data:^data data_end:^data-end data_meta:^data-meta ingress_ifindex rx_queue_index egress_ifindex",
  __sk_buff: `len=length pkt_type=packetType mark queue_mapping protocol:be16/4 vlan_present vlan_tci vlan_proto:be16/4 priority
    ingress_ifindex ifindex tc_index cb:u32[5] hash tc_classid data:^data data_end:^data-end napi_id family
    remote_ip4:be32 local_ip4:be32 remote_ip6:be32[4] local_ip6:be32[4] remote_port:be32 local_port
    data_meta:^data-meta flow_keys:*flow-keys tstamp:u64 wire_len=wireLength gso_segs sk:*sock gso_size
    tstamp_type:u8 _:u8[3] hwtstamp:u64`,
  bpf_sock: `bound_dev_if family type protocol mark priority src_ip4:be32=localIp4 src_ip6:be32[4]=localIp6 src_port=localPort
    dst_port:be16=remotePort _:u16 dst_ip4:be32=remoteIp4 dst_ip6:be32[4]=remoteIp6 state rx_queue_mapping:i32`,
  bpf_sock_addr: `user_family user_ip4:be32 user_ip6:be32[4] user_port:be16/4 family type protocol
    msg_src_ip4:be32 msg_src_ip6:be32[4] sk:*sock`,
  bpf_sock_ops: `op args:u32[4] family remote_ip4:be32 local_ip4:be32 remote_ip6:be32[4] local_ip6:be32[4] remote_port:be32 local_port
    is_fullsock snd_cwnd srtt_us bpf_sock_ops_cb_flags=callbackFlags state rtt_min snd_ssthresh rcv_nxt snd_nxt snd_una
    mss_cache ecn_flags rate_delivered rate_interval_us packets_out retrans_out total_retrans segs_in data_segs_in
    segs_out data_segs_out lost_out sacked_out sk_txhash bytes_received:u64 bytes_acked:u64 sk:*sock
    skb_data:*data skb_data_end:*data-end skb_len skb_tcp_flags skb_hwtstamp:u64 reply@args replylong:u32[4]@args=replyLong`,
  sk_msg_md: `data:*data data_end:*data-end family remote_ip4:be32 local_ip4:be32 remote_ip6:be32[4] local_ip6:be32[4]
    remote_port:be32 local_port size sk:*sock`,
  bpf_sk_lookup: `sk:*sock family protocol remote_ip4:be32 remote_ip6:be32[4] remote_port:be16 _:u16
    local_ip4:be32 local_ip6:be32[4] local_port ingress_ifindex cookie:u64@sk`,
  sk_reuseport_md: `data:*data data_end:*data-end len=length eth_protocol:be16/4 ip_protocol bind_inany hash sk:*sock
    migrating_sk:*sock`,
  bpf_flow_keys: `nhoff:u16 thoff:u16 addr_proto:u16 is_frag:u8 is_first_frag:u8 is_encap:u8 ip_proto:u8 n_proto:be16
    sport:be16 dport:be16 ipv4_src:be32 ipv4_dst:be32 ipv6_src:be32[4]@ipv4_src ipv6_dst:be32[4] flags flow_label:be32`,
  bpf_tcp_sock: `snd_cwnd srtt_us rtt_min snd_ssthresh rcv_nxt snd_nxt snd_una mss_cache ecn_flags rate_delivered
    rate_interval_us packets_out retrans_out total_retrans segs_in data_segs_in segs_out data_segs_out lost_out sacked_out
    bytes_received:u64 bytes_acked:u64 dsack_dups delivered delivered_ce icsk_retransmits`,
  bpf_sysctl: "write file_pos",
  bpf_sockopt: `sk:*sock optval:*data optval_end:*data-end level:i32 optname:i32 optlen:i32 retval:i32`,
  bpf_cgroup_dev_ctx: "access_type major minor",
  // The kernel has no struct for it: the context is the address of a u32 (net/rc, drivers/media/rc/bpf-lirc.c).
  lirc_sample: "sample",
};

/** `rxQueueIndex` of `rx_queue_index`. */
const titleOf = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

const widths: Readonly<Record<ContextNumber, 1 | 2 | 4 | 8>> = {
  u8: 1,
  u16: 2,
  u32: 4,
  u64: 8,
  i32: 4,
  be16: 2,
  be32: 4,
};

const word =
  /^(?<name>\w+)(?::(?<star>[*^])?(?<type>[\w-]+)(?:\/(?<room>\d))?(?:\[(?<length>\d+)\])?)?(?:@(?<at>\w+))?(?:=(?<title>\w+))?$/;

function fieldsOf(text: string): ContextField[] {
  const fields: ContextField[] = [];
  let end = 0;
  for (const item of text.trim().split(/\s+/)) {
    const parts = word.exec(item)?.groups;
    if (parts?.name === undefined) throw new Error(`the context's field ${item} cannot be read`);
    const { name, star, room, at } = parts;
    const pointer = star === undefined ? null : (parts.type as ContextPointer);
    const type = star === "*" ? "u64" : star === "^" ? "u32" : ((parts.type ?? "u32") as ContextNumber);
    const width = room === undefined ? widths[type] : (Number(room) as 4);
    const length = Number(parts.length ?? 1);
    const union = fields.find((field) => field.name === at);
    const offset = union?.offset ?? Math.ceil(end / width) * width;
    fields.push({ name, title: parts.title ?? titleOf(name), offset, type, width, length, pointer });
    end = Math.max(end, offset + width * length);
  }
  return fields;
}

/** Every struct that is a context, or that one leads to. */
export const contextStructs: readonly ContextStruct[] = Object.entries(layouts).map(([name, text]) => {
  const fields = fieldsOf(text);
  const end = Math.max(...fields.map(({ offset, width, length }) => offset + width * length));
  const align = Math.max(...fields.map(({ width }) => width));
  const named = fields.filter((field) => field.name !== "_");
  return { name, size: Math.ceil(end / align) * align, fields: named };
});

const byName = new Map(contextStructs.map((row) => [row.name, row]));

/** The struct of a name, e.g. "xdp_md"; null when there is none. */
export function contextStructByName(name: string): ContextStruct | null {
  return byName.get(name) ?? null;
}
