/** What `Tag` and `Tagged` of @waggle/kernel say of a type. */

import type ts from "typescript";
import { reject } from "../rejections/rejection.js";
import { phantomOf } from "./phantoms.js";

/** The tags of a struct (`TAGS`), or of what is declared with a type (`TAGGED`), in alphabetical order. */
export function tagsOf(
  checker: ts.TypeChecker,
  type: ts.Type,
  key: "TAGS" | "TAGGED",
  node: ts.Node,
): readonly string[] {
  const declared = checker.getNonNullableType(type);
  // `Tagged<boolean, "x">` is a union of its two values.
  const names = phantomOf(
    checker,
    declared.isUnion() ? (declared.types[0] ?? declared) : declared,
    key,
    node,
  );
  if (names === null) return [];
  const tags = checker
    .getPropertiesOfType(names)
    .map(({ name }) => name)
    .filter((name) => name !== "");
  if (tags.length === 0) reject(node, "WG2010", "a tag is a string literal of at least one character");
  for (const tag of tags) checkTag(tag, node);
  return tags.sort();
}

/** Rejects a word that BTF has no room for: one that is empty, or ends before its end. */
export function checkTag(tag: string, node: ts.Node): void {
  if (tag === "") reject(node, "WG2010", "a tag has at least one character");
  if (tag.includes("\0")) reject(node, "WG2010", "a tag has no NUL in it, which would end it there");
}

/** `T` of `Tagged<T, …>`; other types as they are. */
export function untagged(checker: ts.TypeChecker, type: ts.Type): ts.Type {
  if (!type.isIntersection()) return type;
  const isMark = (part: ts.Type): boolean => {
    const properties = checker.getPropertiesOfType(part);
    return properties.length === 1 && String(properties[0]?.escapedName).startsWith("__@TAGGED@");
  };
  const [only, ...others] = type.types.filter((part) => !isMark(part));
  return only !== undefined && others.length === 0 ? only : type;
}
