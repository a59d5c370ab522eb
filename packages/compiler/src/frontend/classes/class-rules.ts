/** What must hold of a kernel class as a whole, once each of its parts is right. */
import {
  formatKernelVersion,
  helperKindOf,
  helperProgramKinds,
  helperSince,
  kernelHas,
  mapTypeByName,
  needsGpl,
  sectionByName,
} from "@waggle/object";
import ts from "#typescript";
import type { Code } from "../../diagnostics/codes.js";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import type { IrFunction, SourceLocation } from "../../ir/types.js";
import type { KernelProgram } from "../program/program.js";
import { diagnosticAt } from "../rejections/rejection.js";
import type { ClassState, FunctionEntry } from "../state.js";
import { isLeftOut } from "../unsound/unsound.js";
import { decoratorFor } from "./program-decorators.js";

/** The kind of context that a method's first parameter is; null when it is none. */
function contextKind(checker: ts.TypeChecker, method: ts.MethodDeclaration): string | null {
  const [first] = method.parameters;
  if (first === undefined) return null;
  const symbol = checker
    .getTypeAtLocation(first)
    .getProperties()
    .find((property) => String(property.escapedName).startsWith("__@CONTEXT@"));
  const type = symbol === undefined ? undefined : checker.getTypeOfSymbol(symbol);
  return type?.isStringLiteral() === true ? type.value : null;
}

function handlerWithoutDecorator(checker: ts.TypeChecker, member: ts.ClassElement): Diagnostic | null {
  if (!ts.isMethodDeclaration(member) || (ts.getDecorators(member) ?? []).length > 0) return null;
  const kind = contextKind(checker, member);
  if (kind === null) return null;
  const name = member.name.getText();
  return diagnosticAt(
    member.name,
    "WG2008",
    `${name} takes a context but is no program, and nothing calls it`,
    `write ${decoratorFor(kind)} before it`,
  );
}

/** Handlers that nothing runs, and a class in which nothing runs at all. */
export function unreachable({ kernel, checker, declaration, functions }: ClassState): Diagnostic[] {
  const members = declaration.members.filter((member) => !isLeftOut(kernel, member));
  const forgotten = members
    .filter((member) => !functions.has(member))
    .map((member) => handlerWithoutDecorator(checker, member))
    .filter((found) => found !== null);
  // A member that is left out may be the program.
  if (members.length < declaration.members.length) return forgotten;
  if (forgotten.length > 0 || [...functions.values()].some(({ section }) => section !== null))
    return forgotten;
  return [
    diagnosticAt(
      declaration.name ?? declaration,
      "WG2008",
      `${declaration.name?.text ?? "the class"} has no program`,
      "a static method with @xdp() or @tracepoint(…) is one",
    ),
  ];
}

/** The same for a class without anything that makes it a kernel class. */
export function forgottenPrograms(
  kernel: KernelProgram,
  declaration: ts.ClassDeclaration,
): readonly Diagnostic[] {
  const { checker } = kernel;
  return declaration.members
    .filter((member) => !isLeftOut(kernel, member))
    .map((member) => handlerWithoutDecorator(checker, member))
    .filter((found) => found !== null);
}

/** `license_is_gpl_compatible` of the kernel's include/linux/license.h. */
const gplLicenses = [
  "GPL",
  "GPL v2",
  "GPL and additional rights",
  "Dual BSD/GPL",
  "Dual MIT/GPL",
  "Dual MPL/GPL",
];

/** The row of `helperProgramKinds` for programs in a section. */
function kindOf(section: string): string {
  const match = sectionByName(section);
  return match === null ? section : helperKindOf(match.kind);
}

/** The kinds of programs that reach each function, by its name. */
function kindsByFunction(owner: ClassState): ReadonlyMap<string, ReadonlySet<string>> {
  const kinds = new Map<string, Set<string>>();
  const reach = (entry: FunctionEntry, kind: string): void => {
    const known = kinds.get(entry.name) ?? new Set();
    if (known.has(kind)) return;
    kinds.set(entry.name, known.add(kind));
    for (const callee of entry.callees) reach(callee, kind);
  };
  for (const entry of owner.functions.values())
    if (entry.section !== null) reach(entry, kindOf(entry.section));
  return kinds;
}

