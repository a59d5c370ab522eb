/** What must hold of a kernel class as a whole, once each of its parts is right. */
import ts from "typescript";
import type { Code } from "../../diagnostics/codes.js";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import type { SourceLocation } from "../../ir/types.js";
import type { KernelProgram } from "../program/program.js";
import { diagnosticAt } from "../rejections/rejection.js";
import type { ClassState, FunctionEntry } from "../state.js";

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

const decorators: ReadonlyMap<string, string> = new Map([
  ["xdp", "@xdp()"],
  ["tracepoint", '@tracepoint("category", "name")'],
]);

function handlerWithoutDecorator(checker: ts.TypeChecker, member: ts.ClassElement): Diagnostic | null {
  if (!ts.isMethodDeclaration(member) || (ts.getDecorators(member) ?? []).length > 0) return null;
  const kind = contextKind(checker, member);
  if (kind === null) return null;
  const name = member.name.getText();
  return diagnosticAt(
    member.name,
    "WG2008",
    `${name} takes a context but is no program, and nothing calls it`,
    `write ${decorators.get(kind) ?? "a decorator of @waggle/kernel"} before it`,
  );
}

/** Handlers that nothing runs, and a class in which nothing runs at all. */
export function unreachable({ checker, declaration, functions }: ClassState): Diagnostic[] {
  const forgotten = declaration.members
    .filter((member) => !functions.has(member))
    .map((member) => handlerWithoutDecorator(checker, member))
    .filter((found) => found !== null);
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
  { checker }: KernelProgram,
  declaration: ts.ClassDeclaration,
): readonly Diagnostic[] {
  return declaration.members
    .map((member) => handlerWithoutDecorator(checker, member))
    .filter((found) => found !== null);
}

/** Helpers that the kernel gives to programs under a licence compatible with the GPL only: `gpl_only` of their prototypes. */
const gplHelpers = new Set([
  "bpf_probe_read_user",
  "bpf_probe_read_kernel",
  "bpf_probe_read_user_str",
  "bpf_probe_read_kernel_str",
  "bpf_get_current_task",
]);
/** `license_is_gpl_compatible` of the kernel's include/linux/license.h. */
const gplLicenses = [
  "GPL",
  "GPL v2",
  "GPL and additional rights",
  "Dual BSD/GPL",
  "Dual MIT/GPL",
  "Dual MPL/GPL",
];

/** Helpers that one type of program has only, by the section that its programs are in. */
const xdpHelpers = new Set(["bpf_redirect"]);

/** Calls of helpers that the licence or the type of program does not allow. */
export function refusedHelpers(owner: ClassState, license: string): Diagnostic[] {
  const isGpl = gplLicenses.includes(license);
  const outsideXdp = new Set<string>();
  const reach = (entry: FunctionEntry): void => {
    if (outsideXdp.has(entry.name)) return;
    outsideXdp.add(entry.name);
    entry.callees.forEach(reach);
  };
  for (const entry of owner.functions.values())
    if (entry.section !== null && entry.section !== "xdp") reach(entry);
  const found: Diagnostic[] = [];
  for (const f of owner.lowered) {
    for (const call of f.blocks.flatMap(({ instructions }) => instructions)) {
      if (call.op !== "helper") continue;
      if (!isGpl && gplHelpers.has(call.helper)) {
        found.push(
          diagnosticHere(
            owner,
            call.location,
            "WG2013",
            `the kernel does not let a program under the licence "${license}" call ${call.helper}`,
            'name one that is compatible with the GPL, such as "Dual MIT/GPL"',
          ),
        );
      }
      if (xdpHelpers.has(call.helper) && outsideXdp.has(f.name)) {
        found.push(
          diagnosticHere(
            owner,
            call.location,
            "WG2014",
            `${call.helper} is for XDP programs, and this runs in another`,
            "call it from a method with @xdp()",
          ),
        );
      }
    }
  }
  return found;
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
