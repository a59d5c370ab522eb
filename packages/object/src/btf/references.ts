import type { BtfType, TypeId } from "./types.js";

/** Calls `visit` with each type id that `type` holds, in the order of the file format. */
export function forEachReference(type: BtfType, visit: (id: TypeId) => void): void {
  switch (type.kind) {
    case "pointer":
    case "typedef":
    case "volatile":
    case "const":
    case "restrict":
    case "function":
    case "variable":
    case "decl-tag":
    case "type-tag":
      visit(type.type);
      return;
    case "array":
      visit(type.type);
      visit(type.index);
      return;
    case "struct":
    case "union":
      for (const member of type.members) visit(member.type);
      return;
    case "function-proto":
      visit(type.returns);
      for (const param of type.params) visit(param.type);
      return;
    case "section":
      for (const variable of type.variables) visit(variable.type);
      return;
    default:
      return;
  }
}

/** Copies `type` with each type id replaced by `map(id)`. */
export function mapReferences(type: BtfType, map: (id: TypeId) => TypeId): BtfType {
  switch (type.kind) {
    case "pointer":
    case "typedef":
    case "volatile":
    case "const":
    case "restrict":
    case "function":
    case "variable":
    case "decl-tag":
    case "type-tag":
      return { ...type, type: map(type.type) };
    case "array":
      return { ...type, type: map(type.type), index: map(type.index) };
    case "struct":
    case "union":
      return { ...type, members: type.members.map((member) => ({ ...member, type: map(member.type) })) };
    case "function-proto":
      return {
        ...type,
        returns: map(type.returns),
        params: type.params.map((param) => ({ ...param, type: map(param.type) })),
      };
    case "section":
      return { ...type, variables: type.variables.map((entry) => ({ ...entry, type: map(entry.type) })) };
    default:
      return type;
  }
}

/** Everything of `type` but the types that it refers to: two types of one shape may differ only in those. */
export function shapeOf(type: BtfType): string {
  switch (type.kind) {
    case "void":
    case "pointer":
    case "volatile":
    case "const":
    case "restrict":
      return type.kind;
    case "int":
      return JSON.stringify([type.kind, type.name, type.size, type.bits, type.bitOffset, type.encoding]);
    case "array":
      return JSON.stringify([type.kind, type.length]);
    case "struct":
    case "union":
      return JSON.stringify([
        type.kind,
        type.name,
        type.size,
        type.members.map((member) => [member.name, member.bitOffset, member.bitSize]),
      ]);
    case "enum":
    case "enum64":
      return JSON.stringify([
        type.kind,
        type.name,
        type.size,
        type.signed,
        type.values.map((value) => [value.name, String(value.value)]),
      ]);
    case "forward":
      return JSON.stringify([type.kind, type.name, type.union]);
    case "typedef":
    case "type-tag":
      return JSON.stringify([type.kind, type.name]);
    case "function":
    case "variable":
      return JSON.stringify([type.kind, type.name, type.linkage]);
    case "function-proto":
      return JSON.stringify([type.kind, type.params.map((param) => param.name)]);
    case "section":
      return JSON.stringify([
        type.kind,
        type.name,
        type.size,
        type.variables.map((variable) => [variable.offset, variable.size]),
      ]);
    case "float":
      return JSON.stringify([type.kind, type.name, type.size]);
    case "decl-tag":
      return JSON.stringify([type.kind, type.name, type.component]);
  }
}
