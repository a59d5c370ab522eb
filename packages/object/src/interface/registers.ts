/**
 * Where the CPU's registers lie that a program of the form "registers" receives: `struct pt_regs`, whose start the kernel promises
 * (arch/x86/include/uapi/asm/ptrace.h; `struct user_pt_regs` of arch/arm64/include/uapi/asm/ptrace.h).
 */

/** Offsets of registers, 8 bytes each. */
export interface RegisterLayout {
  /** As Node names the processor. */
  readonly arch: "x64" | "arm64";
  /** Of a function's first arguments. */
  readonly arguments: readonly number[];
  /** Of a system call's arguments. */
  readonly systemCall: readonly number[];
  /** Of a function's result. */
  readonly result: number;
  /** Of the instruction pointer. */
  readonly ip: number;
  /** Of the stack pointer. */
  readonly sp: number;
  /** Bytes of all registers (`bpf_user_pt_regs_t`): what else a context has, comes then. */
  readonly size: number;
}

/** The field of `struct pt_regs` that only x64 has. */
export const X64_REGISTER = "di";

/** By processor. */
export const registerLayouts: Readonly<Record<RegisterLayout["arch"], RegisterLayout>> = {
  x64: {
    arch: "x64",
    arguments: [112, 104, 96, 88, 72, 64],
    systemCall: [112, 104, 96, 56, 72, 64],
    result: 80,
    ip: 128,
    sp: 152,
    size: 168,
  },
  arm64: {
    arch: "arm64",
    arguments: [0, 8, 16, 24, 32, 40],
    systemCall: [0, 8, 16, 24, 32, 40],
    result: 0,
    ip: 256,
    sp: 248,
    size: 272,
  },
};
