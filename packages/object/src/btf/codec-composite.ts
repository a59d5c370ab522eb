import { type Codec, Mismatch, show } from "./codec-mismatch.js";

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

export function arrayCodec(name: string, element: Codec, length: number): Codec {
  const { size, decode, encode } = element;
  return {
    size: size * length,
    parts: 1 + element.parts * length,
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

function fieldsDecoder(fields: readonly FieldSource[]): Pick<Codec, "parts" | "decode" | "embed"> {
  const parts = fields.reduce((sum, field) => sum + field.codec.parts, 1);
  const names = fields.flatMap((field) => field.name ?? field.codec.embed?.names ?? []);
  const decodeInto = (target: Record<string, unknown>, view: DataView, offset: number): void => {
    for (const field of fields) {
      const at = offset + field.offset;
      if (field.name === null) field.codec.embed?.decodeInto(target, view, at);
      else setField(target, field.name, field.codec.decode(view, at));
    }
  };
  return { parts, decode: compile(fields) ?? byLoop(decodeInto), embed: { names, decodeInto } };
}

function byLoop(
  decodeInto: (target: Record<string, unknown>, view: DataView, offset: number) => void,
): Codec["decode"] {
  return (view, offset) => {
    const target: Record<string, unknown> = {};
    decodeInto(target, view, offset);
    return target;
  };
}

/** A plain assignment, but for `__proto__`, which would set the prototype. */
function setField(target: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== "__proto__") target[name] = value;
  else Object.defineProperty(target, name, { value, enumerable: true, writable: true, configurable: true });
}

/**
 * A decoder made as source, with one object literal: engines then know the shape of the result, which is several times
 * faster than filling an object in a loop. Null where this cannot be used: with anonymous members, very many fields, or
 * in a process that forbids code from strings. Field names go in as JSON strings only.
 */
function compile(fields: readonly FieldSource[]): Codec["decode"] | null {
  if (fields.length > 256 || fields.some((field) => field.name === null)) return null;
  const decoders: Codec["decode"][] = [];
  const properties = fields.map(({ name, offset, codec }) => {
    const at = `o+${offset}`;
    const source = codec.source?.(at) ?? `d[${decoders.push(codec.decode) - 1}](v,${at})`;
    return `[${JSON.stringify(name)}]:${source}`;
  });
  try {
    // Computed keys, as a plain "__proto__" key would set the prototype.
    const make = new Function("d", `"use strict";return (v,o)=>({${properties.join(",")}})`);
    return make(decoders) as Codec["decode"];
  } catch (error) {
    if (error instanceof EvalError) return null;
    throw error;
  }
}
