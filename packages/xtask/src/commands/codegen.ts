import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { BuildCode, BuildFailure, buildDiagnostic, displayPath } from "../build/diagnostics.js";
import { nearestProject } from "../build/find.js";
import { count } from "../build/summary.js";
import { writeOutputs } from "../build/write.js";
import { generate } from "../codegen/generate.js";
import type { Recipe } from "../codegen/header.js";
import { parseHeader } from "../codegen/header.js";
import type { Request } from "../codegen/request.js";
import { parseRequest } from "../codegen/request.js";
import type { BtfSource, SourceChoice } from "../codegen/source.js";
import { openSource } from "../codegen/source.js";
import type { CodegenConfig } from "../config/config.js";
import { loadConfig } from "../config/load.js";
import { ExitCode } from "../exit-code.js";
import type { Terminal } from "../terminal.js";
import { UsageError } from "../usage-error.js";

/** What the command line of `xtask codegen` says. */
export interface CodegenFlags extends SourceChoice {
  readonly out?: string;
  readonly add?: boolean;
  readonly check?: boolean;
  readonly json?: boolean;
}

/** A file to make. */
interface Task {
  /** Absolute. */
  readonly out: string;
  /** Folder that the paths of `choice` are from. */
  readonly folder: string;
  readonly requests: readonly Request[];
  readonly choice: SourceChoice;
}

/** What `--json` prints of a file. */
interface FileReport {
  readonly file: string;
  readonly changed: boolean;
  readonly source: string;
  readonly types: readonly string[];
  readonly opaque: readonly string[];
  readonly notes: readonly string[];
}

/** Where declarations go when nothing else is said, from the project's folder. */
const defaultOut = "src/kernel/vmlinux.ts";

/**
 * `xtask codegen`. Returns the exit code.
 * @throws UsageError when nothing is asked for, or a source is not there
 * @throws BuildFailure for names that the kernel does not have and for files that cannot be read or written
 */
export async function codegenCommand(
  names: readonly string[],
  flags: CodegenFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  try {
    return await writeDeclarations(names, flags, terminal);
  } catch (error) {
    if (flags.json !== true || !(error instanceof BuildFailure)) throw error;
    terminal.write(`${JSON.stringify({ ok: false, files: [], diagnostics: error.diagnostics })}\n`);
    return ExitCode.Failed;
  }
}

async function writeDeclarations(
  names: readonly string[],
  flags: CodegenFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  const tasks = await tasksOf(names, flags, terminal.cwd);
  const sources = new Map<string, BtfSource>();
  const outputs: { readonly path: string; readonly bytes: Uint8Array }[] = [];
  const reports: FileReport[] = [];
  const failures = [];
  for (const { out, folder, requests, choice } of tasks) {
    const key = JSON.stringify([folder, choice]);
    const source = sources.get(key) ?? openSource(choice, folder);
    sources.set(key, source);
    const { btf, label, options, events } = source;
    const made = generate({ btf, label, requests, source: options, events });
    for (const { message, help } of made.unknown) {
      failures.push(
        buildDiagnostic(BuildCode.UnknownKernelName, out, message, help === null ? {} : { help }),
      );
    }
    const before = existsSync(out) ? readFileSync(out, "utf8") : null;
    if (before !== null && before.trim() !== "" && parseHeader(before) === null) {
      const message = `${displayPath(terminal.cwd, out)} was not made by xtask codegen: it is left as it is`;
      const help = "write elsewhere with --out, or remove the file";
      throw new BuildFailure([buildDiagnostic(BuildCode.CannotWrite, out, message, { help })]);
    }
    outputs.push({ path: out, bytes: new TextEncoder().encode(made.text) });
    reports.push({
      file: displayPath(terminal.cwd, out),
      changed: before !== made.text,
      source: source.description,
      types: made.types,
      opaque: made.opaque,
      notes: source.note === null ? made.notes : [source.note, ...made.notes],
    });
  }
  if (failures.length > 0) throw new BuildFailure(failures);
  const check = flags.check === true;
  if (!check) writeOutputs(outputs);
  const ok = !check || reports.every(({ changed }) => !changed);
  if (flags.json === true) terminal.write(`${JSON.stringify({ ok, files: reports, diagnostics: [] })}\n`);
  else for (const report of reports) show(terminal, report, check);
  return ok ? ExitCode.Ok : ExitCode.Failed;
}

