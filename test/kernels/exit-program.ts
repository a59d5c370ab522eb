/** The guest's I/O port whose byte ends QEMU. */
export const EXIT_PORT = 0xf4;

// Debian's kernels have no /dev/port, and Node cannot execute `out`.
const code = [
  ...[0x48, 0x8b, 0x5c, 0x24, 0x10], // mov rbx, [rsp+16]  argv[1]
  ...[0xb8, 172, 0, 0, 0], //            mov eax, iopl
  ...[0xbf, 3, 0, 0, 0], //              mov edi, 3
  ...[0x0f, 0x05], //                    syscall
  ...[0x8a, 0x03], //                    mov al, [rbx]
  ...[0xba, EXIT_PORT, 0, 0, 0], //      mov edx, EXIT_PORT
  0xee, //                               out dx, al
  ...[0xb8, 60, 0, 0, 0], //             mov eax, exit
  ...[0xbf, 1, 0, 0, 0], //              mov edi, 1
  ...[0x0f, 0x05], //                    syscall
];

const ADDRESS = 0x400000n;
const FILE_HEADER_SIZE = 64;
const PROGRAM_HEADER_SIZE = 56;
const EM_X86_64 = 62;

/**
 * A static x86-64 program that writes the first byte of its argument to the port of QEMU's isa-debug-exit device, which
 * ends the machine. Where there is no such device it exits with status 1.
 */
export function exitProgram(): Uint8Array {
  const start = FILE_HEADER_SIZE + PROGRAM_HEADER_SIZE;
  const bytes = new Uint8Array(start + code.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]); // 64-bit, little-endian, version 1
  view.setUint16(16, 2, true); // an executable
  view.setUint16(18, EM_X86_64, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(24, ADDRESS + BigInt(start), true); // where it begins
  view.setBigUint64(32, BigInt(FILE_HEADER_SIZE), true); // where the program headers are
  view.setUint16(52, FILE_HEADER_SIZE, true);
  view.setUint16(54, PROGRAM_HEADER_SIZE, true);
  view.setUint16(56, 1, true); // program headers

  const segment = FILE_HEADER_SIZE;
  view.setUint32(segment, 1, true); // loaded
  view.setUint32(segment + 4, 5, true); // readable, executable
  view.setBigUint64(segment + 16, ADDRESS, true);
  view.setBigUint64(segment + 24, ADDRESS, true);
  view.setBigUint64(segment + 32, BigInt(bytes.length), true);
  view.setBigUint64(segment + 40, BigInt(bytes.length), true);
  view.setBigUint64(segment + 48, 0x1000n, true);
  bytes.set(code, start);
  return bytes;
}
