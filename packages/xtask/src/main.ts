import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { BuildFailure } from "./build/diagnostics.js";
import type { BuildEbpfFlags } from "./commands/build-ebpf.js";
import type { CheckFlags } from "./commands/check.js";
import type { CodegenFlags } from "./commands/codegen.js";
import type { DisasmFlags } from "./commands/disasm.js";
import type { DoctorFlags } from "./commands/doctor.js";
import type { ExplainFlags } from "./commands/explain.js";
import { ExitCode, exitCodeOf } from "./exit-code.js";
import { reportDiagnostics } from "./report-diagnostics.js";
import { cpuOption, kernelOption, targetOption } from "./target-options.js";
import type { Terminal } from "./terminal.js";
import { UsageError } from "./usage-error.js";

/**
 * Runs a command line, without the words `node xtask`. Never throws: what goes wrong is told on standard error and by
 * the exit code that it resolves to.
 */
export async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let code: ExitCode = ExitCode.Ok;
  const program = createProgram(terminal, (result) => {
    code = result;
  });
  try {
    await program.parseAsync([...args], { from: "user" });
    return code;
  } catch (error) {
    return told(error, terminal);
  }
}

const examples = {
  main: `
Examples:
  $ xtask build-ebpf              compile src/kernel/, write src/ebpf/
  $ xtask check                   report what is wrong with it, write nothing
  $ xtask codegen task_struct     declare types of the kernel
  $ xtask disasm src/ebpf/flows.o
  $ xtask explain WG2002          tell what an error means
  $ xtask doctor                  tell what this machine's kernel can do

Exit codes: 0 done, 1 the build failed, 2 wrong command line, 70 a bug of xtask`,
  build: `
Examples:
  $ xtask build-ebpf                                 every kernel class of the project
  $ xtask build-ebpf src/kernel/flows.ts --force     one file, fresh or not
  $ xtask build-ebpf --target bpfeb --out dist/be    for big-endian machines
  $ xtask build-ebpf --kernel 5.15                   to load on Linux 5.15 and newer
  $ xtask build-ebpf --watch                         again on every change
  $ xtask build-ebpf --json | jq .classes            for other tools`,
  check: `
Examples:
  $ xtask check                             every kernel class of the project
  $ xtask check src/kernel/flows.ts         one file
  $ xtask check --watch                     again on every change
  $ xtask check --json | jq .diagnostics    for other tools`,
  codegen: `
Names: a struct, union, enum or typedef by itself, TYPE.FIELD,FIELD for a part of one, function:NAME,
tracepoint:CATEGORY/NAME, lsm:HOOK, iter:NAME, kfunc:NAME

Examples:
  $ xtask codegen task_struct file enum:pid_type        write src/kernel/vmlinux.ts
  $ xtask codegen task_struct.tgid,real_parent          these fields only
  $ xtask codegen --add tracepoint:sched/sched_wakeup   and this, beside what the file has
  $ xtask codegen                                       make the file again
  $ xtask codegen --check                               exit 1 when that would change it
  $ xtask codegen sock --btf vmlinux-5.10.btf           of another kernel
  $ xtask codegen nf_conn --module nf_conntrack --out src/kernel/conntrack.ts`,
  lsp: `
An editor starts it and speaks the Language Server Protocol with it over standard input and output.
docs/editors.md tells how to set up VS Code, Neovim and others.`,
  doctor: `
It asks the kernel itself, by loading what does nothing; run it as the user that will load your programs.

Examples:
  $ sudo npx xtask doctor
  $ npx xtask doctor --json | jq '.programs[] | select(.supported == false)'`,
  explain: `
Examples:
  $ xtask explain WG2002            why it is refused, and what to write instead
  $ xtask explain                   list every code
  $ xtask explain --json | jq .pages`,
  disasm: `
Examples:
  $ xtask disasm src/ebpf/flows.o
  $ xtask disasm src/kernel/flows.ts --program count
  $ xtask disasm program-by-clang.o --json`,
};

