/** Functions that the kernel calls later, or for each of many records. */

import ts from "#typescript";
import type { MapDefinition, ValueId } from "../../ir/types.js";
import type { DataType } from "../../types/data-type.js";
import { closureOf } from "../functions/closures.js";
import { callbackInstance, functionEntry, nameOfFunction } from "../functions/entries.js";
import { type Signature, signatureOf } from "../functions/signatures.js";
import { reject } from "../rejections/rejection.js";
import type { FunctionState } from "../state.js";

const isSame = (a: DataType, b: DataType | null): boolean =>
  a === b || JSON.stringify(a) === JSON.stringify(b);

/** What the parameters are given, in words. */
const words = { entry: ["key", "value"], record: ["record"] } as const;

/** The address of a static method that the kernel calls with an entry or a record of the map. `why` it sees nothing of this program. */
export function callbackAt(
  fn: FunctionState,
  node: ts.Expression,
  map: MapDefinition,
  callback: keyof typeof words,
  why: string,
): ValueId {
  const { node: declaration, scope } = closureOf(fn, node);
  if (scope !== null || !(ts.isMethodDeclaration(declaration) || ts.isFunctionDeclaration(declaration)))
    return reject(node, "WG1005", why, "name a static method: Cls.method");
  const signature = signatureOf(fn.owner, declaration);
  const given = callback === "entry" ? [map.key, map.value] : [map.record];
  const name = nameOfFunction(declaration);
  if (signature.parameters.length > given.length || signature.result.kind !== "void")
    reject(node, "WG1001", `${name} is given a ${words[callback].join(" and a ")}, and gives nothing`);
  checkTypes(
    signature,
    given,
    (index) => `${name} is given the ${words[callback][index]} of ${map.name} here`,
  );
  // It is none of the callees: the kernel calls it, so that it may name itself.
  const entry = functionEntry(fn, node, declaration, callbackInstance(callback));
  return fn.builder.functionAddress(entry.name);
}

function checkTypes(
  { parameters }: Signature,
  given: readonly (DataType | null)[],
  message: (index: number) => string,
): void {
  for (const [index, { node, type }] of parameters.entries())
    if (
      type === null ||
      (type.kind !== "data" && type.kind !== "ref") ||
      !isSame(type.type, given[index] ?? null)
    )
      reject(node, "WG2005", message(index));
}
