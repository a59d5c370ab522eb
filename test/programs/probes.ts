import { deepStrictEqual, ok, rejects, strictEqual, throws } from "node:assert";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readSync, rmSync, statSync, writeFileSync } from "node:fs";
import { getPriority, tmpdir } from "node:os";
import { join } from "node:path";
import type { Suite } from "./check.js";
import { inCgroup } from "./in-cgroup.js";
import type { LsmCgroup } from "./kernel/lsm-cgroup.js";
import type { Multi } from "./kernel/multi.js";
import type { Probes } from "./kernel/probes.js";
import type { Sessions } from "./kernel/sessions.js";
import type { Trampolines } from "./kernel/trampolines.js";
import type { UserMulti } from "./kernel/user-multi.js";

interface Counters {
  readonly hits: { get(key: number): bigint | undefined };
  readonly seen: { get(key: number): bigint | undefined };
}
const hits = ({ maps }: { readonly maps: Counters }, index: number): bigint => maps.hits.get(index) ?? 0n;
const seen = ({ maps }: { readonly maps: Counters }, index: number): bigint => maps.seen.get(index) ?? 0n;

/** A file of 500 bytes while `use` runs. */
async function withFile(use: (path: string, inode: bigint) => void | Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "waggle-"));
  const path = join(folder, "file");
  writeFileSync(path, Buffer.alloc(500));
  try {
    await use(path, statSync(path, { bigint: true }).ino);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Reads 123 bytes. */
function read(path: string): void {
  const fd = openSync(path, "r");
  readSync(fd, Buffer.alloc(123));
  closeSync(fd);
}

const pid = process.pid;

export const probes: Suite<typeof Probes> = {
  className: "Probes",
  file: "probes",
  kernel: "5.10",
  checks: [
    {
      name: "a function of the kernel is entered",
      kinds: ["kprobe"],
      needs: ["kprobe"],
      run: (load) =>
        withFile((path, inode) => {
          using app = load({ config: { pid, inode }, programs: ["onRead"] });
          const link = app.programs.onRead.attach();
          read(path);
          strictEqual(seen(app, 0), 123n);
          strictEqual(seen(app, 1), 123n);
          link.detach();
          read(path);
          strictEqual(hits(app, 0), 1n);
        }),
    },
    {
      name: "a probe goes through the perf event's own calls",
      kinds: ["kprobe"],
      needs: ["kprobe"],
      run: (load) =>
        withFile((path, inode) => {
          using app = load({ config: { pid, inode }, programs: ["onRead"] });
          const link = app.programs.onRead.attach({ mechanism: "perf-event" });
          strictEqual(link.mechanism, "perf-event");
          read(path);
          strictEqual(hits(app, 0), 1n);
          link.detach();
          read(path);
          strictEqual(hits(app, 0), 1n);
        }),
    },
    {
      name: "a function of the kernel returns",
      kinds: ["kretprobe"],
      needs: ["kprobe"],
      run: (load) =>
        withFile((path) => {
          using app = load({ config: { pid }, programs: ["onReadEnd"] });
          app.programs.onReadEnd.attach();
          read(path);
          strictEqual(seen(app, 2), 123n);
        }),
    },
    {
      name: "the nearest function is named",
      kinds: ["kprobe"],
      needs: ["kprobe"],
      run: (load) => {
        using app = load({ config: { pid }, programs: ["onRead"] });
        throws(() => app.programs.onRead.attach({ function: "vfs_raed" }), {
          code: "unknown-function",
          message: /no function vfs_raed .* Did you mean vfs_read\?/,
        });
      },
    },
    {
      name: "a system call is entered and returns",
      kinds: ["ksyscall", "kretsyscall"],
      needs: ["kprobe"],
      run: (load) => {
        using app = load({ config: { pid }, programs: ["onPriority", "onPriorityEnd"] });
        app.programs.onPriority.attach();
        app.programs.onPriorityEnd.attach();
        const priority = getPriority(pid);
        strictEqual(seen(app, 3), BigInt(pid));
        strictEqual(seen(app, 4), 0n);
        // The kernel gives 20 less the priority, so that it is never negative.
        strictEqual(seen(app, 5), BigInt(20 - priority));
      },
    },
  ],
};

export const multi: Suite<typeof Multi> = {
  className: "Multi",
  file: "multi",
  kernel: "5.18",
  checks: [
    {
      name: "many functions of the kernel are entered and return",
      kinds: ["kprobe-multi", "kretprobe-multi"],
      needs: ["fprobe"],
      run: (load) =>
        withFile((path) => {
          using app = load({ config: { pid }, programs: ["onAny", "onAnyEnd"] });
          const link = app.programs.onAny.attach();
          app.programs.onAnyEnd.attach();
          ok(link.count >= 2);
          read(path);
          ok(hits(app, 0) >= 1n);
          strictEqual(seen(app, 1), 123n);
          link.detach();
          const before = hits(app, 0);
          read(path);
          strictEqual(hits(app, 0), before);
        }),
    },
  ],
};

export const userMulti: Suite<typeof UserMulti> = {
  className: "UserMulti",
  file: "user-multi",
  kernel: "6.6",
  checks: [
    {
      name: "many functions of a library are entered and return",
      kinds: ["uprobe-multi", "uretprobe-multi"],
      needs: ["uprobe"],
      run: (load) => {
        using app = load({ programs: ["onPriority", "onPriorityEnd"] });
        const link = app.programs.onPriority.attach({ pid });
        app.programs.onPriorityEnd.attach({ pid });
        ok(link.count >= 1);
        const priority = getPriority(pid);
        strictEqual(seen(app, 0), BigInt(pid));
        strictEqual(BigInt.asIntN(64, seen(app, 1)), BigInt(priority));
        link.detach();
        getPriority(pid);
        strictEqual(hits(app, 0), 1n);
      },
    },
  ],
};

export const sessions: Suite<typeof Sessions> = {
  className: "Sessions",
  file: "sessions",
  kernel: "6.13",
  checks: [
    {
      name: "a function of the kernel is entered and returns, in one session",
      kinds: ["kprobe-session"],
      needs: ["fprobe"],
      run: (load) =>
        withFile((path) => {
          using app = load({ config: { pid }, programs: ["onRead"] });
          const link = app.programs.onRead.attach();
          read(path);
          strictEqual(seen(app, 0), 246n);
          strictEqual(seen(app, 1), 123n);
          strictEqual(hits(app, 0), 1n);
          link.detach();
        }),
    },
    {
      name: "a function of a library is entered and returns, in one session",
      kinds: ["uprobe-session"],
      needs: ["uprobe"],
      run: (load) => {
        using app = load({ programs: ["onPriority"] });
        const link = app.programs.onPriority.attach({ pid });
        const priority = getPriority(pid);
        // The entry asks to be spared the return.
        getPriority(0);
        deepStrictEqual(
          [2, 3, 4].map((index) => hits(app, index)),
          [1n, 1n, 1n],
        );
        strictEqual(seen(app, 3), BigInt(pid));
        strictEqual(BigInt.asIntN(32, seen(app, 4)), BigInt(priority));
        link.detach();
      },
    },
  ],
};

export const trampolines: Suite<typeof Trampolines> = {
  className: "Trampolines",
  file: "trampolines",
  kernel: "5.10",
  checks: [
    {
      name: "a function of the kernel is entered, by a trampoline",
      kinds: ["fentry"],
      needs: ["trampoline"],
      run: (load) =>
        withFile((path, inode) => {
          using app = load({ config: { pid, inode }, programs: ["onRead"] });
          const link = app.programs.onRead.attach();
          read(path);
          strictEqual(seen(app, 0), 123n);
          link.detach();
          read(path);
          strictEqual(hits(app, 0), 1n);
        }),
    },
    {
      name: "a function of the kernel returns, by a trampoline",
      kinds: ["fexit"],
      needs: ["trampoline"],
      run: (load) =>
        withFile((path, inode) => {
          using app = load({ config: { pid, inode }, programs: ["onReadEnd"] });
          app.programs.onReadEnd.attach();
          const fd = openSync(path, "r");
          readSync(fd, Buffer.alloc(4096));
          closeSync(fd);
          strictEqual(seen(app, 1), 500n);
          strictEqual(seen(app, 2), 4096n);
        }),
    },
    {
      name: "a function of the kernel is refused",
      kinds: ["fmod-ret"],
      needs: ["trampoline"],
      run: (load) =>
        withFile((path, inode) => {
          using app = load({ config: { pid, inode }, programs: ["refuse"] });
          const link = app.programs.refuse.attach();
          throws(() => statSync(path), { code: "EACCES" });
          link.detach();
          strictEqual(statSync(path).size, 500);
          strictEqual(hits(app, 3), 1n);
        }),
    },
    {
      name: "a security module's hook refuses a file",
      kinds: ["lsm"],
      needs: ["trampoline", "lsm"],
      run: (load) =>
        withFile((path, inode) => {
          using app = load({ config: { pid, inode }, programs: ["guard"] });
          const link = app.programs.guard.attach();
          throws(() => read(path), { code: "EACCES" });
          link.detach();
          read(path);
          strictEqual(hits(app, 4), 1n);
        }),
    },
    {
      name: "a security module's hook may sleep",
      kinds: ["lsm"],
      since: "5.18",
      needs: ["trampoline", "lsm"],
      run: (load) =>
        withFile((path, inode) => {
          using app = load({ config: { pid, inode }, programs: ["guardSleeping"] });
          app.programs.guardSleeping.attach();
          read(path);
          strictEqual(hits(app, 5), 1n);
        }),
    },
  ],
};

export const lsmCgroup: Suite<typeof LsmCgroup> = {
  className: "LsmCgroup",
  file: "lsm-cgroup",
  kernel: "6.0",
  checks: [
    {
      name: "a security module's hook refuses the processes of a cgroup",
      kinds: ["lsm-cgroup"],
      needs: ["trampoline", "lsm"],
      run: (load) =>
        inCgroup(async (path) => {
          using app = load();
          app.programs.refuse.attach({ cgroup: path });
          await rejects(bind(), { code: "EPERM" });
          strictEqual(app.maps.seen.get(0), 16n);
        }),
    },
  ],
};

async function bind(): Promise<void> {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
}
