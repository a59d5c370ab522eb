/** What TypeScript's own errors mean in kernel code, and what may not silence them. */

import { nearest } from "@waggle/object";
import ts from "#typescript";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { programDecorators } from "../classes/program-decorators.js";
import { globalHelpByName } from "../rejections/globals.js";
import { diagnosticAtSpan } from "../rejections/rejection.js";
import type { ErrorPlace } from "./error-place.js";
import { memberHelp } from "./member-help.js";
import {
  checkFirst,
  fieldHelp,
  indexHelp,
  isDecoratedParameter,
  isReferenceToNumber,
  labelHelp,
  signatureHelp,
} from "./place-help.js";

interface HelpRow {
  readonly codes: readonly number[];
  /** What the message must contain. */
  readonly pattern: RegExp;
  readonly help: (match: RegExpMatchArray, place: ErrorPlace) => string | null;
}

const modules = "kernel code imports @waggle/kernel and other kernel files: do this in user space";
const rows: readonly HelpRow[] = [
  { codes: [2591, 2580, 2307], pattern: /'node:|'(fs|path|os|net|http|child_process)'/, help: () => modules },
  {
    codes: [2304, 2552, 2580, 2584, 2591],
    pattern: /name '(\w+)'/,
    help: ([, name = ""]) => globalHelpByName(name),
  },
  {
    codes: [1241],
    pattern: /'static' are incompatible/,
    help: () => "a program is a static method: write static before its name",
  },
  {
    codes: [1240],
    pattern: /parameter of type '\(ctx/,
    help: () => "a program is a method: static run(ctx: …): … { … }",
  },
  { codes: [1240], pattern: /^/, help: () => "write @config before a field without parentheses" },
  { codes: [1238], pattern: /^/, help: () => "it goes before a static method of the class" },
  { codes: [1206], pattern: /^/, help: () => "decorators go before static members of an exported class" },
  {
    codes: [1241],
    pattern: /parameter of type 'undefined'/,
    help: () => "@config is for fields: @config static limit: u32 = 5",
  },
  {
    codes: [1241, 1270],
    pattern: /^/,
    help: (_, { node }) =>
      ts.isIdentifier(node) && ts.isDecorator(node.parent) && node.text in programDecorators
        ? `write @${node.text}()`
        : null,
  },
  {
    codes: [1241],
    pattern: /too few arguments/,
    help: () => "the kernel gives a program its context and nothing more: leave the other parameters out",
  },
  {
    codes: [2554],
    pattern: /Expected 2 arguments, but got 0/,
    help: (_, { node }) => (node.getText() === "config" ? "write @config without parentheses" : null),
  },
  { codes: [1241], pattern: /Promise</, help: () => "a BPF program does not wait: remove async" },
  {
    codes: [1241],
    pattern: /Type '.*' is not assignable to type 'XdpAction'/,
    help: () => "an XDP program returns XdpAction",
  },
  {
    codes: [1241],
    pattern: /Types of parameters/,
    help: () => "the context's type must be the one of the decorator",
  },
  {
    codes: [1361],
    pattern: /'(\w+)'/,
    help: ([, name = ""]) => `import ${name} without type: it is a type and a value`,
  },
  {
    codes: [2531, 18047],
    pattern: /(?:'(\w+)' is possibly )?'?null/,
    help: ([, name = "x"]) => `check it first: if (${name} === null) return …`,
  },
  {
    codes: [2322, 2345],
    pattern: /ype '[^']+ \| null' is not assignable/,
    help: (_, { node }) => checkFirst(node),
  },
  {
    codes: [2339],
    pattern: /on type '.+ \| null'/,
    help: (_, { node }) =>
      ts.isBindingElement(node.parent)
        ? "take it into a variable and check that first: if (x === null) return …, then const { … } = x"
        : null,
  },
  {
    codes: [2779],
    pattern: /optional property access/,
    help: () => "check it first, then assign: if (x !== null) x.y = …",
  },
  {
    codes: [2538],
    pattern: /Type '(.*)' cannot be used/,
    help: ([, name = ""], { node, checker }) => indexHelp(name, node, checker),
  },
  {
    codes: [2729, 2448],
    pattern: /'(\w+)'/,
    help: ([, name = ""]) => `declare ${name} above this`,
  },
  {
    codes: [2588],
    pattern: /'(\w+)'/,
    help: ([, name = ""], { node, checker }) =>
      isReferenceToNumber(node, checker) ? `the number is ${name}.value` : `declare it as let ${name}`,
  },
  {
    codes: [2365, 2367, 2362, 2363, 2356],
    pattern: /^/,
    help: (_, { node, checker }) => {
      const sides = ts.isBinaryExpression(node) ? [node.left, node.right] : [node];
      const side = sides.find((item) => isReferenceToNumber(item, checker));
      return side === undefined ? null : `the number is ${side.getText()}.value`;
    },
  },
  {
    codes: [2365, 2362, 2363],
    pattern: /'boolean'|^The (?:left|right)/,
    help: (_, { node, checker }) => {
      const sides = ts.isBinaryExpression(node) ? [node.left, node.right] : [node];
      const side = sides.find((item) => checker.getTypeAtLocation(item).flags & ts.TypeFlags.BooleanLike);
      return side === undefined ? null : `a condition chooses a number: ${side.getText()} ? 1 : 0`;
    },
  },
  {
    codes: [2540],
    pattern: /'(\w+)'/,
    help: ([, name = ""], { node, checker }) =>
      ts.isPropertyAccessExpression(node.parent) &&
      /Context\b/.test(checker.typeToString(checker.getTypeAtLocation(node.parent.expression)))
        ? `a context tells what happened: to compute with ${name}, take it into a variable`
        : null,
  },
  {
    codes: [2790],
    pattern: /'delete'/,
    help: () => "memory stays: assign a value; the delete method of a map removes an entry",
  },
  { codes: [2556], pattern: /spread/, help: () => "give the arguments one by one" },
  { codes: [1308], pattern: /'await'/, help: () => "a BPF program does not wait: remove await" },
  {
    codes: [1107, 1115, 1116],
    pattern: /^/,
    help: (_, { node }) => labelHelp(node),
  },
  {
    codes: [2554, 2555],
    pattern: /^Expected/,
    help: (_, { node, checker }) => signatureHelp(node, checker),
  },
  { codes: [2353], pattern: /'(\w+)'/, help: ([, name = ""], place) => fieldHelp(name, place) },
  {
    codes: [2322, 2345, 2741],
    pattern: /Property '(\w+)' is missing in type '\{[^\n]*required in type '(\w+)/,
    help: ([, name = "", type = ""]) => `${type} is a struct, which has all its fields: give ${name} a value`,
  },
  {
    codes: [2322, 2345, 2739],
    pattern: /missing the following properties from type '(\w+)': ([\w, ]+)$/,
    help: ([, type = "", names = ""]) =>
      `${type} is a struct, which has all its fields: give ${names} values`,
  },
  {
    codes: [2366],
    pattern: /^/,
    help: () => "return a value on every path: add one at the end",
  },
  {
    codes: [7006],
    pattern: /'(\w+)'/,
    help: ([, name = ""], { node }) =>
      `name its type: ${name}: ${isDecoratedParameter(node) ? "XdpContext, for example" : "u32, for example"}`,
  },
  {
    codes: [2322, 2345],
    pattern: /ype '(?:true|false|boolean)' is not assignable to (?:parameter of )?type 'XdpAction'/,
    help: () => "an XDP program returns XdpAction.Pass, XdpAction.Drop and the like",
  },
  {
    codes: [2322],
    pattern: /Type '\[.*\]' is not assignable to type 'FixedArray<.*, (\d+)>'/,
    help: ([, length = ""]) => `write ${length} elements, as many as its type has`,
  },
  {
    codes: [2304],
    pattern: /name '(\w+)'/,
    help: ([, name = ""], { module }) => {
      const from = module(name);
      return from === null ? null : `import { ${name} } from "${from}"`;
    },
  },
  {
    codes: [2454],
    pattern: /'(\w+)'/,
    help: ([, name = ""]) => `give ${name} a value where it is declared, or on every path that leads here`,
  },
  {
    codes: [2339, 2551],
    pattern: /Property '(\w+)' does not exist on type '(\w+)/,
    help: ([, name = "", type = ""]) => memberHelp(type, name),
  },
  {
    codes: [2365, 2367],
    pattern: /'be(16|32|64)'/,
    help: ([, bits = ""]) => `u${bits}(…) gives the number in host order, be${bits}(…) the reverse`,
  },
  {
    codes: [2365, 2367],
    pattern: /'(u64|i64)'/,
    help: ([, type = ""]) => `convert: ${type}(…), and write literals as 1n`,
  },
  {
    codes: [2322, 2345],
    pattern:
      /Type 'number' is not assignable to type '(be\d+)'|type 'number' is not assignable to parameter of type '(be\d+)'/,
    help: ([, a, b]) => `write ${a ?? b}(…)`,
  },
  {
    codes: [2322, 2345],
    pattern: /ype 'number' is not assignable to (?:parameter of )?type '([ui]64)'/,
    help: ([, type = ""]) => `write a literal as 1n, and convert what is none: ${type}(…)`,
  },
  {
    codes: [2322, 2345],
    pattern: /ype 'bigint' is not assignable to (?:parameter of )?type '([ui](?:8|16|32))'/,
    help: ([, type = ""]) => `write a literal without n, and convert what is none: ${type}(…)`,
  },
  {
    codes: [2322, 2345],
    pattern: /(?:Type|type) 'be\d+' is not assignable to (?:parameter of )?type '([ui]\d+)'/,
    help: ([, to = ""]) => `${to}(…) gives the number in host order`,
  },
  {
    codes: [2322, 2345],
    pattern: /(?:Type|type) '[ui]\d+' is not assignable to (?:parameter of )?type '([ui]\d+)'/,
    help: ([, to = ""]) => `write ${to}(…) to convert`,
  },
  {
    codes: [2345],
    pattern: /type 'CString<\d+>' is not assignable to parameter of type '(?:Kernel|User)Address'/,
    help: () => "set(…) copies text: name.set(task.comm)",
  },
  {
    codes: [2345],
    pattern: /type 'UserPtr(?:<.*>)?' is not assignable to parameter of type 'Kernel(?:Address|Ptr)/,
    help: () => "this is an address of user memory: readUser(…), probeReadUser(…)",
  },
  {
    codes: [2345],
    pattern: /type 'KernelPtr(?:<.*>)?' is not assignable to parameter of type 'User(?:Address|Ptr)/,
    help: () => "this is an address of kernel memory: readKernel(…), probeReadKernel(…)",
  },
  {
    codes: [2322],
    pattern: /is not assignable to type 'XdpAction'/,
    help: () => "name what becomes of the packet: return XdpAction.Pass",
  },
  {
    codes: [2322],
    pattern: /Type 'string' is not assignable to type 'CString</,
    help: () => 'write cstring("…"), or fill it: text.set("…")',
  },
  {
    codes: [2345],
    pattern: /to parameter of type 'SetMode/,
    help: () => 'name the mode itself: set(key, value, "create")',
  },
  {
    codes: [2345],
    pattern: /'Ref<.*' is not assignable to parameter of type 'AtomicInteger'/,
    help: (_, { node }) => `name the number that it refers to: ${node.getText()}.value`,
  },
  { codes: [2367], pattern: /'CString</, help: () => 'compare with text.equals("…")' },
];

/** What to write instead, or null when TypeScript has said all there is to say. */
export function helpFor(code: number, message: string, place: ErrorPlace): string | null {
  for (const row of rows) {
    const match = row.codes.includes(code) ? message.match(row.pattern) : null;
    const help = match === null ? null : row.help(match, place);
    if (help !== null) return help;
  }
  return (
    decoratorHelp(code, message, place) ??
    placeNameHelp(code, place) ??
    nearestName(code, message) ??
    tracepointHelp(code, message)
  );
}

/** The category of a tracepoint that nothing declares yet, where it is not a known one that is misspelt. */
function decoratorHelp(code: number, message: string, { node }: ErrorPlace): string | null {
  const call = node.parent;
  if (code !== 2345 || !ts.isCallExpression(call) || call.expression.getText() !== "tracepoint") return null;
  const [category, name] = call.arguments;
  if (node !== category || !ts.isStringLiteral(category) || name === undefined || !ts.isStringLiteral(name))
    return null;
  const near = nearest(
    category.text,
    literalsOf(message).filter((one) => one !== category.text),
  );
  const isMisspelt = near !== null && Math.abs(near.length - category.text.length) < 3;
  return isMisspelt ? null : declareTracepoint(`${category.text}/${name.text}`);
}

/** What a decorator's name is asked for as, where codegen declares such names. */
const declaredAs: Readonly<Record<string, string>> = {
  fentry: "function:",
  fexit: "function:",
  fmodRet: "function:",
  lsm: "lsm:",
  lsmCgroup: "lsm:",
  iter: "iter:",
  rawTracepoint: "tracepoint:CATEGORY/",
  btfTracepoint: "tracepoint:CATEGORY/",
};

/** The name of what a program is for, where nothing declares it: the nearest that there is, or how it is declared. */
function placeNameHelp(code: number, { node, checker }: ErrorPlace): string | null {
  const call = node.parent;
  if (
    code !== 2345 ||
    !ts.isCallExpression(call) ||
    !ts.isDecorator(call.parent) ||
    !ts.isStringLiteral(node)
  )
    return null;
  // `tracepointHelp` says more of those.
  if (call.expression.getText() === "tracepoint") return null;
  const wanted = checker.getContextualType(node);
  const known = (wanted?.isUnion() === true ? wanted.types : [wanted]).flatMap((type) =>
    type?.isStringLiteral() === true ? [type.value] : [],
  );
  const others = known.filter((name) => name !== node.text);
  const near = nearest(node.text, others);
  if (near !== null) return `did you mean "${near}"?`;
  const prefix = declaredAs[call.expression.getText()];
  if (prefix !== undefined)
    return `declare it: npx xtask codegen --add ${prefix}${node.text}, and import what that writes`;
  return others.length === 0 ? null : `there is ${others.join(", ")}`;
}

const declareTracepoint = (name: string): string =>
  `declare it: npx xtask codegen tracepoint:${name}, and import what that writes`;

/** A tracepoint that nothing declares yet. */
function tracepointHelp(code: number, message: string): string | null {
  const [, name] =
    message.match(/'"([\w]+\/[\w]+)"' does not satisfy the constraint 'keyof Tracepoints'/) ?? [];
  return code === 2344 && name !== undefined ? declareTracepoint(name) : null;
}

/** The nearest of the literals that would have been right: tracepoints, modes. */
function nearestName(code: number, message: string): string | null {
  const [, given, wanted] =
    message.match(/ype '"([^"]*)"' is not assignable to (?:parameter of )?type '([^']*)'/) ?? [];
  if (code !== 2345 || given === undefined || wanted === undefined) return null;
  const found = nearest(given, literalsOf(wanted));
  return found === null ? null : `did you mean "${found}"?`;
}

