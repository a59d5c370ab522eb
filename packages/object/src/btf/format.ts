import type { Btf, BtfType } from "./types.js";

/** The types as text, one line a type and one more for each part, as `bpftool btf dump file … format raw` prints them. */
export function formatBtf(btf: Btf): string {
  const lines: string[] = [];
  for (const [id, type] of btf.types.entries()) {
    if (type.kind !== "void") lines.push(`[${id}] ${formatType(btf, type)}`);
  }
  return lines.map((line) => `${line}\n`).join("");
}

const kindNames: Readonly<Record<BtfType["kind"], string>> = {
  void: "VOID",
  int: "INT",
  pointer: "PTR",
  array: "ARRAY",
  struct: "STRUCT",
  union: "UNION",
  enum: "ENUM",
  enum64: "ENUM64",
  forward: "FWD",
  typedef: "TYPEDEF",
  volatile: "VOLATILE",
  const: "CONST",
  restrict: "RESTRICT",
  function: "FUNC",
  "function-proto": "FUNC_PROTO",
  variable: "VAR",
  section: "DATASEC",
  float: "FLOAT",
  "decl-tag": "DECL_TAG",
  "type-tag": "TYPE_TAG",
};

const encodingNames = { unsigned: "(none)", signed: "SIGNED", char: "CHAR", bool: "BOOL" } as const;

function formatType(btf: Btf, type: BtfType): string {
  const head = `${kindNames[type.kind]} ${quote("name" in type ? type.name : "")}`;
  switch (type.kind) {
    case "void":
      return head;
    case "int":
      return `${head} size=${type.size} bits_offset=${type.bitOffset} nr_bits=${type.bits} encoding=${encodingNames[type.encoding]}`;
    case "pointer":
    case "typedef":
    case "volatile":
    case "const":
    case "restrict":
    case "type-tag":
      return `${head} type_id=${type.type}`;
    case "array":
      return `${head} type_id=${type.type} index_type_id=${type.index} nr_elems=${type.length}`;
    case "struct":
    case "union": {
      const members = type.members.map((member) => {
        const width = member.bitSize === 0 ? "" : ` bitfield_size=${member.bitSize}`;
        return `${quote(member.name)} type_id=${member.type} bits_offset=${member.bitOffset}${width}`;
      });
      return withParts(`${head} size=${type.size} vlen=${members.length}`, members);
    }
    case "enum":
    case "enum64": {
      const values = type.values.map(
        ({ name, value }) =>
          `${quote(name)} val=${value}${type.kind === "enum" ? "" : type.signed ? "LL" : "ULL"}`,
      );
      const encoding = type.signed ? "SIGNED" : "UNSIGNED";
      return withParts(`${head} encoding=${encoding} size=${type.size} vlen=${values.length}`, values);
    }
    case "forward":
      return `${head} fwd_kind=${type.union ? "union" : "struct"}`;
    case "function":
      return `${head} type_id=${type.type} linkage=${type.linkage}`;
    case "function-proto": {
      const params = type.params.map((param) => `${quote(param.name)} type_id=${param.type}`);
      return withParts(`${head} ret_type_id=${type.returns} vlen=${params.length}`, params);
    }
    case "variable":
      return `${head} type_id=${type.type}, linkage=${type.linkage}`;
    case "section": {
      const variables = type.variables.map((variable) => {
        const target = btf.types[variable.type];
        const name =
          target !== undefined && "name" in target
            ? ` (${kindNames[target.kind]} ${quote(target.name)})`
            : "";
        return `type_id=${variable.type} offset=${variable.offset} size=${variable.size}${name}`;
      });
      return withParts(`${head} size=${type.size} vlen=${variables.length}`, variables);
    }
    case "float":
      return `${head} size=${type.size}`;
    case "decl-tag":
      return `${head} type_id=${type.type} component_idx=${type.component}`;
  }
}

function withParts(head: string, parts: readonly string[]): string {
  return [head, ...parts.map((part) => `\t${part}`)].join("\n");
}

function quote(name: string): string {
  return `'${name || "(anon)"}'`;
}
