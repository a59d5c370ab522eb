/** Kernel classes as a whole. */

import ts from "#typescript";
import { BugError } from "../../ir/bug-error.js";
import type { Module } from "../../ir/types.js";
import { lowerFunction, reportRecursion } from "../functions/functions.js";
import { checkMovedPackets } from "../functions/moved-packets.js";
import { calleesOfUnsound, queueAlone } from "../functions/unsound-callers.js";
import { finishRelocations } from "../kernel-types/finish-relocations.js";
import type { KernelProgram } from "../program/program.js";
import { Rejection, reject } from "../rejections/rejection.js";
import type { ClassState, FrontendTarget } from "../state.js";
import { isLeftOut } from "../unsound/unsound.js";
import type { TypeResolver } from "../values/resolve-type.js";
import { refusedHelpers, refusedMaps, unreachable } from "./class-rules.js";
import { completePrograms } from "./complete-programs.js";
import { decoratorsOf } from "./decorators.js";
import { mapKindOf } from "./map-fields.js";
import { readMember } from "./members.js";

const defaultLicense = "Dual MIT/GPL";

/** Whether a class has something of a kernel class: a program, a map or a decorator of @waggle/kernel. */
export function isKernelClass(kernel: KernelProgram, declaration: ts.ClassDeclaration): boolean {
  const owner = { kernel, checker: kernel.checker };
  return [declaration, ...declaration.members].some((node) => {
    if (decoratorsOf(owner, node).some(({ name }) => name !== null)) return true;
    if (
      !ts.isPropertyDeclaration(node) ||
      node.initializer === undefined ||
      !ts.isNewExpression(node.initializer)
    )
      return false;
    return mapKindOf(owner, node.initializer) !== null;
  });
}

/**
 * Lowers a kernel class; null when it has mistakes, which go to `diagnostics`. Where TypeScript found errors, what it gives has the
 * programs that no error reaches: enough to find what is wrong with them, not to be made an object.
 */
export function lowerClass(
  kernel: KernelProgram,
  resolver: TypeResolver,
  declaration: ts.ClassDeclaration,
  target: FrontendTarget,
  diagnostics: ClassState["diagnostics"],
): Module | null {
  const owner: ClassState = {
    kernel,
    checker: kernel.checker,
    resolver,
    target,
    declaration,
    maps: new Map(),
    configs: new Map(),
    kernelTypes: { structs: new Map(), enums: new Map(), own: new Map() },
    externs: new Map(),
    ownData: new Map(),
    ownMaps: new Map(),
    logs: new Map(),
    functions: new Map(),
    names: new Set(),
    queue: [],
    results: new Map(),
    callSites: [],
    inCallees: [],
    lowered: [],
    sources: [],
    diagnostics,
    leftOut: [],
  };
  const before = diagnostics.length;
  const attempt = (body: () => void): void => {
    try {
      body();
    } catch (error) {
      if (!(error instanceof Rejection)) throw error;
      if (error.diagnostic !== null) diagnostics.push(error.diagnostic);
    }
  };
  let license = defaultLicense;
  attempt(() => {
    license = readLicense(owner);
    checkExport(owner);
    if (declaration.typeParameters !== undefined || declaration.heritageClauses !== undefined) {
      reject(
        declaration.name ?? declaration,
        "WG2009",
        "a kernel class has no type parameters and extends nothing",
      );
    }
  });
  // Maps and constants are symbols of the object as functions are: a function of the same name gets another.
  for (const { name } of declaration.members.filter(ts.isPropertyDeclaration))
    owner.names.add(name.getText());
  for (const member of declaration.members)
    if (!isLeftOut(kernel, member)) attempt(() => readMember(owner, member));
  lowerQueued(owner);
  for (const callee of calleesOfUnsound(owner)) {
    attempt(() => queueAlone(owner, callee));
    lowerQueued(owner);
  }
  diagnostics.push(...owner.inCallees);
  reportRecursion(owner);
  if (diagnostics.length === before)
    diagnostics.push(...unreachable(owner), ...refusedHelpers(owner, license), ...refusedMaps(owner));
  if (diagnostics.length > before) return null;
  if (kernel.unsound === null) checkComplete(owner);
  const functions = kernel.unsound === null ? owner.lowered : completePrograms(owner.lowered);
  const order = [...owner.functions.values()].map(({ name }) => name);
  const module = {
    name: declaration.name?.text ?? "default",
    license,
    sources: owner.sources,
    functions: finishRelocations(functions, {
      structs: [...owner.kernelTypes.structs.values(), ...owner.kernelTypes.own.values()],
      enums: owner.kernelTypes.enums.values(),
    }).sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name)),
    maps: [...owner.maps.values(), ...owner.ownMaps.values()],
    logs: [...owner.logs.values()],
    externs: [...owner.externs.values()].map(({ name, prototype, weak }) => ({
      name,
      prototype,
      ...(weak() && { weak: true }),
    })),
    data: [...owner.configs.values(), ...owner.ownData.values()],
  };
  diagnostics.push(...checkMovedPackets(module));
  return diagnostics.length > before ? null : module;
}

function lowerQueued(owner: ClassState): void {
  for (let entry = owner.queue.shift(); entry !== undefined; entry = owner.queue.shift())
    lowerFunction(owner, entry);
}

/**
 * A function that was given up on has a diagnostic, its own or that of the member it uses.
 * @throws BugError when a function is missing without one
 */
function checkComplete({ functions, lowered }: ClassState): void {
  const names = new Set(lowered.map(({ name }) => name));
  const missing = [...functions.values()].find(({ name }) => !names.has(name));
  if (missing !== undefined)
    throw new BugError(`${missing.title} was rejected without a diagnostic`, missing.declaration.getText());
}

/** A class is exported under its own name: the module made for user space imports its type by it. */
function checkExport({ checker, declaration }: ClassState): void {
  const name =
    declaration.name ??
    reject(
      declaration.getFirstToken() ?? declaration,
      "WG2008",
      "a kernel class has a name",
      "write one after class",
    );
  const own = checker.getSymbolAtLocation(name);
  const module = checker.getSymbolAtLocation(declaration.getSourceFile());
  const exports = module === undefined ? [] : checker.getExportsOfModule(module);
  const names = exports
    .filter((symbol) => {
      const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
      return own !== undefined && (target === own || target === checker.getExportSymbolOfSymbol(own));
    })
    .map((symbol) => symbol.name);
  if (names.includes(name.text)) return;
  if (names.length > 0)
    reject(
      name,
      "WG2008",
      `${name.text} is exported as ${names.join()}, and user space finds it by its own name`,
      `write export class ${name.text}`,
    );
  reject(name, "WG2008", `${name.text} is not exported, so nothing can load its programs`, "export it");
}

function readLicense(owner: ClassState): string {
  let license = defaultLicense;
  for (const decorator of decoratorsOf(owner, owner.declaration)) {
    if (decorator.name !== "program")
      reject(
        decorator.node,
        "WG2008",
        "this decorator has no meaning on a kernel class",
        "@program({ license }) is the one that has",
      );
    const options = decorator.args[0];
    for (const property of options !== undefined && ts.isObjectLiteralExpression(options)
      ? options.properties
      : []) {
      if (!ts.isPropertyAssignment(property) || !ts.isStringLiteral(property.initializer))
        reject(property, "WG2010", "the licence is a string literal");
      license = property.initializer.text;
    }
  }
  return license;
}
