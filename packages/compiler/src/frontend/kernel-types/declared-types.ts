/** From declarations of the kernel's types in TypeScript to the members that a class uses of them. */
import ts from "#typescript";
import { reject } from "../rejections/rejection.js";
import type { ClassState } from "../state.js";
import { bitsOf } from "../values/layout-forms.js";
import { phantomOf, phantomText } from "../values/phantoms.js";
import {
  type LocalEnum,
  type LocalMember,
  type LocalStruct,
  type LocalType,
  localEnum,
  localStruct,
} from "./local-types.js";

/** The kernel's types that a class uses. */
export interface KernelTypes {
  readonly structs: Map<ts.Type, LocalStruct>;
  readonly enums: Map<ts.Symbol, LocalEnum>;
  /** Those that the compiler itself asks about, by name. */
  readonly own: Map<string, LocalStruct>;
}

/** What of a type is the declaration of a kernel type: of `KernelPtr<task_struct>` the `task_struct`. Null when nothing is. */
function declarationOf(owner: ClassState, type: ts.Type, node: ts.Node): ts.Type | null {
  if (phantomOf(owner.checker, type, "KERNEL", node) === null) return null;
  if (!type.isIntersection()) return type;
  return type.types.map((part) => declarationOf(owner, part, node)).find((part) => part !== null) ?? null;
}

/** The kernel type that a type of TypeScript declares or points to; null when it is none. */
export function kernelStruct(owner: ClassState, type: ts.Type, node: ts.Node): LocalStruct | null {
  const declaration = declarationOf(owner, type, node);
  return declaration === null ? null : structOf(owner, declaration, node);
}

function structOf(owner: ClassState, type: ts.Type, node: ts.Node): LocalStruct {
  const known = owner.kernelTypes.structs.get(type);
  if (known !== undefined) return known;
  const hasMark = phantomOf(owner.checker, type, "KERNEL", node) !== null;
  const name = hasMark ? phantomText(owner.checker, type, "KERNEL", node) : "";
  if (name === null)
    return reject(node, "WG2005", "the kernel type has no name", 'write extends KernelStruct<"task_struct">');
  const isUnion = ["KERNEL_UNION", "UNION"].some((key) => phantomOf(owner.checker, type, key, node) !== null);
  const made = localStruct(name, isUnion);
  owner.kernelTypes.structs.set(type, made);
  return made;
}

/** The index of a member, declared in the object from now on, and its type. */
export function memberOf(
  owner: ClassState,
  struct: LocalStruct,
  name: string,
  node: ts.Node,
): { readonly index: number; readonly type: LocalType } {
  const index = struct.members.findIndex((member) => member.name === name);
  const known = struct.members[index];
  if (known !== undefined) return { index, type: known.type };
  const declaration = [...owner.kernelTypes.structs].find(([, made]) => made === struct)?.[0];
  const symbol = declaration === undefined ? undefined : owner.checker.getPropertyOfType(declaration, name);
  if (symbol === undefined)
    return reject(node, "WG1013", `${struct.name || "the struct"} declares no ${name}`);
  const classified = classify(owner, owner.checker.getTypeOfSymbol(symbol), `${struct.name}.${name}`, node);
  const isLast =
    declaration !== undefined && owner.checker.getPropertiesOfType(declaration).findLast(isField) === symbol;
  const type =
    classified.kind === "array" && isLast ? { ...classified, open: classified.length <= 1 } : classified;
  const member: LocalMember = { name, type };
  return { index: struct.members.push(member) - 1, type };
}

/** Whether a property is a field and not a mark of the type. */
const isField = ({ escapedName }: ts.Symbol): boolean => !String(escapedName).startsWith("__@");

/** `name` is what messages call the member. */
function classify(owner: ClassState, given: ts.Type, name: string, node: ts.Node): LocalType {
  const { checker } = owner;
  const type = checker.getNonNullableType(given);
  const has = (key: string): boolean => phantomOf(checker, type, key, node) !== null;
  if (has("POINTER")) {
    const isKernel = phantomText(checker, type, "POINTER", node) === "kernel";
    return { kind: "pointer", to: isKernel ? kernelStruct(owner, type, node) : null };
  }
  if (has("KERNEL")) return { kind: "struct", struct: structOf(owner, type, node) };
  const length = phantomOf(checker, type, "LENGTH", node);
  if (length?.isNumberLiteral() === true && !has("TEXT")) {
    const element = checker.getIndexTypeOfType(type, ts.IndexKind.Number);
    if (element === undefined) return reject(node, "WG2005", "the array has no element type");
    // The kernel's own arrays may have no elements. BTF holds lengths in 32 bits.
    if (!Number.isInteger(length.value) || length.value < 0 || length.value > 0xffff_ffff)
      return reject(
        node,
        "WG2005",
        `the length of ${name} is ${length.value}, which is no number of elements`,
        "write the number of elements: FixedArray<u8, 16>",
      );
    return {
      kind: "array",
      element: classify(owner, element, name, node),
      length: length.value,
      open: false,
    };
  }
  const bits = bitsOf(checker, type, () => owner.resolver.data(type, node), name, node);
  if (bits !== null) return { kind: "data", type: owner.resolver.data(type, node), bits };
  // A union that has a name as a field, and none as a type, is `Union & { … }`.
  const isAnonymous =
    has("UNION") ||
    ((type.flags & ts.TypeFlags.Object) !== 0 && type.symbol?.name === "__type" && !has("TEXT"));
  if (isAnonymous) return { kind: "struct", struct: structOf(owner, type, node) };
  return { kind: "data", type: owner.resolver.data(type, node), bits: null };
}

/** The enum that `typeof E` names, with a member declared in the object from now on. */
export function enumMember(
  owner: ClassState,
  type: ts.Type,
  member: string,
  node: ts.Node,
): { readonly root: LocalEnum; readonly index: number } {
  const { symbol } = type;
  const declared = symbol?.exports?.get(ts.escapeLeadingUnderscores(member))?.valueDeclaration;
  const value =
    declared !== undefined && ts.isEnumMember(declared)
      ? owner.checker.getConstantValue(declared)
      : undefined;
  if (symbol === undefined || typeof value !== "number")
    return reject(
      node,
      "WG2010",
      `${member} is not a member of an enum with numbers`,
      "name the enum: enumValue<typeof pid_type>(…)",
    );
  const root = owner.kernelTypes.enums.get(symbol) ?? localEnum(symbol.name);
  owner.kernelTypes.enums.set(symbol, root);
  const known = root.values.findIndex(({ name }) => name === member);
  if (known >= 0) return { root, index: known };
  return { root, index: root.values.push({ name: member, value: BigInt(value) }) - 1 };
}
