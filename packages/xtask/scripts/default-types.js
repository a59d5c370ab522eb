/**
 * Makes data/linux-VERSION.btf.br, the types that `xtask codegen` uses where there is no kernel's BTF:
 * `node packages/xtask/scripts/default-types.js VERSION [FILE]`, FILE being a kernel's BTF (default: the running kernel's).
 * data/names.txt says what goes in; what that kernel does not have is told and left out.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";
import { encodeBtf, parseBtf } from "@waggle/object";
import { excerptBtf, rootsOf } from "../dist/codegen/excerpt.js";
import { parseRequest } from "../dist/codegen/request.js";

const [version, file = "/sys/kernel/btf/vmlinux"] = process.argv.slice(2);
if (version === undefined) throw new Error("usage: default-types.js VERSION [FILE]");
const data = new URL("../data/", import.meta.url);
const names = readFileSync(new URL("names.txt", data), "utf8")
  .split("\n")
  .map((line) => line.replace(/#.*/, "").trim())
  .filter((line) => line !== "");
const { btf } = parseBtf(readFileSync(file));
const roots = names.flatMap((name) => {
  const request = parseRequest(name);
  if (typeof request === "string") throw new Error(request);
  const ids = rootsOf(btf, request);
  if (ids.length === 0) console.error(`left out: ${name}`);
  return ids;
});
const bytes = encodeBtf(excerptBtf(btf, roots), null, "little").btf;
const packed = brotliCompressSync(bytes, {
  params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 22 },
});
const target = new URL(`linux-${version}.btf.br`, data);
writeFileSync(target, packed);
console.log(`${fileURLToPath(target)}: ${packed.length} bytes, ${bytes.length} unpacked`);
