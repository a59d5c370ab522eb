/** Maps: `static readonly m = new HashMap<K, V>({ maxEntries })`. */

import ts from "#typescript";
import type { MapDefinition } from "../../ir/types.js";
import { sizeOf } from "../../types/layout.js";
import { reject } from "../rejections/rejection.js";
import { type ClassState, locationOf } from "../state.js";
import { constantOf } from "./constants.js";

/** `MapTypeRow.name` of each class of maps in @waggle/kernel. */
export const kindsOfMaps: Readonly<Record<string, string>> = {
  HashMap: "hash",
  LruHashMap: "lru-hash",
  PerCpuHashMap: "per-cpu-hash",
  ArrayMap: "array",
  PerCpuArrayMap: "per-cpu-array",
  RingBuffer: "ring-buffer",
  ProgramArray: "program-array",
};

/** The map of `new Kind<K, V>({ … })`. */
export function readMap(
  owner: ClassState,
  member: ts.PropertyDeclaration,
  initializer: ts.NewExpression,
  name: string,
  type: string,
): MapDefinition {
  const options = initializer.arguments?.[0];
  let maxEntries: bigint | null = null;
  const isRing = type === "ring-buffer";
  if (options === undefined || !ts.isObjectLiteralExpression(options))
    return reject(
      options ?? initializer,
      "WG2007",
      "a map's options are an object literal",
      "write { maxEntries: 1024 }",
    );
  for (const property of options.properties) {
    if (!ts.isPropertyAssignment(property))
      return reject(property, "WG2007", "a map's options are written out: name and value");
    maxEntries = constantOf(owner, property.initializer);
    const limit = 0xffff_ffffn;
    if (maxEntries < 1n || maxEntries > limit)
      reject(property.initializer, "WG2007", `${maxEntries} is not 1 to ${limit}`);
    if (isRing && (maxEntries & (maxEntries - 1n) || maxEntries < 4096n)) {
      reject(
        property.initializer,
        "WG2007",
        `a ring buffer of ${maxEntries} bytes: it must be a power of two and at least a page, 4096`,
        `use ${nextPower(maxEntries)}`,
      );
    }
  }
  if (maxEntries === null) return reject(options, "WG2007", "the map has no size");
  const facts = owner.checker.getTypeAtLocation(initializer);
  const mapSymbol = facts
    .getProperties()
    .find((property) => String(property.escapedName).startsWith("__@MAP@"));
  if (mapSymbol === undefined) return reject(initializer, "WG2007", "this is no map of @waggle/kernel");
  const shape = owner.checker.getNonNullableType(owner.checker.getTypeOfSymbol(mapSymbol));
  const part = (field: string) => {
    const symbol = owner.checker.getPropertyOfType(shape, field);
    if (symbol === undefined) return reject(initializer, "WG2007", `the map has no ${field} type`);
    return owner.resolver.data(
      owner.checker.getTypeOfSymbol(symbol),
      initializer.typeArguments?.[field === "value" ? initializer.typeArguments.length - 1 : 0] ??
        initializer,
    );
  };
  const value = part("value");
  // The kernel puts 8 bytes before each record.
  if (isRing && BigInt(sizeOf(value)) + 8n > maxEntries)
    reject(
      initializer,
      "WG2007",
      `a record takes ${sizeOf(value) + 8} bytes, and the buffer has ${maxEntries}: none would ever fit`,
      `use ${nextPower(BigInt(sizeOf(value)) + 8n)}`,
    );
  return {
    name,
    type,
    key: isRing ? null : part("key"),
    value: isRing ? null : value,
    maxEntries: Number(maxEntries),
    flags: 0,
    pinned: false,
    record: isRing ? value : null,
    location: locationOf(owner, member.name),
  };
}

function nextPower(value: bigint): bigint {
  let power = 4096n;
  while (power < value && power < 0x8000_0000n) power *= 2n;
  return power;
}
