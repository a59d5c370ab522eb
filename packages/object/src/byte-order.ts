/** Byte order of an object: `bpfel` is "little", `bpfeb` is "big". */
export type ByteOrder = "little" | "big";

/** The byte order of the machine that this process runs on. */
export const hostByteOrder: ByteOrder =
  new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? "little" : "big";
