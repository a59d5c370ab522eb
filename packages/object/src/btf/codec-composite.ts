import { type Codec, Mismatch, show } from "./codec-mismatch.js";
import { type DecoderSource, generatedDecode, MAX_WRITTEN, propertySource } from "./codec-source.js";

/** A field of a struct or union. `name` is null for an anonymous struct or union, whose fields belong to the outer one. */
export interface FieldSource {
  readonly name: string | null;
  readonly offset: number;
  readonly codec: Codec;
}

type Fields = Readonly<Record<string, unknown>>;

function asFields(name: string, value: unknown): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) {
    throw new Mismatch(` must be an object (${name}), not ${show(value)}`);
  }
  return value as Fields;
}

/** Runs `encode` for a field and puts the field's name in front of the path of what it throws. */
function encodeField(field: FieldSource, view: DataView, offset: number, values: Fields): void {
  if (field.name === null) {
    field.codec.encode(view, offset + field.offset, values);
    return;
  }
  const value = values[field.name];
  if (value === undefined) throw new Mismatch(" is missing").at(field.name);
  try {
    field.codec.encode(view, offset + field.offset, value);
  } catch (error) {
    throw error instanceof Mismatch ? error.at(field.name) : error;
  }
}

export function structCodec(name: string, size: number, fields: readonly FieldSource[]): Codec {
  return {
    ...fieldsDecoder(fields),
    size,
    encode: (view, offset, value) => {
      const values = asFields(name, value);
      for (const field of fields) encodeField(field, view, offset, values);
    },
  };
}

export function unionCodec(name: string, size: number, fields: readonly FieldSource[]): Codec {
  // The widest goes last, so that what is outside of a narrow member is not lost.
  const bySize = [...fields].sort((a, b) => a.codec.size - b.codec.size);
  const isGiven = (field: FieldSource, values: Fields): boolean =>
    field.name === null
      ? (field.codec.embed?.names ?? []).some((inner) => values[inner] !== undefined)
      : values[field.name] !== undefined;
  return {
    ...fieldsDecoder(fields),
    size,
    encode: (view, offset, value) => {
      const values = asFields(name, value);
      const given = bySize.filter((field) => isGiven(field, values));
      if (given.length === 0 && fields.length > 0) {
        const names = fields.flatMap((field) => field.name ?? field.codec.embed?.names ?? []);
        throw new Mismatch(` needs one of the members of ${name}: ${names.join(", ")}`);
      }
      const whole = new Uint8Array(view.buffer, view.byteOffset + offset, size);
      for (const field of given) {
        const before = given.length > 1 ? whole.slice() : whole;
        whole.fill(0);
        encodeField(field, view, offset, values);
        if (before === whole) continue;
        // What a wide member leaves out (its padding) may still belong to another one.
        for (const [index, byte] of before.entries()) if (whole[index] === 0) whole[index] = byte;
      }
      if (given.length > 1) checkAgreement(given, view, offset, values, size);
    },
  };
}

/** Each member given to a union must read back as it was given; otherwise one has silently won over another. */
function checkAgreement(
  given: readonly FieldSource[],
  view: DataView,
  offset: number,
  values: Fields,
  size: number,
): void {
  for (const field of given) {
    const asked = new DataView(new ArrayBuffer(size));
    encodeField(field, asked, 0, values);
    const kept = new DataView(new ArrayBuffer(size));
    field.codec.encode(kept, field.offset, field.codec.decode(view, offset + field.offset));
    for (let index = 0; index < size; index++) {
      if (asked.getUint8(index) === kept.getUint8(index)) continue;
      const names = given
        .map((other) => other.name ?? other.codec.embed?.names.join("/") ?? "")
        .join(" and ");
      throw new Mismatch(
        `: the members ${names} share their bytes but differ in value; give only one of them`,
      );
    }
  }
}

/** Longest array whose elements are written out one by one in a decoder made as source. */
const MAX_UNROLLED = 16;

export function arrayCodec(name: string, element: Codec, length: number): Codec {
  const { size, encode } = element;
  const decode = length > MAX_UNROLLED ? generatedDecode(element) : element.decode;
  const written = 1 + length * (element.written ?? 1);
  const source = (text: DecoderSource, at: number): string =>
    `[${Array.from({ length }, (_, index) => text.value(element, at + index * size)).join(",")}]`;
  return {
    size: size * length,
    parts: 1 + element.parts * length,
    ...(length <= MAX_UNROLLED && written <= MAX_WRITTEN ? { source, written } : {}),
    decode: (view, offset) => {
      const values: unknown[] = new Array(length);
      for (let index = 0; index < length; index++) values[index] = decode(view, offset + index * size);
      return values;
    },
    encode: (view, offset, value) => {
      if (!Array.isArray(value) || value.length !== length) {
        throw new Mismatch(` must be an array of ${length} (${name}), not ${show(value)}`);
      }
      for (let index = 0; index < length; index++) {
        try {
          encode(view, offset + index * size, value[index]);
        } catch (error) {
          throw error instanceof Mismatch ? error.at(index) : error;
        }
      }
    },
  };
}

function fieldsDecoder(
  fields: readonly FieldSource[],
): Pick<Codec, "parts" | "decode" | "embed" | "source" | "written"> {
  const parts = fields.reduce((sum, field) => sum + field.codec.parts, 1);
  const written = fields.reduce((sum, field) => sum + (field.codec.written ?? 1), 1);
  const writable =
    written <= MAX_WRITTEN && fields.every(({ name, codec }) => name !== null || codec.source !== undefined);
  const source = (text: DecoderSource, at: number): string => `{${properties(text, at).join(",")}}`;
  const names = fields.flatMap((field) => field.name ?? field.codec.embed?.names ?? []);
  const decodeInto = (target: Record<string, unknown>, view: DataView, offset: number): void => {
    for (const field of fields) {
      const at = offset + field.offset;
      if (field.name === null) field.codec.embed?.decodeInto(target, view, at);
      else setField(target, field.name, field.codec.decode(view, at));
    }
  };
  const properties = (text: DecoderSource, at: number): readonly string[] =>
    fields.flatMap(({ name, offset, codec }) =>
      name === null
        ? (codec.embed?.properties(text, at + offset) ?? [])
        : propertySource(name, text.value(codec, at + offset)),
    );
  return {
    parts,
    decode: (view, offset) => {
      const target: Record<string, unknown> = {};
      decodeInto(target, view, offset);
      return target;
    },
    ...(writable ? { source, written } : {}),
    embed: { names, decodeInto, properties },
  };
}

/** A plain assignment, but for `__proto__`, which would set the prototype. */
function setField(target: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== "__proto__") target[name] = value;
  else Object.defineProperty(target, name, { value, enumerable: true, writable: true, configurable: true });
}
