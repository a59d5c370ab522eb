/** The members of a kernel class: programs, maps and constants. */

import { attachTypeByName, kernelHas, type SectionMatch } from "@waggle/object";
import ts from "#typescript";
import { isForm } from "../functions/forms.js";
import { reject } from "../rejections/rejection.js";
import type { ClassState, FunctionEntry } from "../state.js";
import { noSubstitution } from "../values/substitution.js";
import { newerKernel } from "./class-rules.js";
import { readConfig, readVariable } from "./config-fields.js";
import { decoratorsOf } from "./decorators.js";
import { mapKindOf, readMap } from "./map-fields.js";
import { type ProgramDecoratorRow, programDecorators, sectionOf } from "./program-decorators.js";
import { declaredTags, isTag } from "./tags.js";

/** Takes up a member: programs are queued to be lowered, maps and constants recorded. */
export function readMember(owner: ClassState, member: ts.ClassElement): void {
  const modifiers = ts.canHaveModifiers(member) ? (ts.getModifiers(member) ?? []) : [];
  const isStatic = modifiers.some((modifier) => modifier.kind === ts.SyntaxKind.StaticKeyword);
  if (ts.isSemicolonClassElement(member)) return;
  if (!isStatic || !(ts.isMethodDeclaration(member) || ts.isPropertyDeclaration(member))) {
    reject(
      member.name ?? member,
      "WG2009",
      "a kernel class has static methods and fields only",
      isStatic
        ? "write a method, which kernel code calls"
        : "there are no instances in kernel code: make it static",
    );
  }
  if (!ts.isIdentifier(member.name))
    reject(member.name, "WG2009", "a member of a kernel class has a plain name");
  if (!/^[A-Za-z_]\w*$/.test(member.name.text))
    reject(
      member.name,
      "WG2009",
      `${member.name.text} is not a name that the kernel takes`,
      "letters of ASCII, digits and _ make one",
    );
  for (const decorator of decoratorsOf(owner, member)) {
    if (decorator.name === null)
      reject(decorator.node, "WG2008", "this decorator is not of @waggle/kernel and would have no effect");
  }
  if (ts.isMethodDeclaration(member)) readMethod(owner, member, member.name.text);
  else readField(owner, member, member.name.text);
}

/** Those that say what a member is. */
const ownDecorators = (owner: ClassState, member: ts.ClassElement): ReturnType<typeof decoratorsOf> =>
  decoratorsOf(owner, member).filter(({ name }) => !isTag(name));

function readMethod(owner: ClassState, member: ts.MethodDeclaration, name: string): void {
  const [decorator, second] = ownDecorators(owner, member);
  // Compiled where it is called. Its name is kept for it.
  if (decorator === undefined || decorator.name === null) return;
  if (second === undefined && isForm(decorator.name)) return;
  if (second !== undefined)
    reject(
      second.node,
      "WG2008",
      "a method has one decorator",
      "write a method per program and share a function",
    );
  const row = Object.hasOwn(programDecorators, decorator.name)
    ? programDecorators[decorator.name]
    : undefined;
  if (row === undefined) reject(decorator.node, "WG2008", `@${decorator.name} has no meaning on a method`);
  const { section, match } = sectionOf(row, decorator.args, decorator.node);
  checkTarget(owner, match, decorator.node);
  if (member.parameters.length === 0)
    reject(
      member.name,
      "WG2008",
      `${name} has no context parameter, by which user space knows what kind of program it is`,
      `add it: (ctx: ${contextType(row, decorator.args)})`,
    );
  owner.names.add(name);
  const entry: FunctionEntry = {
    name,
    title: name,
    declaration: member,
    section,
    callees: new Set(),
    types: noSubstitution,
    form: "auto",
    caller: null,
  };
  owner.functions.set(member, entry);
  owner.queue.push(entry);
}

/** The type of the context of a program with the decorator. */
function contextType({ context, takes }: ProgramDecoratorRow, args: readonly ts.Expression[]): string {
  const names = args.filter(ts.isStringLiteralLike).map(({ text }) => text);
  if (takes === "event") return `${context}<"${names.join("/")}">`;
  return takes === "target" && !context.includes("syscall") ? `${context}<"${names.join()}">` : context;
}

/** Kinds of programs that the oldest kernel does not have. */
function checkTarget(owner: ClassState, match: SectionMatch, node: ts.Node): void {
  const attachType = match.attachType === null ? null : attachTypeByName(match.attachType);
  const needs = [
    [`${match.kind.name} programs`, match.kind.since],
    [`programs at ${match.prefix}`, match.attachTypeOptional ? undefined : attachType?.since],
    ["programs that sleep", match.sleepable ? "5.10" : undefined],
    ["XDP programs for packets in several buffers", match.frags ? "5.18" : undefined],
  ] as const;
  for (const [what, since] of needs)
    if (since !== undefined && !kernelHas(owner.target.kernel, since))
      reject(node, "WG2015", `kernels have ${what} from ${since} on`, newerKernel(owner, since));
}

function readField(owner: ClassState, member: ts.PropertyDeclaration, name: string): void {
  const symbol = owner.checker.getSymbolAtLocation(member.name);
  const [decorator] = ownDecorators(owner, member);
  const isReadonly =
    member.modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.ReadonlyKeyword) ?? false;
  if (symbol === undefined) return;
  if (decorator !== undefined) {
    if (decorator.name !== "config")
      reject(decorator.node, "WG2008", `@${decorator.name} has no meaning on a field`);
    if (isReadonly)
      reject(member.name, "WG2008", `${name} is readonly, so the loader could not set it`, "remove readonly");
    readConfig(owner, member, name, symbol);
    return;
  }
  const { initializer } = member;
  if (initializer !== undefined && ts.isNewExpression(initializer)) {
    const kind = mapKindOf(owner, initializer);
    if (kind === null)
      reject(
        initializer,
        "WG1004",
        "new makes an object on a heap, which BPF does not have",
        "maps of @waggle/kernel are what a field can hold",
      );
    if (!isReadonly)
      reject(member.name, "WG2007", `${name} is a map and is never replaced`, "make it static readonly");
    const map = readMap(owner, member.name, initializer, name, kind);
    owner.maps.set(symbol, { ...map, ...declaredTags(owner, member) });
    return;
  }
  if (!isReadonly) readVariable(owner, member, name, symbol);
}
