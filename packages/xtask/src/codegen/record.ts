/** The records that tracepoints format for programs of the type "tracepoint": plain structs, laid out as C does. */
import type { BtfMember, BtfType, TypeId } from "@waggle/object";
import { propertyName } from "./names.js";
import type { Composite, Scope } from "./scope.js";
import { at, strip } from "./scope.js";
import { bytesText, capital, use, valueText } from "./type-text.js";

/** Bytes of `struct trace_entry`, which every record begins with. */
const COMMON_SIZE = 8;

/** `struct trace_event_raw_…` as an interface of the same layout. */
export function recordDeclaration(scope: Scope, name: string, type: Composite): string {
  const lines: string[] = [];
  let end = COMMON_SIZE;
  const pad = (to: number): void => {
    lines.push(`  readonly __pad${end}: ${bytesText(scope, to - end)};`);
    end = to;
  };
  let packed = false;
  for (const member of type.members) {
    const offset = member.bitOffset / 8;
    const { size, align } = measure(scope, member.type);
    // The common part is inherited, and what has no size (`__data`) is reached by offsets that the record holds.
    if (offset < COMMON_SIZE || size === 0) continue;
    if (offset % align !== 0) packed = true;
    const natural = Math.ceil(end / align) * align;
    if (offset > natural || (packed && offset > end)) pad(offset);
    const { text, note } = fieldText(scope, member, size, align);
    if (note !== null) lines.push(`  /** ${capital(note)}. */`);
    lines.push(`  readonly ${propertyName(member.name)}: ${text};`);
    end = offset + size;
  }
  const bases = [use(scope, "TracepointCommon"), ...(packed ? [use(scope, "Packed")] : [])];
  const body = lines.length === 0 ? "{}" : `{\n${lines.join("\n")}\n}`;
  return `/** ${type.size} bytes in ${scope.label}. */\nexport interface ${name} extends ${bases.join(", ")} ${body}\n`;
}

function fieldText(
  scope: Scope,
  member: BtfMember,
  size: number,
  align: number,
): { readonly text: string; readonly note: string | null } {
  const type = innermost(scope, member.type);
  if (type.kind !== "struct" && type.kind !== "union") return valueText(scope, member.type, "  ");
  // A struct of the kernel has no layout of its own in TypeScript; the record needs one.
  const word = ({ 1: "u8", 2: "u16", 4: "u32", 8: "u64" } as const)[align] ?? "u8";
  const text = `${use(scope, "FixedArray")}<${use(scope, word)}, ${size / align}>`;
  return { text, note: `\`${type.kind} ${type.name}\`` };
}

function innermost(scope: Scope, id: TypeId): BtfType {
  const { type } = strip(scope, id);
  return type.kind === "array" ? innermost(scope, type.type) : type;
}

/** Size and alignment of a type in bytes on a 64-bit kernel. */
function measure(scope: Scope, id: TypeId): { readonly size: number; readonly align: number } {
  const { type } = strip(scope, id);
  switch (type.kind) {
    case "array": {
      const element = measure(scope, type.type);
      return { size: element.size * type.length, align: element.align };
    }
    case "pointer":
      return { size: 8, align: 8 };
    case "struct":
    case "union": {
      const aligns = type.members.map((member) => measure(scope, member.type).align);
      const fits = type.members.every((member, index) => (member.bitOffset / 8) % (aligns[index] ?? 1) === 0);
      return { size: type.size, align: fits ? Math.max(1, ...aligns) : 1 };
    }
    case "int":
    case "enum":
    case "enum64":
    case "float":
      return { size: type.size, align: Math.min(type.size, 16) };
    default:
      return { size: 0, align: 1 };
  }
}

/** The struct of an event class, when it has the common part; null otherwise. */
export function recordStruct(scope: Scope, className: string): Composite | null {
  const ids = scope.byName.get(`trace_event_raw_${className}`) ?? [];
  for (const id of ids) {
    const type = at(scope, id);
    if (type.kind !== "struct") continue;
    const [first] = type.members;
    if (first !== undefined && first.bitOffset === 0 && measure(scope, first.type).size === COMMON_SIZE)
      return type;
  }
  return null;
}