function show(terminal: Terminal, report: FileReport, check: boolean): void {
  const { out, err } = terminal;
  for (const note of report.notes) terminal.writeError(`${err.bold(err.yellow("note"))}: ${note}\n`);
  const state = !report.changed ? "fresh" : check ? "stale" : "wrote";
  const sizes = `${count(report.types.length, "type")}, ${report.opaque.length} by name only`;
  terminal.write(`${out.bold(state)}  ${report.file}: ${sizes}; from ${report.source}\n`);
}

/** The files to make: that of the command line, those of the configuration, or one that is there again. */
async function tasksOf(names: readonly string[], flags: CodegenFlags, cwd: string): Promise<readonly Task[]> {
  const project = nearestProject(cwd) ?? cwd;
  const asked = parseNames(names);
  const out = flags.out === undefined ? resolve(project, defaultOut) : resolve(cwd, flags.out);
  const recipe = readRecipe(out);
  const choice = choiceOf(flags);
  if (asked.length > 0) {
    if (flags.add !== true || recipe === null) return [{ out, folder: cwd, requests: asked, choice }];
    return [again(recipe, out, [...recipe.requests, ...asked], choice, project, cwd)];
  }
  if (flags.add === true) throw new UsageError("--add what? Name types, functions or tracepoints");
  const { config } = await loadConfig(project);
  const configured = (config.codegen ?? []).map((entry) => configuredTask(entry, project, choice, cwd));
  const chosen = flags.out === undefined ? configured : configured.filter((task) => task.out === out);
  if (chosen.length > 0) return chosen;
  if (recipe !== null) return [again(recipe, out, recipe.requests, choice, project, cwd)];
  throw new UsageError(
    "name what is to be declared, such as: xtask codegen task_struct tracepoint:sched/sched_switch",
  );
}

function again(
  recipe: Recipe,
  out: string,
  requests: readonly Request[],
  choice: SourceChoice,
  project: string,
  cwd: string,
): Task {
  if (Object.keys(choice).length > 0) return { out, folder: cwd, requests, choice };
  return { out, folder: project, requests, choice: recipeChoice(recipe.source) };
}

function configuredTask(entry: CodegenConfig, project: string, choice: SourceChoice, cwd: string): Task {
  const requests = parseNames([
    ...(entry.types ?? []),
    ...(entry.functions ?? []).map((name) => `function:${name}`),
    ...(entry.tracepoints ?? []).map((name) => `tracepoint:${name}`),
    ...(entry.lsm ?? []).map((name) => `lsm:${name}`),
    ...(entry.iterators ?? []).map((name) => `iter:${name}`),
    ...(entry.kfuncs ?? []).map((name) => `kfunc:${name}`),
  ]);
  const out = resolve(project, entry.out);
  if (Object.keys(choice).length > 0) return { out, folder: cwd, requests, choice };
  return { out, folder: project, requests, choice: choiceOf(entry) };
}

function parseNames(names: readonly string[]): readonly Request[] {
  const requests: Request[] = [];
  const problems: string[] = [];
  for (const name of names) {
    const request = parseRequest(name);
    if (typeof request === "string") problems.push(request);
    else requests.push(request);
  }
  if (problems.length > 0) throw new UsageError(problems.join("\n"));
  return requests;
}

function choiceOf({ btf, split, module, builtin }: SourceChoice): SourceChoice {
  return {
    ...(btf === undefined ? {} : { btf }),
    ...(split === undefined ? {} : { split }),
    ...(module === undefined ? {} : { module }),
    ...(builtin === true ? { builtin } : {}),
  };
}

function recipeChoice(source: readonly string[]): SourceChoice {
  const after = (option: string): string | undefined => {
    const index = source.indexOf(option);
    return index === -1 ? undefined : source[index + 1];
  };
  const [btf, split, module] = [after("--btf"), after("--split"), after("--module")];
  return {
    ...(btf === undefined ? {} : { btf }),
    ...(split === undefined ? {} : { split }),
    ...(module === undefined ? {} : { module }),
    ...(source.includes("--builtin") ? { builtin: true } : {}),
  };
}

function readRecipe(out: string): Recipe | null {
  return existsSync(out) ? parseHeader(readFileSync(out, "utf8")) : null;
}