/** The keys of @waggle/kernel's phantom properties, as messages show them: `[INT]`, `[BIG_ENDIAN]`. */
const brand = /\[[A-Z_]{3,}\]/;

/** Advice on TypeScript's own library, which kernel code has none of: what Waggle advises is said as help. */
export const withoutLibraryAdvice = (message: string): string =>
  message.replace(/ Do you need to (?:change your target library|install type definitions)[^\n]*/, "");

/** A message without the lines on phantom properties, which nobody wrote: the line before has said what does not fit. */
export function withoutBrands(text: string | ts.DiagnosticMessageChain): string | ts.DiagnosticMessageChain {
  if (typeof text === "string" || text.next === undefined) return text;
  const next = text.next.filter(({ messageText }) => !brand.test(messageText)).map(withoutBrands);
  return { ...text, next: next.filter((one) => typeof one !== "string") };
}

/** A tracepoint that is not known is wrong in the decorator, in the context's type, and in each use of the context: it is told once. */
export function withoutEchoes(list: readonly Diagnostic[]): readonly Diagnostic[] {
  const texts = (of: string): string[] =>
    list.flatMap(({ code, message, help }) => (code === of && help !== null ? quoted(message) : []));
  const [misspelt, unknown] = [texts("TS2345"), texts("TS2344")];
  const isOf = (full: string) => (name: string) => full === name || full.endsWith(`/${name}`);
  return list.filter(({ code, message, help }) =>
    quoted(message).every((name) => {
      if (code === "TS2344") return !misspelt.some(isOf(name));
      if (code === "TS2345" && help === null) return !unknown.some((full) => isOf(full)(name));
      return code !== "TS2339" || !unknown.includes(name);
    }),
  );
}

/** The first text in double quotes of a message. */
const quoted = (message: string): string[] => (message.match(/"([\w/]+)"/) ?? []).slice(1);

/** Comments that hide type errors: what TypeScript does not check, the compiler would take on trust. */
export function silencedErrors(source: ts.SourceFile): Diagnostic[] {
  return [
    ...source.text.matchAll(/(?:^|[^\S\n])(?:\/\/\/?|\/\*)[^\S\n]*(@ts-(?:ignore|expect-error|nocheck))\b/gm),
  ].map((match) => {
    const directive = match[1] ?? "";
    const end = match.index + match[0].length;
    return diagnosticAtSpan(
      source,
      end - directive.length,
      end,
      "WG1012",
      `${directive} hides an error on which kernel memory depends`,
      "remove it, and make the types right",
    );
  });
}

/** `a` and `b` of `"a" | "b"`. */
const literalsOf = (type: string): string[] => [...type.matchAll(/"([^"]*)"/g)].map(([, name = ""]) => name);
