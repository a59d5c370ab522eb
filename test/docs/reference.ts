/** The pages of docs/reference: programs, contexts, maps and helpers, from the tables that every part reads. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  contextStructByName,
  helperKindOf,
  helperProgramKinds,
  helperSince,
  helpers,
  mapTypes,
  programKinds,
  sectionByName,
} from "@waggle/object";
import ts from "typescript";
import { mapKinds } from "../../packages/compiler/src/frontend/classes/map-kinds.js";
import { programDecorators } from "../../packages/compiler/src/frontend/classes/program-decorators.js";
import { root } from "./blocks.js";

const kernel = `${root}packages/kernel/src/`;

/** A row of a table, with its cells escaped. */
const row = (...cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
const table = (head: readonly string[], rows: readonly string[]): string =>
  [row(...head), row(...head.map(() => "---")), ...rows].join("\n");
const code = (text: string): string => `\`${text}\``;

const made =
  "`WAGGLE_WRITE_DOCS=1 npx vitest run test/docs/reference.test.ts` writes this page from the tables that the compiler, the loader and the simulator use.";

/** For decorators whose section name ends with a hook: an example of such a hook. */
const hooks: Readonly<Record<string, string>> = {
  cgroupSkb: "egress",
  cgroupSock: "sock_create",
  cgroupSockAddr: "connect4",
  cgroupSockopt: "setsockopt",
};

const kindOf = (name: string, section: string): string => {
  const match = sectionByName(`${section}${hooks[name] ?? ""}`);
  if (match === null) throw new Error(`@${name} has no section`);
  return match.kind.name;
};

/** The decorators of a kind of program. */
const decoratorsOf = (kind: string): readonly { readonly name: string; readonly context: string }[] =>
  Object.entries(programDecorators).flatMap(([name, { section, context }]) =>
    kindOf(name, section) === kind ? [{ name, context }] : [],
  );

/** The page of docs/programs about a kind: the page with its name, else one that shows its decorator. */
function pageOf(kind: string, names: readonly string[]): string | null {
  const folder = `${root}docs/programs`;
  if (existsSync(join(folder, `${kind}.md`))) return `${kind}.md`;
  const found = readdirSync(folder).find((file) => {
    const text = readFileSync(join(folder, file), "utf8");
    return file !== "README.md" && names.some((name) => new RegExp(`@${name}\\b`).test(text));
  });
  return found ?? null;
}

function programsPage(): string {
  const rows = programKinds.map(({ name, type, since, context, struct }) => {
    const own = decoratorsOf(name);
    const page = pageOf(
      name,
      own.map((decorator) => decorator.name),
    );
    return row(
      page === null ? name : `[${name}](../programs/${page})`,
      own.length === 0 ? "not yet" : own.map((decorator) => code(`@${decorator.name}`)).join(", "),
      [...new Set(own.map((decorator) => decorator.context))].map(code).join(", "),
      struct === null ? context : `[${code(struct)}](contexts.md#${struct.toLowerCase()})`,
      code(type.uapi),
      since,
    );
  });
  return `# Programs

Every kind of program, in the order in which the kernel added their program types. ${made}

${table(["kind", "decorator", "context", "contents of the context", "program type", "oldest kernel"], rows)}

The context contains one of these: a struct of linux/bpf.h; "record", the record of a tracepoint; "registers", the registers of the CPU; "arguments", the
arguments of a function or hook, with the kernel's types; "own", a struct of your own.
`;
}

function contextsPage(): string {
  const structs = [...new Set(programKinds.flatMap(({ struct }) => (struct === null ? [] : [struct])))];
  const parts = [...structs, "bpf_flow_keys"].flatMap((name) => {
    const layout = contextStructByName(name);
    if (layout === null) return [];
    const kinds = programKinds.filter(({ struct }) => struct === name).map((kind) => kind.name);
    const rows = layout.fields.map(({ title, name: field, type, length, width, pointer }) =>
      row(
        code(title),
        pointer !== null ? `pointer: ${pointer}` : length > 1 ? `${type}[${length}]` : type,
        code(field),
        String(width * length),
      ),
    );
    const of =
      kinds.length === 0 ? "The struct behind `ctx.flowKeys`." : `The context of ${kinds.join(", ")}.`;
    return [`## ${name}\n\n${of}\n\n${table(["field", "type", "in the kernel", "bytes"], rows)}\n`];
  });
  return `# Contexts

The structs of linux/bpf.h that programs receive, with the names of the fields in TypeScript. The types of @waggle/kernel, and so an editor's completions, contain
only the fields that a kind of program may read, and mark those that it may not write as \`readonly\`. ${made}

${parts.join("\n")}`;
}

/** The public methods of each map class in @waggle/kernel. */
function mapMethods(): ReadonlyMap<string, readonly string[]> {
  const program = ts.createProgram([`${kernel}index.ts`], {
    module: ts.ModuleKind.NodeNext,
    noLib: true,
    types: [],
  });
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(`${kernel}index.ts`);
  const symbol = source === undefined ? undefined : checker.getSymbolAtLocation(source);
  if (symbol === undefined) throw new Error("@waggle/kernel exports nothing");
  const classes = checker
    .getExportsOfModule(symbol)
    .map((item) => (item.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(item) : item));
  return new Map(
    classes.flatMap((item): [string, readonly string[]][] => {
      if (!Object.hasOwn(mapKinds, item.name)) return [];
      const properties = checker.getDeclaredTypeOfSymbol(item).getProperties();
      const methods = properties.filter(
        ({ flags, name }) => flags & ts.SymbolFlags.Method && !name.startsWith("__@"),
      );
      return [[item.name, methods.map(({ name }) => name)]];
    }),
  );
}

function mapsPage(): string {
  const methods = mapMethods();
  const rows = mapTypes.map(({ name, uapi, since }) => {
    const [title = null] =
      Object.entries(mapKinds).find(([title, { type }]) => type === name && methods.has(title)) ?? [];
    const own = title === null ? [] : (methods.get(title) ?? []);
    return row(
      title === null ? "not yet" : code(title),
      own.map((method) => code(method)).join(", "),
      code(uapi),
      since,
    );
  });
  return `# Maps

Every map type, in the order in which the kernel added them, with the methods that kernel code can call. [Maps](../maps.md) helps to choose a type,
[the language](../language/maps.md) shows how to declare maps, and [packages/userspace](../../packages/userspace/README.md) describes the user side. ${made}

${table(["class", "methods in programs", "map type", "oldest kernel"], rows)}
`;
}

/** The functions and methods of @waggle/kernel whose doc comments name a helper, by the helper's name. */
function callsByHelper(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, Set<string>>();
  const add = (helper: string, name: string): void => {
    const names = found.get(helper) ?? new Set();
    found.set(helper, names.add(name));
  };
  for (const file of readdirSync(kernel, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".ts") || file.includes("fixtures") || file.endsWith(".test.ts")) continue;
    const text = readFileSync(`${kernel}${file}`, "utf8");
    for (const [, doc = "", kind, name = ""] of text.matchAll(
      /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*(export function |export const |readonly )?(\w+)/g,
    ))
      for (const [, helper = ""] of doc.matchAll(/`(bpf_\w+)`/g))
        add(helper, kind?.startsWith("export") === true ? `${name}()` : `.${name}()`);
  }
  return new Map([...found].map(([helper, names]) => [helper, [...names]]));
}

