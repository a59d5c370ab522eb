// Runs in the guest: what this kernel's verifier says of each program of rejections.ts. Prints a line of JSON for each:
// { name, errno, log }; errno is "" for a program that this kernel takes.
import { existsSync, readFileSync } from "node:fs";
import {
  BtfBuilder,
  type BtfType,
  encodeBtf,
  encodeInstructions,
  findType,
  hostByteOrder,
  parseBtf,
} from "@waggle/object";
import { Errno, errnoName } from "../../../packages/userspace/src/errors/errno.js";
import { extRecords } from "../../../packages/userspace/src/load/ext-records.js";
import { tryBpf } from "../../../packages/userspace/src/sys/bpf.js";
import { withLockedMemory } from "../../../packages/userspace/src/sys/memlock.js";
import { NativeMemory, textMemory } from "../../../packages/userspace/src/sys/memory.js";
import { close } from "../../../packages/userspace/src/sys/system-calls.js";
import { BpfCommand } from "../../../packages/userspace/src/sys/uapi.js";
import {
  kernelFunctions,
  type MapShape,
  type Rejection,
  rejections,
} from "../../../packages/userspace/src/verifier/fixtures/rejections.js";

const XDP = 6;
const file = "/sys/kernel/btf/vmlinux";
const kernel = existsSync(file) ? parseBtf(readFileSync(file)).btf : null;
const idOf = (kind: BtfType["kind"], name: string): number =>
  kernel === null ? 0 : (findType(kernel, kind, name) ?? 0);

function makeMap([type, keySize, valueSize, entries, flags = 0]: MapShape): number {
  const attribute = new NativeMemory(72);
  for (const [i, value] of [type, keySize, valueSize, entries, flags].entries())
    attribute.setU32(i * 4, value);
  const fd = tryBpf(BpfCommand.MapCreate, attribute);
  if (fd >= 0 && (flags & 128) !== 0) {
    const freeze = new NativeMemory(4);
    freeze.setU32(0, fd);
    tryBpf(BpfCommand.MapFreeze, freeze);
  }
  return fd;
}

/** BTF with the program's functions, in the kernel, and its records. */
function describe(one: Rejection) {
  if (one.functions === undefined) return null;
  const builder = new BtfBuilder();
  const number = builder.add({
    kind: "int",
    name: "int",
    size: 4,
    bits: 32,
    bitOffset: 0,
    encoding: "signed",
  });
  const long = builder.add({
    kind: "int",
    name: "long",
    size: 8,
    bits: 64,
    bitOffset: 0,
    encoding: "signed",
  });
  const pointer = builder.add({ kind: "pointer", type: long });
  const proto = builder.add({
    kind: "function-proto",
    returns: number,
    params: [{ name: "ctx", type: pointer }],
  });
  const functions = one.functions.map(({ at, name, linkage }) => ({
    section: "p",
    offset: at * 8,
    type: builder.add({ kind: "function", name, type: proto, linkage }),
  }));
  const lines = (one.lines ?? []).map((at) => ({
    section: "p",
    offset: at * 8,
    file: "src/kernel/sample.ts",
    source: `  const value${at} = 0;`,
    line: 10 + at,
    column: 3,
  }));
  const encoded = encodeBtf(builder.build(), { relocations: [], functions, lines }, hostByteOrder);
  if (encoded.ext === null) return null;
  const records = extRecords(encoded.btf, encoded.ext, hostByteOrder);
  const bytes = NativeMemory.from(encoded.btf);
  const attribute = new NativeMemory(28);
  attribute.setPointer(0, bytes);
  attribute.setU32(16, bytes.size);
  return {
    fd: tryBpf(BpfCommand.BtfLoad, attribute),
    functions: records.functions.get("p"),
    lines: records.lines.get("p"),
  };
}

function load(one: Rejection): { errno: string; log: string } {
  const maps = (one.maps ?? []).map(makeMap);
  const code = one.code.map((instruction) => {
    if (instruction.opcode === 0x18 && (instruction.src === 1 || instruction.src === 2)) {
      return { ...instruction, imm: maps[instruction.imm] ?? instruction.imm };
    }
    const named =
      instruction.opcode === 0x85 && instruction.src === 2 ? kernelFunctions[instruction.imm] : undefined;
    return named === undefined ? instruction : { ...instruction, imm: idOf("function", named) };
  });
  const bytes = NativeMemory.from(encodeInstructions(code, hostByteOrder));
  const license = textMemory(one.license ?? "GPL");
  const log = new NativeMemory(16 * 1024 * 1024 - 1);
  const described = describe(one);
  const attribute = new NativeMemory(120);
  attribute.setU32(0, one.type ?? XDP);
  attribute.setU32(4, code.length);
  attribute.setPointer(8, bytes);
  attribute.setPointer(16, license);
  attribute.setU32(24, 1);
  attribute.setU32(28, log.size);
  attribute.setPointer(32, log);
  attribute.setU32(44, one.flags ?? 0);
  attribute.setU32(68, one.attach ?? ((one.type ?? XDP) === XDP ? 37 : 0));
  const records =
    described === null
      ? []
      : [described.functions, described.lines].map((each) => each && NativeMemory.from(each.bytes));
  if (described !== null) {
    attribute.setU32(72, described.fd);
    [described.functions, described.lines].forEach((each, i) => {
      const at = 76 + i * 16;
      const memory = records[i];
      if (each === undefined || memory === undefined) return;
      attribute.setU32(at, each.size);
      attribute.setPointer(at + 4, memory);
      attribute.setU32(at + 12, each.count);
    });
  }
  attribute.setU32(108, one.target === undefined ? 0 : idOf(one.target.kind, one.target.name));
  let fd = withLockedMemory(() => tryBpf(BpfCommand.ProgramLoad, attribute));
  if (fd === -Errno.ENOSPC && !/^BPF program is too large/m.test(log.text())) {
    // As the loader does it: the verdict alone, of a log that no buffer holds.
    attribute.setU32(24, 4);
    fd = tryBpf(BpfCommand.ProgramLoad, attribute);
  }
  if (fd >= 0) close(fd);
  for (const each of maps) if (each >= 0) close(each);
  return { errno: fd < 0 ? errnoName(-fd) : "", log: log.text() };
}

for (const one of rejections) {
  const { errno, log } = load(one);
  // Only the ends of a log that goes through a loop thousands of times.
  const lines = log.split("\n");
  const short = lines.length <= 90 ? lines : [...lines.slice(0, 30), "[…]", ...lines.slice(-40)];
  console.log(JSON.stringify({ name: one.name, errno, log: short.join("\n") }));
}
