import type { ParsedBtf } from "./parse.js";
import { parseBtfOn } from "./parse.js";

/**
 * Reads the BTF of a kernel module, /sys/kernel/btf/NAME, which goes on where `base`, that of the kernel, ends: its types
 * have the ids behind those of the base and its strings the offsets behind the base's strings (Documentation/bpf/btf.rst,
 * `btf_parse_module` of kernel/bpf/btf.c). The result has the types of both, the base's first.
 *
 * @throws ObjectError "bad-btf", also when the byte orders differ or the module was built for another base
 */
export function parseSplitBtf(bytes: Uint8Array, base: ParsedBtf): ParsedBtf {
  return parseBtfOn(bytes, base);
}
