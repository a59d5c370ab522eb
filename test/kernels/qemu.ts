import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { EXIT_PORT } from "./exit-program.js";
import { LARGEST_STATUS, marks, STATUS_OFFSET } from "./initramfs.js";

/** How the guest's instructions are executed. */
export type Accelerator = "kvm" | "tcg";

/** What a guest did. */
export interface GuestRun {
  /** Exit status of the program in the guest; 63 stands for all above. */
  readonly status: number;
  /** What the program wrote, standard output and error as they came. */
  readonly output: string;
  /** The guest's kernel, as `uname -r` says it. */
  readonly release: string;
  readonly accelerator: Accelerator;
  /** From starting QEMU to its end, in seconds. */
  readonly seconds: number;
}

export interface Machine {
  /** Path of the bzImage. */
  readonly kernel: string;
  /** Path of the root file system's archive. */
  readonly initramfs: string;
  /** Bound of the whole run, in seconds. */
  readonly timeout: number;
  /** More words for the kernel's command line. */
  readonly commandLine?: string;
}

/** A guest that hangs under KVM before its program has started is given this long. */
const KVM_START_SECONDS = 20;
const MEMORY_MIB = 1024;

let kvmFailed = false;

/**
 * Boots a machine and waits for its program to end: with KVM where /dev/kvm opens, and where the guest does not come up
 * so, by emulation. Throws an Error with the serial line's last lines when the guest ends without a status or in time.
 */
export async function boot(machine: Machine): Promise<GuestRun> {
  if (!kvmFailed && canOpen("/dev/kvm")) {
    const run = await attempt(machine, "kvm", KVM_START_SECONDS);
    if (run.started) return finish(run, "kvm");
    kvmFailed = true;
  }
  const run = await attempt(machine, "tcg", machine.timeout);
  if (!run.crashed) return finish(run, "tcg");
  // An emulated kernel has been seen to corrupt its memory once in many runs, always another one of its functions being hit.
  console.log("the guest's kernel crashed: it is booted once more");
  return finish(await attempt(machine, "tcg", machine.timeout), "tcg");
}

interface Attempt {
  readonly started: boolean;
  /** The guest's kernel came to its end. */
  readonly crashed: boolean;
  readonly serial: string;
  readonly complaints: string;
  readonly code: number | null;
  readonly timedOut: boolean;
  readonly seconds: number;
}

const accelerators = { kvm: "kvm", tcg: "tcg,thread=multi" } as const;

function attempt(machine: Machine, accelerator: Accelerator, startSeconds: number): Promise<Attempt> {
  const words = `console=ttyS0 quiet loglevel=3 panic=-1 reboot=t ${machine.commandLine ?? ""}`;
  const args = [
    ...["-M", "microvm,acpi=off", "-accel", accelerators[accelerator], "-cpu", "max"],
    ...["-m", String(MEMORY_MIB), "-smp", "1"],
    ...["-nographic", "-nodefaults", "-no-user-config", "-no-reboot", "-serial", "stdio"],
    ...["-device", `isa-debug-exit,iobase=${EXIT_PORT},iosize=1`],
    ...["-kernel", machine.kernel, "-initrd", machine.initramfs, "-append", words],
  ];
  return new Promise((resolve, reject) => {
    const begin = performance.now();
    const child = spawn("qemu-system-x86_64", args, { stdio: ["ignore", "pipe", "pipe"] });
    let serial = "";
    let complaints = "";
    let started = false;
    let timedOut = false;
    const stop = () => {
      timedOut = true;
      child.kill("SIGKILL");
    };
    const end = setTimeout(stop, machine.timeout * 1000);
    const start = setTimeout(() => started || stop(), startSeconds * 1000);
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      serial += text;
      started ||= serial.includes(marks.start);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      complaints += text;
      // QEMU halts the guest then and waits for somebody to look at it.
      if (complaints.includes("KVM internal error")) child.kill("SIGKILL");
    });
    const clear = () => {
      clearTimeout(end);
      clearTimeout(start);
    };
    child.once("error", (error) => {
      clear();
      const missing = "code" in error && error.code === "ENOENT";
      reject(missing ? new Error("needs QEMU: apt-get install qemu-system-x86", { cause: error }) : error);
    });
    child.once("close", (code) => {
      clear();
      const crashed =
        /Kernel panic|Oops: |general protection fault|RIP: 0010:/.test(serial) && !serial.includes(marks.end);
      resolve({
        started,
        crashed,
        serial,
        complaints,
        code,
        timedOut,
        seconds: (performance.now() - begin) / 1000,
      });
    });
  });
}

function finish(run: Attempt, accelerator: Accelerator): GuestRun {
  const text = run.serial.replaceAll("\r", "");
  const frame = new RegExp(`${marks.start} (\\S+)\n([^]*?)${marks.end} (\\d+)\n`).exec(text);
  const status = statusOf(run.code);
  if (frame === null || status === null || status !== Number(frame[3])) {
    const reason = run.timedOut
      ? "was stopped: it took too long"
      : `ended without a status (QEMU: ${run.code})`;
    const last = [text, run.complaints].join("\n").trim().split("\n").slice(-40).join("\n");
    throw new Error(`the guest ${reason} after ${run.seconds.toFixed(1)} s; it wrote last:\n${last}`);
  }
  const [, release = "", output = ""] = frame;
  return { status, output, release, accelerator, seconds: run.seconds };
}

/** The program's status from QEMU's: isa-debug-exit makes of a byte v the status 2v + 1. */
function statusOf(code: number | null): number | null {
  if (code === null || code % 2 === 0) return null;
  const status = (code - 1) / 2 - STATUS_OFFSET;
  return status >= 0 && status <= LARGEST_STATUS ? status : null;
}

function canOpen(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
