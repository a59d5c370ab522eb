/** Declarations of the kernel's structs, unions and enums. */
import type { BtfType, TypeId } from "@waggle/object";
import { propertyName } from "./names.js";
import type { Composite, Scope } from "./scope.js";
import { entityName, kernelName, strip } from "./scope.js";
import { memberLines, use } from "./type-text.js";

/** All of a struct, union or enum. */
export function fullDeclaration(scope: Scope, entity: TypeId): string {
  const { type } = strip(scope, entity);
  const name = entityName(scope, entity);
  const head = `/** ${size(type)} in ${scope.label}. */`;
  if (type.kind === "enum") return `${head}\n${enumDeclaration(name, type)}`;
  if (type.kind === "enum64") {
    const integer = use(scope, type.signed ? "i64" : "u64");
    const values = type.values
      .map((member) => `  ${propertyName(member.name)}: ${member.value}n,\n`)
      .join("");
    return `${head}\nexport const ${name} = {\n${values}} as const;\n/** A value of \`${name}\`. */\nexport type ${name} = ${integer};\n`;
  }
  if (type.kind !== "struct" && type.kind !== "union") return "";
  const fields = scope.fields.get(entity) ?? null;
  const lines = memberLines(scope, type, "  ", fields);
  const base = baseText(scope, entity, type.kind);
  if (fields !== null) {
    const more = `more of it: xtask codegen --add ${kernelName(scope, entity)}.FIELD`;
    const part = `/** Fields of ${size(type)} in ${scope.label}; ${more} */`;
    return `${part}\nexport interface ${name} extends ${base} {\n${lines.join("\n")}\n}\n`;
  }
  if (lines.length === 0) return `${head}\nexport interface ${name} extends ${base} {}\n`;
  return `${head}\nexport interface ${name} extends ${base} {\n${lines.join("\n")}\n}\n`;
}

function enumDeclaration(name: string, type: Extract<BtfType, { kind: "enum" }>): string {
  const values = type.values.map((member) => `  ${propertyName(member.name)} = ${member.value},\n`);
  return `export enum ${name} {\n${values.join("")}}\n`;
}

function size(type: BtfType): string {
  const bytes = "size" in type ? type.size : 0;
  return bytes === 1 ? "1 byte" : `${bytes} bytes`;
}

function baseText(scope: Scope, entity: TypeId, kind: Composite["kind"]): string {
  const base = use(scope, kind === "union" ? "KernelUnion" : "KernelStruct");
  return `${base}<${JSON.stringify(kernelName(scope, entity))}>`;
}

/** A struct or union that pointers lead to and that was not asked for: its name. */
export function opaqueDeclaration(scope: Scope, entity: TypeId): string {
  const { type } = strip(scope, entity);
  const isUnion = type.kind === "union" || (type.kind === "forward" && type.union);
  const name = kernelName(scope, entity);
  const how =
    type.kind === "forward" ? "Without fields in this BTF" : `Its fields: xtask codegen --add ${name}`;
  const base = baseText(scope, entity, isUnion ? "union" : "struct");
  return `/** ${how}. */\nexport interface ${entityName(scope, entity)} extends ${base} {}\n`;
}
