import { valueCodec } from "../btf/codec.js";
import { skipModifiers, typeAt } from "../btf/layout.js";
import type { Btf, TypeId } from "../btf/types.js";
import { ObjectError } from "../errors.js";
import { nearest } from "../nearest.js";
import type { DataSectionSpec, DataVariable, MapSpec, ObjectSpec, ProgramSpec } from "./types.js";

/** Ends the name of the counter that compiled programs keep for a ring buffer: `<map>__lost`, a u64 in `.bss`. */
export const lostSuffix = "__lost";

/**
 * What a constant that the loader finds out is about: an option of the kernel's build, the address of one of its symbols, whether it has a
 * function that programs call.
 */
export type KernelFactKind = "kconfig" | "ksym" | "kfunc";

/** The name of the constant: `__kconfig__CONFIG_HZ`. */
export const kernelFactName = (kind: KernelFactKind, about: string): string => `__${kind}__${about}`;

/** What a constant of the object is about; null for a variable that is none such. */
export function kernelFactOf(name: string): { readonly kind: KernelFactKind; readonly about: string } | null {
  const match = /^__(kconfig|ksym|kfunc)__(\w+)$/.exec(name);
  if (match === null) return null;
  return { kind: match[1] as KernelFactKind, about: match[2] ?? "" };
}

/** Whether a variable is one of the source's, for user space to read and set. */
export const isUserVariable = ({ name, isPrivate }: DataVariable): boolean =>
  isPrivate !== true && !name.endsWith(lostSuffix) && kernelFactOf(name) === null;

/** A variable that can be set before the program is loaded. */
interface Setting {
  readonly variable: DataVariable;
  readonly data: DataSectionSpec;
}

/**
 * A copy of a spec with variables of its data sections set: `@config` fields, and other globals by their names. Values
 * are as `valueCodec` takes them. The spec itself stays as it is.
 * @throws ObjectError "bad-value" for a name that the object does not have, with the nearest one, for a name that several
 * sections have, and for a value that does not fit its type
 */
export function withConfig(spec: ObjectSpec, values: Readonly<Record<string, unknown>>): ObjectSpec {
  const settings = settingsByName(spec);
  const changed = new Map<DataSectionSpec, Uint8Array>();
  for (const [name, value] of Object.entries(values)) {
    const { variable, data } = findSetting(settings, name);
    const bytes = withRoom(changed.get(data) ?? data.initial.slice(), variable.offset + variable.size);
    changed.set(data, bytes);
    encodeVariable(spec, variable, bytes, value);
  }
  const maps = spec.maps.map((map): MapSpec => {
    const initial = map.data === null ? undefined : changed.get(map.data);
    return map.data === null || initial === undefined ? map : { ...map, data: { ...map.data, initial } };
  });
  return { ...spec, maps };
}

/** The type of a constant that the loader finds out. */
export type KernelFactType = "boolean" | "number" | "bigint" | "text";

/**
 * A copy of a spec with what `answer` says of the running kernel in the constants that ask for it, as far as `programs` read them. A value
 * is as `valueCodec` takes it.
 * @throws ObjectError "bad-value" for one that does not fit
 */
export function withKernelFacts(
  spec: ObjectSpec,
  answer: (kind: KernelFactKind, about: string, type: KernelFactType) => boolean | number | bigint | string,
  programs: readonly ProgramSpec[] = spec.programs,
): ObjectSpec {
  const { btf } = spec;
  if (btf === null) return spec;
  const maps = spec.maps.map((map): MapSpec => {
    const { data } = map;
    const asked = (data?.variables ?? []).flatMap((variable) => {
      const fact = kernelFactOf(variable.name);
      return fact !== null && isRead(programs, map.name, variable) ? [{ variable, fact }] : [];
    });
    if (data === null || asked.length === 0) return map;
    const end = Math.max(...asked.map(({ variable: { offset, size } }) => offset + size));
    const initial = withRoom(data.initial.slice(), end);
    for (const { variable, fact } of asked)
      encodeVariable(spec, variable, initial, answer(fact.kind, fact.about, factType(btf, variable.type)));
    return { ...map, data: { ...data, initial } };
  });
  return { ...spec, maps };
}

/** The bytes, with zeroes behind them up to an end. */
function withRoom(bytes: Uint8Array, end: number): Uint8Array {
  if (end <= bytes.length) return bytes;
  const longer = new Uint8Array(end);
  longer.set(bytes);
  return longer;
}

function isRead(programs: readonly ProgramSpec[], section: string, { offset, size }: DataVariable): boolean {
  return programs.some(({ references }) =>
    references.some(
      ({ map, valueOffset }) =>
        map === section && valueOffset !== null && valueOffset >= offset && valueOffset < offset + size,
    ),
  );
}

function factType(btf: Btf, id: TypeId): KernelFactType {
  const type = typeAt(btf, skipModifiers(btf, id));
  if (type.kind === "variable") return factType(btf, type.type);
  if (type.kind === "array") return "text";
  if (type.kind === "int" && type.encoding === "bool") return "boolean";
  return type.kind === "int" && type.size < 8 ? "number" : "bigint";
}

function settingsByName(spec: ObjectSpec): ReadonlyMap<string, readonly Setting[]> {
  const byName = new Map<string, Setting[]>();
  for (const { data } of spec.maps) {
    if (data === null) continue;
    for (const variable of data.variables.filter(isUserVariable)) {
      byName.set(variable.name, [...(byName.get(variable.name) ?? []), { variable, data }]);
    }
  }
  return byName;
}

function findSetting(settings: ReadonlyMap<string, readonly Setting[]>, name: string): Setting {
  const found = settings.get(name) ?? [];
  const [first] = found;
  if (first !== undefined && found.length === 1) return first;
  const names = [...settings.keys()];
  if (found.length > 1) {
    const sections = found.map(({ data }) => data.section).join(" and ");
    throw new ObjectError("bad-value", `config ${name}: several variables have this name, in ${sections}`, {
      name,
    });
  }
  const close = nearest(name, names);
  const known = names.length === 0 ? "it has none" : `it has ${names.slice(0, 20).join(", ")}`;
  const hint = close === null ? known : `did you mean ${close}?`;
  throw new ObjectError("bad-value", `config ${name}: the object has no variable of this name; ${hint}`, {
    name,
  });
}

function encodeVariable(spec: ObjectSpec, variable: DataVariable, bytes: Uint8Array, value: unknown): void {
  const { name, type, offset, size } = variable;
  const fail: (problem: string) => never = (problem) => {
    throw new ObjectError("bad-value", `config ${name}: ${problem}`, { name });
  };
  if (spec.btf === null) fail("the object has no BTF, so that the variable's type is not known");
  const codec = valueCodec(spec.btf, type, spec.byteOrder, name);
  if (codec.size > size) fail(`its type has ${codec.size} bytes, but the variable ${size}`);
  codec.encode(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset, value);
}
