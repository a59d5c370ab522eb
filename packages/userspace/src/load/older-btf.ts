import type { Btf, BtfType } from "@waggle/object";

const placeholder: BtfType = {
  kind: "int",
  name: "u8",
  size: 1,
  bits: 8,
  bitOffset: 0,
  encoding: "unsigned",
};

/**
 * The same BTF without the kinds that annotate: declaration tags (Linux 5.16) and type tags (5.17). Ids stay as they are. Nothing
 * refers to a declaration tag, so an integer can stand in its place; `const` says as little of a type as a tag does.
 * null when there are none of them.
 */
export function withoutTags(btf: Btf): Btf | null {
  const replaced = btf.types.map(withoutTag);
  return replaced.some((type, id) => type !== btf.types[id]) ? { types: replaced } : null;
}

function withoutTag(type: BtfType): BtfType {
  if (type.kind === "type-tag") return { kind: "const", type: type.type };
  return type.kind === "decl-tag" ? placeholder : type;
}
