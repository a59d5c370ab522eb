import { basename, relative, resolve } from "node:path";
import { Command, CommanderError } from "commander";
import { ask, defaultDirectory } from "./ask.js";
import { ScaffoldError, UsageError } from "./errors.js";
import { ExitCode } from "./exit-code.js";
import type { PackageManager } from "./package-manager.js";
import { findPackageManager, install } from "./package-manager.js";
import { packageNameProblem, toPackageName } from "./package-name.js";
import { requireFree, scaffold } from "./scaffold.js";
import { defaultTemplate, findTemplate, listTemplates } from "./templates.js";
import type { Terminal } from "./terminal.js";
import { ownVersion, waggleSource } from "./waggle-source.js";

interface Flags {
  readonly template?: string;
  readonly name?: string;
  readonly packageManager?: string;
  readonly waggle?: string;
  readonly install: boolean;
  readonly yes?: boolean;
  readonly list?: boolean;
}

const examples = `
Examples:
  $ npm create bpf-app                                        asks
  $ npm create bpf-app my-app -- --template xdp               asks nothing
  $ create-bpf-app my-app --template xdp --no-install         works offline

Exit codes: 0 done, 1 failed, 2 wrong command line, 130 cancelled, 70 a bug of create-bpf-app`;

/**
 * Runs a command line, without the words `node create-bpf-app`. Never throws: what goes wrong is told on standard error
 * and by the exit code that it resolves to.
 */
export async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let code: ExitCode = ExitCode.Ok;
  const program = new Command("create-bpf-app")
    .description("Makes a project with an eBPF program in TypeScript, its user side and its test.")
    .version(ownVersion(), "-V, --version", "print the version")
    .argument("[directory]", "where to make it: a folder that is empty or does not exist")
    .option("--template <name>", `what it begins with, see --list (default: ${defaultTemplate})`)
    .option("--name <name>", "the package's name (default: the folder's)")
    .option("--package-manager <name>", "npm, pnpm, yarn or bun (default: the one that runs this)")
    .option("--no-install", "do not install packages")
    .option("--yes", "take the defaults, ask nothing")
    .option("--list", "print the templates")
    .option("--waggle <source>", "version of the @waggle packages, or a folder with packed tarballs of them")
    .addHelpText("after", examples)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.write(text),
      getOutHasColors: () => terminal.out.isColorSupported,
      // All errors are written in one place, below.
      outputError: () => {},
    })
    .action(async (directory: string | undefined, flags: Flags) => {
      code = flags.list === true ? list(terminal) : await create(directory, flags, terminal);
    });
  try {
    await program.parseAsync([...args], { from: "user" });
    return code;
  } catch (error) {
    return explain(error, terminal);
  }
}

function list(terminal: Terminal): ExitCode {
  const templates = listTemplates();
  const width = Math.max(...templates.map((template) => template.name.length)) + 2;
  for (const { name, description } of templates) terminal.write(`${name.padEnd(width)}${description}\n`);
  return ExitCode.Ok;
}

async function create(directory: string | undefined, flags: Flags, terminal: Terminal): Promise<ExitCode> {
  // What can be wrong with the flags is told before any question.
  const waggle = waggleSource(flags.waggle ?? terminal.waggle, terminal.cwd);
  const manager = findPackageManager(flags.packageManager, terminal.userAgent);
  if (flags.template !== undefined) findTemplate(flags.template);
  if (flags.name !== undefined) requireName(flags.name);
  if (directory !== undefined) requireFree(resolve(terminal.cwd, directory));

  const known = {
    ...(directory === undefined ? {} : { directory }),
    ...(flags.template === undefined ? {} : { template: flags.template }),
  };
  const answers = await answer(known, flags, terminal);
  if (answers === null) return ExitCode.Cancelled;

  const folder = resolve(terminal.cwd, answers.directory);
  const template = findTemplate(answers.template);
  const name = flags.name ?? toPackageName(basename(folder));
  const files = scaffold({ folder, name, template, waggle });
  const place = relative(terminal.cwd, folder);
  terminal.write(
    `${name}: ${files.length} files from the template ${template.name} in ${place || "this folder"}\n`,
  );
  if (!flags.install) {
    nextLines(terminal, place, [installLine(manager), manager.start]);
    return ExitCode.Ok;
  }
  if (await install(manager, folder)) {
    nextLines(terminal, place, [manager.start]);
    return ExitCode.Ok;
  }
  terminal.writeError(
    `${label(terminal)}: ${manager.name} install failed; the project is there without its packages\n`,
  );
  nextLines(terminal, place, [installLine(manager), manager.start]);
  return ExitCode.Failed;
}

const installLine = (manager: PackageManager) => `${manager.name} install`;

async function answer(known: { directory?: string; template?: string }, flags: Flags, terminal: Terminal) {
  if (terminal.interactive && flags.yes !== true) return ask(known, terminal.cwd);
  if (known.directory === undefined && flags.yes !== true) {
    throw new UsageError("which folder? For example: create-bpf-app my-app (or --yes for the defaults)");
  }
  return { directory: known.directory ?? defaultDirectory, template: known.template ?? defaultTemplate };
}

function requireName(name: string): void {
  const problem = packageNameProblem(name);
  if (problem === null) return;
  throw new UsageError(`--name ${name} is no package name: ${problem}. Try --name ${toPackageName(name)}`);
}

function nextLines(terminal: Terminal, place: string, lines: readonly string[]): void {
  const all = place === "" ? lines : [`cd ${/\s/.test(place) ? JSON.stringify(place) : place}`, ...lines];
  terminal.write(`\nNext:\n\n${all.map((line) => `  ${terminal.out.bold(line)}\n`).join("")}\n`);
}

function label(terminal: Terminal): string {
  return terminal.err.bold(terminal.err.red("error"));
}

function explain(error: unknown, terminal: Terminal): ExitCode {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return ExitCode.Ok;
    const message = error.message.replace(/^error: /, "");
    terminal.writeError(`${label(terminal)}: ${message}\n(create-bpf-app --help shows what there is)\n`);
    return ExitCode.Usage;
  }
  if (error instanceof UsageError || error instanceof ScaffoldError) {
    terminal.writeError(`${label(terminal)}: ${error.message}\n`);
    return error instanceof UsageError ? ExitCode.Usage : ExitCode.Failed;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  terminal.writeError(
    `${terminal.err.bold("internal error")}: this is a bug in create-bpf-app.\n${text}\n` +
      `Please report it with this text and: create-bpf-app ${ownVersion()}, Node ${process.version}, ${process.platform}\n`,
  );
  return ExitCode.Bug;
}