function helpersPage(): string {
  const calls = callsByHelper();
  const rows = helpers.map(({ name, since, id }) => {
    const callers = helperProgramKinds.filter((kind) => {
      const from = helperSince(kind, name);
      return from !== null && from !== "unknown";
    });
    const programs = callers.length === helperProgramKinds.length ? "all" : callers.join(", ");
    return row(String(id), code(name), (calls.get(name) ?? []).map(code).join(", "), since, programs);
  });
  const kinds = [...new Set(programKinds.map(helperKindOf))].length;
  return `# Helpers

Every helper of the kernel, the function or method of @waggle/kernel that calls it, the first kernel that has it, and the program types that may call it.
The list is complete: since Linux 6.2, the kernel adds [kfuncs](../language/kernel-functions.md) instead of helpers. The last column was found by asking
kernels from 5.10 to 7.3 about ${kinds} program types. ${made}

${table(["id", "helper", "call", "oldest kernel", "program types"], rows)}
`;
}

const index = `# Reference

| page | contents |
| --- | --- |
| [Programs](programs.md) | every kind of program, with its decorator, context, program type and oldest kernel |
| [Contexts](contexts.md) | the structs that programs receive, field by field |
| [Maps](maps.md) | every map type, with its class and methods |
| [Helpers](helpers.md) | every helper: what calls it, its oldest kernel, the program types that may call it |
| [Programs by kernel](../programs-by-kernel.md) | which kinds of program were tested on which kernels |

`;

/** The pages by file name. */
export const referencePages = (): Readonly<Record<string, string>> => ({
  "README.md": `${index}${made.replace("this page", "these pages")}\n`,
  "programs.md": programsPage(),
  "contexts.md": contextsPage(),
  "maps.md": mapsPage(),
  "helpers.md": helpersPage(),
});
