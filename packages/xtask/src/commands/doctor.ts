import { readFileSync } from "node:fs";
import { release } from "node:os";
import { kernelHas, mapTypes, parseKernelVersion, programKinds } from "@waggle/object";
import {
  btfFeatures,
  btfSupport,
  canLoad,
  linkKinds,
  linkSupport,
  mapSupport,
  programSupport,
  type Support,
} from "@waggle/userspace";
import { ExitCode } from "../exit-code.js";
import type { Terminal } from "../terminal.js";

/** What the command line of `xtask doctor` says. */
export interface DoctorFlags {
  readonly json?: boolean;
  /** Also what is there. */
  readonly all?: boolean;
}

/** Something that was asked about. */
interface Answer extends Support {
  readonly name: string;
  /** Oldest kernel that has it; null when that is not told. */
  readonly since: string | null;
}

interface Section {
  readonly title: string;
  readonly answers: readonly Answer[];
}

/**
 * `xtask doctor`: what this machine's kernel can do, asked of the kernel itself. Exit code 1 when it cannot load programs at all.
 */
export function doctorCommand({ json = false, all = false }: DoctorFlags, terminal: Terminal): ExitCode {
  const { ok, reason } = canLoad();
  const machine = { system: process.platform, arch: process.arch, kernel: release(), node: process.version };
  const sections = ok ? askAll() : [];
  if (json) {
    const named = Object.fromEntries(sections.map(({ title, answers }) => [title.toLowerCase(), answers]));
    terminal.write(`${JSON.stringify({ ...machine, loads: ok, reason: reason ?? null, ...named })}\n`);
    return ok ? ExitCode.Ok : ExitCode.Failed;
  }
  const { bold, dim, green, red } = terminal.out;
  terminal.write(`${bold(`${machine.system} ${machine.kernel}`)} on ${machine.arch}, Node ${machine.node}\n`);
  terminal.write(ok ? `${green("✓")} this process may load programs\n` : `${red("✗")} ${reason}\n`);
  if (!ok) terminal.write("  Programs are built, and tested in process (simulate()), without that.\n");
  for (const note of ok ? notes() : []) terminal.write(`${dim("·")} ${note}\n`);
  for (const { title, answers } of sections) {
    const there = answers.filter(({ supported }) => supported === true);
    terminal.write(`\n${bold(title)}: ${there.length} of ${answers.length}\n`);
    if (all) for (const { name } of there) terminal.write(`  ${green("✓")} ${name}\n`);
    for (const answer of answers)
      if (answer.supported !== true) terminal.write(`  ${lineOf(answer, terminal)}\n`);
  }
  return ok ? ExitCode.Ok : ExitCode.Failed;
}

function lineOf({ name, supported, reason, since }: Answer, { out }: Terminal): string {
  const running = parseKernelVersion(release());
  const isNewer = since !== null && running !== null && !kernelHas(running, since);
  const why = isNewer ? `from Linux ${since} on` : (reason ?? "");
  return `${supported === null ? out.yellow("?") : out.red("✗")} ${name}: ${out.dim(why)}`;
}

function askAll(): readonly Section[] {
  return [
    {
      title: "Programs",
      answers: programKinds.map(({ name, since }) => ({ name, since, ...programSupport(name) })),
    },
    { title: "Maps", answers: mapTypes.map(({ name, since }) => ({ name, since, ...mapSupport(name) })) },
    { title: "Links", answers: linkKinds.map((name) => ({ name, since: null, ...linkSupport(name) })) },
    { title: "BTF", answers: btfFeatures.map((name) => ({ name, since: null, ...btfSupport(name) })) },
  ];
}

/** What of the kernel's settings changes how programs fare. */
function notes(): readonly string[] {
  const jit: Readonly<Record<string, string>> = {
    "0": "programs are interpreted: net.core.bpf_jit_enable is 0",
    "1": "programs are compiled to the machine's own instructions",
    "2": "programs are compiled, and the kernel's log tells how: net.core.bpf_jit_enable is 2",
  };
  const hardening = read("/proc/sys/net/core/bpf_jit_harden");
  const stats = read("/proc/sys/kernel/bpf_stats_enabled");
  return [
    jit[read("/proc/sys/net/core/bpf_jit_enable") ?? ""],
    hardening !== null && hardening !== "0"
      ? `constants are blinded (net.core.bpf_jit_harden is ${hardening})`
      : undefined,
    stats === "1" ? "run times are counted (kernel.bpf_stats_enabled), which costs some" : undefined,
  ].filter((note) => note !== undefined);
}

function read(path: string): string | null {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return null;
  }
}
