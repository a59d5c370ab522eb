// Runs in the guest: prints the types that test/core asks about, cut out of the running kernel's BTF, as one line of base64.
import { readFileSync } from "node:fs";
import { brotliCompressSync } from "node:zlib";
import { encodeBtf, findType, parseBtf } from "@waggle/object";
import { excerptBtf } from "../../../packages/xtask/src/codegen/excerpt.js";

const structs = [
  "task_struct",
  "mm_struct",
  "nsproxy",
  "uts_namespace",
  "sk_buff",
  "net_device",
  "sock",
  "file",
  "dentry",
];
const { btf } = parseBtf(readFileSync("/sys/kernel/btf/vmlinux"));
const roots = [
  ...structs.map((name) => findType(btf, "struct", name)),
  findType(btf, "enum", "bpf_func_id"),
  findType(btf, "enum", "pid_type"),
].filter((id) => id !== null);
const { btf: bytes } = encodeBtf(excerptBtf(btf, roots), null, "little");
console.log(`BTF ${brotliCompressSync(bytes).toString("base64")}`);
