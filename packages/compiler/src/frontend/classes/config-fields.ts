/** Static fields that are variables of the object: `@config` constants, and what programs change. */

import ts from "#typescript";
import type { DataDefinition } from "../../ir/types.js";
import { reject } from "../rejections/rejection.js";
import type { ClassState } from "../state.js";
import { defineData } from "./data.js";

/** The variable of a `@config` field, with its initial value. */
export function readConfig(
  owner: ClassState,
  member: ts.PropertyDeclaration,
  name: string,
  symbol: ts.Symbol,
): DataDefinition {
  if (member.initializer !== undefined && ts.isNewExpression(member.initializer))
    return reject(member.name, "WG2008", `${name} is no constant`, "@config is for values: remove it");
  return readData(owner, member, name, symbol, "config");
}

/** The variable of a field that programs change, with its initial value. */
export function readVariable(
  owner: ClassState,
  member: ts.PropertyDeclaration,
  name: string,
  symbol: ts.Symbol,
): DataDefinition {
  return readData(owner, member, name, symbol, "variable");
}

function readData(
  owner: ClassState,
  member: ts.PropertyDeclaration,
  name: string,
  symbol: ts.Symbol,
  kind: "config" | "variable",
): DataDefinition {
  const { checker, resolver } = owner;
  const place = member.type ?? member.name;
  const type = resolver.resolve(checker.getTypeAtLocation(member), place);
  if (type.kind !== "data" || type.nullable)
    return reject(
      place,
      "WG2005",
      `${name} holds a value, and a reference is none`,
      "name the type that it refers to",
    );
  return defineData(owner, symbol, name, kind, type.type, member);
}
