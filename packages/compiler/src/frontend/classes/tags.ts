/** Tags of the members of a kernel class, for BTF. */
import ts from "#typescript";
import type { HasTags } from "../../types/data-type.js";
import { reject } from "../rejections/rejection.js";
import type { ClassState } from "../state.js";
import { checkTag, tagsOf } from "../values/tags.js";
import { decoratorsOf } from "./decorators.js";

/** Whether a decorator of this name tags what it is on. */
export const isTag = (name: string | null): boolean => name === "tag";

/** The tags by decorators and by the declared type, in alphabetical order. */
export function declaredTags(owner: ClassState, declaration: ts.Node): HasTags {
  const { checker } = owner;
  const tags = new Set<string>();
  for (const decorator of decoratorsOf(owner, declaration)) {
    if (decorator.name === null || !isTag(decorator.name)) continue;
    const [name] = decorator.args;
    if (name === undefined || !ts.isStringLiteralLike(name))
      reject(
        name ?? decorator.node,
        "WG2010",
        "a tag is a string literal, known when the program is compiled",
      );
    checkTag(name.text, name);
    tags.add(name.text);
  }
  if (
    ts.isPropertyDeclaration(declaration) ||
    ts.isVariableDeclaration(declaration) ||
    ts.isParameter(declaration)
  )
    for (const tag of tagsOf(
      checker,
      checker.getTypeAtLocation(declaration),
      "TAGGED",
      declaration.type ?? declaration,
    ))
      tags.add(tag);
  return tags.size === 0 ? {} : { tags: [...tags].sort() };
}
