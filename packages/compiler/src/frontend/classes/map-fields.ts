/** Maps: `static readonly m = new HashMap<K, V>({ maxEntries })`. */

import ts from "#typescript";
import type { MapDefinition } from "../../ir/types.js";
import type { DataType } from "../../types/data-type.js";
import { sizeOf } from "../../types/layout.js";
import { reject } from "../rejections/rejection.js";
import { type ClassState, kernelName, locationOf, symbolOf } from "../state.js";
import { misplacedObject } from "../values/kernel-objects.js";
import { constantOf } from "./constants.js";
import { type MapKindRow, mapFlags, mapKinds } from "./map-kinds.js";

/** The class of maps that `new` makes one of; null for what is none. */
export function mapKindOf(
  owner: Pick<ClassState, "checker" | "kernel">,
  node: ts.NewExpression,
): MapKindRow | null {
  const name = kernelName(owner as ClassState, symbolOf(owner as ClassState, node.expression));
  return name !== null && Object.hasOwn(mapKinds, name) ? (mapKinds[name] ?? null) : null;
}

/** The map of `new Kind<K, V>({ … })`. */
export function readMap(
  owner: ClassState,
  place: ts.Node,
  initializer: ts.NewExpression,
  name: string,
  kind: MapKindRow,
): MapDefinition {
  const options = readOptions(owner, initializer, name, kind);
  const shape = shapeOf(owner, initializer);
  const part = (field: string): DataType | null => partOf(owner, shape, field, initializer);
  const isRing = kind.size === "bytes";
  const value = part("value");
  const record = kind.records === true ? value : null;
  // The kernel puts 8 bytes before each record.
  if (isRing && record !== null && sizeOf(record) + 8 > options.maxEntries)
    reject(
      initializer,
      "WG2007",
      `a record takes ${sizeOf(record) + 8} bytes, and the buffer has ${options.maxEntries}: none would ever fit`,
      `use ${nextPower(BigInt(sizeOf(record)) + 8n)}`,
    );
  const misplaced = misplacedObject(value, kind.type);
  if (misplaced !== null)
    reject(
      initializer,
      "WG2007",
      `maps of the type ${kind.type} hold no ${misplaced.name} in their values`,
      `maps of these types do: ${misplaced.holders.join(", ")}`,
    );
  return {
    name,
    type: kind.type,
    key: part("key"),
    value: kind.records === true ? null : value,
    maxEntries: options.maxEntries,
    flags: options.flags | (kind.flags ?? 0),
    pinned: options.pinned,
    record,
    ...(options.extra !== 0 && { extra: options.extra }),
    ...(options.inner !== null && { inner: options.inner }),
    location: locationOf(owner, place),
  };
}

interface Options {
  maxEntries: number;
  flags: number;
  pinned: boolean;
  /** `map_extra`. */
  extra: number;
  inner: MapDefinition | null;
}

const largest = 0xffff_ffffn;

function readOptions(
  owner: ClassState,
  initializer: ts.NewExpression,
  name: string,
  kind: MapKindRow,
): Options {
  const found: Options = { maxEntries: 0, flags: 0, pinned: false, extra: 0, inner: null };
  const given = initializer.arguments?.[0];
  const isOptional = kind.size === "none" || kind.size === "cpus";
  if (given === undefined && isOptional) return found;
  if (given === undefined || !ts.isObjectLiteralExpression(given))
    return reject(
      given ?? initializer,
      "WG2007",
      "a map's options are an object literal",
      "write { maxEntries: 1024 }",
    );
  for (const property of given.properties) {
    if (!ts.isPropertyAssignment(property))
      return reject(property, "WG2007", "a map's options are written out: name and value");
    readOption(owner, property, name, kind, found);
  }
  if (found.maxEntries === 0 && !isOptional) return reject(given, "WG2007", "the map has no size");
  return found;
}

function readOption(
  owner: ClassState,
  { name, initializer }: ts.PropertyAssignment,
  map: string,
  kind: MapKindRow,
  found: Options,
): void {
  const option = name.getText();
  const flag = Object.hasOwn(mapFlags, option) ? mapFlags[option] : undefined;
  if (flag !== undefined) {
    const isTrue = initializer.kind === ts.SyntaxKind.TrueKeyword;
    if (!isTrue && initializer.kind !== ts.SyntaxKind.FalseKeyword)
      reject(initializer, "WG2010", `${option} is true or false`);
    if (isTrue === flag[0]) found.flags |= flag[1];
  } else if (option === "pinning") {
    if (!ts.isStringLiteralLike(initializer) || initializer.text !== "by-name")
      reject(initializer, "WG2010", 'pinning is "by-name"');
    found.pinned = true;
  } else if (option === "inner") {
    found.inner = innerOf(owner, initializer, map);
  } else if (option === "hashes") {
    found.extra = Number(inRange(constantOf(owner, initializer), 15n, initializer));
  } else {
    found.maxEntries = Number(sizeGiven(constantOf(owner, initializer), kind, initializer));
  }
}

/** The map that a map of maps holds: one is made with it, which the kernel takes the others' form from. */
function innerOf(owner: ClassState, node: ts.Expression, name: string): MapDefinition {
  const kind = ts.isNewExpression(node) ? mapKindOf(owner, node) : null;
  if (!ts.isNewExpression(node) || kind === null)
    return reject(
      node,
      "WG2007",
      "the inner map is written in place",
      "inner: new HashMap<u32, u64>({ maxEntries: 16 })",
    );
  if (kind.type.endsWith("-of-maps"))
    return reject(node, "WG2007", "maps of maps nest once", "hold maps of values");
  return readMap(owner, node, node, `${name}__inner`, kind);
}

function inRange(value: bigint, most: bigint, node: ts.Expression): bigint {
  return value >= 1n && value <= most ? value : reject(node, "WG2007", `${value} is not 1 to ${most}`);
}

function sizeGiven(value: bigint, { size }: MapKindRow, node: ts.Expression): bigint {
  inRange(value, largest, node);
  if (size === "bytes" && (value & (value - 1n) || value < 4096n))
    reject(
      node,
      "WG2007",
      `a ring buffer of ${value} bytes: it must be a power of two and at least a page, 4096`,
      `use ${nextPower(value)}`,
    );
  return value;
}

function shapeOf({ checker }: ClassState, initializer: ts.NewExpression): ts.Type {
  const mark = checker
    .getTypeAtLocation(initializer)
    .getProperties()
    .find((property) => String(property.escapedName).startsWith("__@MAP@"));
  return mark === undefined
    ? reject(initializer, "WG2007", "this is no map of @waggle/kernel")
    : checker.getNonNullableType(checker.getTypeOfSymbol(mark));
}

/** The type of keys, values or records; null where the map has none. */
function partOf(owner: ClassState, shape: ts.Type, field: string, node: ts.NewExpression): DataType | null {
  const { checker, resolver } = owner;
  const symbol = checker.getPropertyOfType(shape, field);
  const type = symbol === undefined ? null : checker.getTypeOfSymbol(symbol);
  if (type === null || type.flags & ts.TypeFlags.Never) return null;
  const given = node.typeArguments;
  return resolver.data(type, given?.[field === "key" ? 0 : given.length - 1] ?? node);
}

function nextPower(value: bigint): bigint {
  let power = 4096n;
  while (power < value && power < 0x8000_0000n) power *= 2n;
  return power;
}
