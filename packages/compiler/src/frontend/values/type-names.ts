/** Names of types in memory: in symbols and BTF, and in messages. */

import { createHash } from "node:crypto";
import type { DataType } from "../../types/data-type.js";

/** The longest piece of a symbol's name: the kernel's names end at 127 characters (KSYM_NAME_LEN before 6.1). */
const longestName = 48;

/** A piece of a name that the kernel takes: `u32`, `Pair_u32`, `u8x6`, `text16`. */
export function symbolicName(type: DataType): string {
  const name = nameOfType(type).replace(/\W/g, "_");
  if (name.length <= longestName) return name;
  return `${name.slice(0, longestName - 9)}_${createHash("sha256").update(name).digest("hex").slice(0, 8)}`;
}

function nameOfType(type: DataType): string {
  switch (type.kind) {
    case "int":
      return type.name.replace(/^__/, "");
    case "pointer":
      return "pointer";
    case "array":
      return type.text ? `text${type.length}` : `${nameOfType(type.element)}x${type.length}`;
    case "struct":
    case "enum":
      return type.name;
  }
}

/** As the source calls it: `u32`, `FixedArray<u8, 6>`. */
export function readableName(type: DataType): string {
  switch (type.kind) {
    case "int":
      return type.name === "bool" ? "boolean" : type.name.replace(/^__/, "");
    case "pointer":
      return "pointer";
    case "array":
      return type.text
        ? `CString<${type.length}>`
        : `FixedArray<${readableName(type.element)}, ${type.length}>`;
    case "struct":
    case "enum":
      return type.name;
  }
}
