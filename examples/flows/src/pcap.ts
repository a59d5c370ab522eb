/** One captured packet, from its link-layer header on. */
export type Packet = Uint8Array;

const LITTLE_ENDIAN_MICROSECONDS = 0xa1b2c3d4;
const LITTLE_ENDIAN_NANOSECONDS = 0xa1b23c4d;
const ETHERNET = 1;
const FILE_HEADER_SIZE = 24;
const RECORD_HEADER_SIZE = 16;

/** The packets of a capture file in the classic pcap format, of an Ethernet link. Throws an Error that says what is wrong. */
export function readPcap(bytes: Uint8Array): Packet[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < FILE_HEADER_SIZE) throw new Error("not a pcap file: shorter than its 24-byte header");
  const isMagic = (magic: number) =>
    magic === LITTLE_ENDIAN_MICROSECONDS || magic === LITTLE_ENDIAN_NANOSECONDS;
  const little = isMagic(view.getUint32(0, true));
  if (!little && !isMagic(view.getUint32(0, false))) {
    throw new Error("not a pcap file (pcapng is another format: convert it with `editcap -F pcap`)");
  }
  const link = view.getUint32(20, little) & 0xffff;
  if (link !== ETHERNET) throw new Error(`a capture of link type ${link}; only Ethernet (1) is read`);

  const packets: Packet[] = [];
  for (let at = FILE_HEADER_SIZE; at < bytes.length; ) {
    if (at + RECORD_HEADER_SIZE > bytes.length) throw new Error(`the capture is cut short at byte ${at}`);
    const start = at + RECORD_HEADER_SIZE;
    const end = start + view.getUint32(at + 8, little);
    if (end > bytes.length) throw new Error(`the capture is cut short at byte ${at}`);
    packets.push(bytes.subarray(start, end));
    at = end;
  }
  return packets;
}
