const ethernetBytes = 14;

/** An Ethernet frame with an IPv4 header of the given protocol (RFC 791) and `payload` zero bytes. */
export function ipv4Packet(protocol: number, payload: number): Uint8Array {
  const packet = new Uint8Array(ethernetBytes + 20 + payload);
  const view = new DataView(packet.buffer);
  view.setUint16(12, 0x0800);
  view.setUint8(ethernetBytes, 0x45);
  view.setUint16(ethernetBytes + 2, 20 + payload);
  view.setUint8(ethernetBytes + 9, protocol);
  return packet;
}