/** Calls of helpers that the licence, the type of program or the oldest kernel does not allow. */
export function refusedHelpers(owner: ClassState, license: string): Diagnostic[] {
  const isGpl = gplLicenses.includes(license);
  const kinds = kindsByFunction(owner);
  const found: Diagnostic[] = [];
  for (const f of owner.lowered) {
    for (const call of f.blocks.flatMap(({ instructions }) => instructions)) {
      if (call.op !== "helper") continue;
      const refuse = (code: Code, message: string, help: string): void => {
        for (const place of userPlaces(owner, f, call.location))
          found.push(diagnosticHere(owner, place, code, message, help));
      };
      if (!isGpl && needsGpl(call.helper))
        refuse(
          "WG2013",
          `the kernel does not let a program under the licence "${license}" call ${call.helper}`,
          'name one that is compatible with the GPL, such as "Dual MIT/GPL"',
        );
      for (const kind of kinds.get(f.name) ?? []) {
        const since = helperSince(kind, call.helper);
        if (since === null)
          refuse(
            "WG2014",
            `no kernel lets ${kind} programs call ${call.helper}`,
            `it is for ${list(helperProgramKinds.filter((other) => helperSince(other, call.helper) !== null))}`,
          );
        else if (since !== "unknown" && !kernelHas(owner.target.kernel, since))
          refuse(
            "WG2015",
            `${kind} programs have ${call.helper} from kernel ${since} on`,
            newerKernel(owner, since),
          );
      }
    }
  }
  return found;
}

/** Where the user's code is that leads to a place: @waggle/kernel's own functions are told of at their calls. */
function userPlaces(
  owner: ClassState,
  f: IrFunction,
  place: SourceLocation | null,
): readonly (SourceLocation | null)[] {
  const path = owner.sources[place?.file ?? 0]?.path ?? "";
  const own = owner.kernel.kernelSources;
  if (own === "" || !path.startsWith(own)) return [place];
  return owner.lowered.flatMap((caller) =>
    caller.blocks.flatMap(({ instructions }) =>
      instructions
        .filter((call) => call.op === "call" && call.callee === f.name)
        .flatMap((call) => userPlaces(owner, caller, call.location)),
    ),
  );
}

const list = (kinds: readonly string[]): string =>
  kinds.length > 4 ? `${kinds.slice(0, 4).join(", ")} and other programs` : `${kinds.join(", ")} programs`;

/** What to do when something needs a kernel that is newer than the oldest one targeted. */
export function newerKernel({ target }: Pick<ClassState, "target">, since: string): string {
  return `the oldest kernel that is compiled for is ${formatKernelVersion(target.kernel)}: for newer ones only, say target: { kernel: "${since}" } in xtask.config.ts or --kernel ${since}`;
}

/** Maps of a kind that the oldest kernel does not have. */
export function refusedMaps(owner: ClassState): Diagnostic[] {
  return [...owner.maps.values(), ...owner.ownMaps.values()].flatMap(({ name, type, location }) => {
    const since = mapTypeByName(type)?.since;
    if (since === undefined || kernelHas(owner.target.kernel, since)) return [];
    return [
      diagnosticHere(
        owner,
        location,
        "WG2015",
        `${name} is a ${type} map, which kernels have from ${since} on`,
        newerKernel(owner, since),
      ),
    ];
  });
}

function diagnosticHere(
  { sources }: ClassState,
  location: SourceLocation | null,
  code: Code,
  message: string,
  help: string,
): Diagnostic {
  const { line, column } = location ?? { line: 1, column: 1 };
  const file = sources[location?.file ?? 0]?.path ?? "";
  return {
    code,
    severity: "error",
    message,
    file,
    line,
    column,
    endLine: line,
    endColumn: column + 1,
    notes: [],
    help,
  };
}
