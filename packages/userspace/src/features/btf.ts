/** Which kinds of types the running kernel takes in BTF. */

import { existsSync } from "node:fs";
import { BtfBuilder, type BtfType, encodeBtf, hostByteOrder } from "@waggle/object";
import { Errno, errnoName } from "../errors/errno.js";
import { tryBpf } from "../sys/bpf.js";
import { withLockedMemory } from "../sys/memlock.js";
import { NativeMemory } from "../sys/memory.js";
import { close } from "../sys/system-calls.js";
import { BpfCommand } from "../sys/uapi.js";
import { no, once, type Support, unknown, yes } from "./support.js";

const int = { kind: "int", name: "int", size: 4, bits: 32, bitOffset: 0, encoding: "signed" } as const;

/** Adds what is asked about; the type 1 is an int. */
const samples: Readonly<Record<string, (builder: BtfBuilder) => void>> = {
  types: () => {},
  functions: (builder) => {
    const proto = builder.add({ kind: "function-proto", returns: 0, params: [{ name: "a", type: 1 }] });
    builder.add({ kind: "function", name: "f", type: proto, linkage: "static" });
  },
  "global-functions": (builder) => {
    const proto = builder.add({ kind: "function-proto", returns: 0, params: [{ name: "a", type: 1 }] });
    builder.add({ kind: "function", name: "f", type: proto, linkage: "global" });
  },
  variables: (builder) => {
    const type = builder.add({ kind: "variable", name: "v", type: 1, linkage: "static" });
    builder.add({ kind: "section", name: ".data", size: 4, variables: [{ type, offset: 0, size: 4 }] });
  },
  floats: (builder) => void builder.add({ kind: "float", name: "float", size: 4 }),
  "decl-tags": (builder) => {
    const type = builder.add({ kind: "variable", name: "v", type: 1, linkage: "static" });
    builder.add({ kind: "decl-tag", name: "tag", type, component: -1 });
  },
  "type-tags": (builder) => {
    const tag = builder.add({ kind: "type-tag", name: "tag", type: 1 } as Extract<
      BtfType,
      { kind: "type-tag" }
    >);
    builder.add({ kind: "pointer", type: tag });
  },
  enum64: (builder) =>
    void builder.add({
      kind: "enum64",
      name: "e",
      size: 8,
      signed: false,
      values: [{ name: "A", value: 1n << 40n }],
    }),
};

/** The features of BTF that can be asked about; "kernel" is the kernel's own, which CO-RE needs. */
export const btfFeatures: readonly string[] = ["kernel", ...Object.keys(samples)];

/** Whether the kernel has its own BTF, or takes a kind of type in that of objects. @param feature one of `btfFeatures` */
export const btfSupport: (feature: string) => Support = once((feature) => {
  if (feature === "kernel")
    return existsSync("/sys/kernel/btf/vmlinux")
      ? yes
      : no(
          "there is no /sys/kernel/btf/vmlinux: the kernel is older than 5.4, or built without CONFIG_DEBUG_INFO_BTF",
        );
  const add = samples[feature];
  if (add === undefined) throw new TypeError(`there is no BTF feature ${feature}`);
  const builder = new BtfBuilder();
  builder.add(int);
  add(builder);
  const bytes = NativeMemory.from(encodeBtf(builder.build(), null, hostByteOrder).btf);
  const attribute = new NativeMemory(28);
  attribute.setPointer(0, bytes);
  attribute.setU32(16, bytes.size);
  const fd = withLockedMemory(() => tryBpf(BpfCommand.BtfLoad, attribute));
  if (fd >= 0) {
    close(fd);
    return yes;
  }
  const name = `BPF_BTF_LOAD failed: ${errnoName(-fd)}`;
  return fd === -Errno.EPERM ? unknown(name) : no(name);
});