function createProgram(terminal: Terminal, done: (code: ExitCode) => void): Command {
  const program = new Command("xtask")
    .description("Builds and inspects Waggle projects.")
    .version(ownVersion(), "-V, --version", "print the version")
    .addHelpText("after", examples.main);
  const command = (name: string) => program.command(name).exitOverride().configureOutput(output);
  const output = {
    writeOut: (text: string) => terminal.write(text),
    writeErr: (text: string) => terminal.writeError(text),
    getOutHasColors: () => terminal.out.isColorSupported,
    getErrHasColors: () => terminal.err.isColorSupported,
    // All errors are written in one place, below.
    outputError: () => {},
  };
  program.exitOverride().configureOutput(output);

  command("build-ebpf")
    .description("Compile the kernel classes of a project; write the object and the typed module of each.")
    .argument("[files...]", "kernel files or patterns (default: src/kernel/**/*.ts of the nearest project)")
    .addOption(targetOption())
    .addOption(cpuOption())
    .addOption(kernelOption())
    .option("--out <dir>", "folder for what is written (default: src/ebpf of the project)")
    .option("--watch", "build again on every change, until Ctrl-C")
    .option("--json", "print one JSON document a build, and nothing else")
    .option("--force", "compile even what has not changed")
    .addHelpText("after", examples.build)
    .action(async (files: string[], flags: BuildEbpfFlags) => {
      const { buildEbpfCommand } = await import("./commands/build-ebpf.js");
      done(await buildEbpfCommand(files, flags, terminal));
    });

  command("check")
    .description("Report what is wrong with the kernel classes of a project; nothing is written.")
    .argument("[files...]", "kernel files or patterns (default: as build-ebpf)")
    .addOption(targetOption())
    .addOption(cpuOption())
    .addOption(kernelOption())
    .option("--watch", "check again on every change, until Ctrl-C")
    .option("--json", "print one JSON document a check, and nothing else")
    .addHelpText("after", examples.check)
    .action(async (files: string[], flags: CheckFlags) => {
      const { checkCommand } = await import("./commands/check.js");
      done(await checkCommand(files, flags, terminal));
    });

  command("codegen")
    .description("Write declarations of the kernel's types, functions, tracepoints and LSM hooks.")
    .argument("[names...]", "what to declare (default: xtask.config.ts, or what the file has)")
    .option("--out <file>", "file to write (default: src/kernel/vmlinux.ts of the project)")
    .option("--add", "keep what the file declares already")
    .option("--btf <file>", "types of another kernel: a BTF file, or an ELF file with .BTF")
    .option("--split <file>", "types of a module of that kernel")
    .option("--module <name>", "types of a module of the running kernel")
    .option("--builtin", "the types that Waggle brings, whatever kernel runs")
    .option("--check", "write nothing; exit 1 when a file would change")
    .option("--json", "print one JSON document, and nothing else")
    .addHelpText("after", examples.codegen)
    .action(async (names: string[], flags: CodegenFlags) => {
      const { codegenCommand } = await import("./commands/codegen.js");
      done(await codegenCommand(names, flags, terminal));
    });

  command("lsp")
    .description("Run the language server: the compiler's diagnostics in an editor, as one types.")
    .option("--stdio", "speak over standard input and output, as it does anyway")
    .addHelpText("after", examples.lsp)
    .action(async () => {
      const { lspCommand } = await import("./commands/lsp.js");
      done(await lspCommand(ownVersion()));
    });

  command("disasm")
    .description("Print the instructions of an object, or of a kernel file, with their source lines.")
    .argument("<file>", "an object (.o), also of another compiler, or a kernel file (.ts)")
    .option("--program <name>", "this program only")
    .addOption(targetOption())
    .addOption(cpuOption())
    .addOption(kernelOption())
    .option("--json", "print one JSON document")
    .addHelpText("after", examples.disasm)
    .action(async (file: string, flags: DisasmFlags) => {
      const { disasmCommand } = await import("./commands/disasm.js");
      done(await disasmCommand(file, flags, terminal));
    });

  command("doctor")
    .description("Tell what this machine's kernel can do: programs, maps, links, BTF.")
    .option("--all", "also what is there")
    .option("--json", "print one JSON document")
    .addHelpText("after", examples.doctor)
    .action(async (flags: DoctorFlags) => {
      const { doctorCommand } = await import("./commands/doctor.js");
      done(doctorCommand(flags, terminal));
    });

  command("explain")
    .description("Tell what an error of the compiler or of a build means, with examples.")
    .argument("[codes...]", "codes, such as WG2002 (default: list all)")
    .option("--json", "print one JSON document")
    .addHelpText("after", examples.explain)
    .action(async (codes: string[], flags: ExplainFlags) => {
      const { explainCommand } = await import("./commands/explain.js");
      done(explainCommand(codes, flags, terminal));
    });
  return program;
}

async function told(error: unknown, terminal: Terminal): Promise<ExitCode> {
  const { err } = terminal;
  const label = err.bold(err.red("error"));
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return ExitCode.Ok;
    // Commander has shown the help of a command line without a command: nothing to add.
    if (error.code !== "commander.help") {
      terminal.writeError(
        `${label}: ${error.message.replace(/^error: /, "")}\n(xtask --help shows what there is)\n`,
      );
    }
    return ExitCode.Usage;
  }
  if (error instanceof UsageError) {
    terminal.writeError(`${label}: ${error.message}\n`);
    return ExitCode.Usage;
  }
  if (error instanceof BuildFailure) {
    await reportDiagnostics(error.diagnostics, terminal);
    return exitCodeOf({ ok: false, diagnostics: error.diagnostics });
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  terminal.writeError(
    `${err.bold(err.red("internal error"))}: this is a bug in Waggle, not in your code.\n${text}\n` +
      `Please report it with this text, the kernel file, and: xtask ${ownVersion()}, Node ${process.version}, ${process.platform}\n`,
  );
  return ExitCode.Bug;
}

function ownVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  const known = typeof manifest === "object" && manifest !== null && "version" in manifest;
  return known && typeof manifest.version === "string" ? manifest.version : "unknown";
}
