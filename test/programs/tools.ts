/** The tools of examples/tools: each is run, and what it reports is compared with what was done meanwhile. */
import { match, ok } from "node:assert";
import { spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { lookup } from "node:dns";
import { once } from "node:events";
import { closeSync, fsyncSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { constants, getPriority, setPriority, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { App } from "@waggle/userspace";
import { bindsnoop } from "../../examples/tools/src/bindsnoop.js";
import { biolatency } from "../../examples/tools/src/biolatency.js";
import { capable } from "../../examples/tools/src/capable.js";
import { cpudist } from "../../examples/tools/src/cpudist.js";
import { exitsnoop } from "../../examples/tools/src/exitsnoop.js";
import { filetop } from "../../examples/tools/src/filetop.js";
import { gethostlatency } from "../../examples/tools/src/gethostlatency.js";
import type { Bindsnoop } from "../../examples/tools/src/kernel/bindsnoop.js";
import type { Biolatency } from "../../examples/tools/src/kernel/biolatency.js";
import type { Capable } from "../../examples/tools/src/kernel/capable.js";
import type { Cpudist } from "../../examples/tools/src/kernel/cpudist.js";
import type { Exitsnoop } from "../../examples/tools/src/kernel/exitsnoop.js";
import type { Filetop } from "../../examples/tools/src/kernel/filetop.js";
import type { Gethostlatency } from "../../examples/tools/src/kernel/gethostlatency.js";
import type { Mountsnoop } from "../../examples/tools/src/kernel/mountsnoop.js";
import type { Offcputime } from "../../examples/tools/src/kernel/offcputime.js";
import type { Opensnoop } from "../../examples/tools/src/kernel/opensnoop.js";
import type { Profile } from "../../examples/tools/src/kernel/profile.js";
import type { Runqlat } from "../../examples/tools/src/kernel/runqlat.js";
import type { Sigsnoop } from "../../examples/tools/src/kernel/sigsnoop.js";
import type { Softirqs } from "../../examples/tools/src/kernel/softirqs.js";
import type { Syscount } from "../../examples/tools/src/kernel/syscount.js";
import type { Tcpconnect } from "../../examples/tools/src/kernel/tcpconnect.js";
import type { Tcplife } from "../../examples/tools/src/kernel/tcplife.js";
import type { Tcpstates } from "../../examples/tools/src/kernel/tcpstates.js";
import type { Vfsstat } from "../../examples/tools/src/kernel/vfsstat.js";
import { mountsnoop } from "../../examples/tools/src/mountsnoop.js";
import { offcputime } from "../../examples/tools/src/offcputime.js";
import { opensnoop } from "../../examples/tools/src/opensnoop.js";
import { profile } from "../../examples/tools/src/profile.js";
import { runqlat } from "../../examples/tools/src/runqlat.js";
import { sigsnoop } from "../../examples/tools/src/sigsnoop.js";
import { softirqs } from "../../examples/tools/src/softirqs.js";
import { syscount } from "../../examples/tools/src/syscount.js";
import { tcpconnect } from "../../examples/tools/src/tcpconnect.js";
import { tcplife } from "../../examples/tools/src/tcplife.js";
import { tcpstates } from "../../examples/tools/src/tcpstates.js";
import { vfsstat } from "../../examples/tools/src/vfsstat.js";
import { type Check, type Suite, until, useProcessor } from "./check.js";
import { diskOf } from "./machine.js";

const folder = new URL("../../examples/tools/src/kernel", import.meta.url);
const config = { pid: process.pid };
const { pid } = process;

/** A suite of a tool. */
const suite = <C>(file: string, check: Omit<Check<C>, "name">): Suite<C> => ({
  className: `${file[0]?.toUpperCase()}${file.slice(1)}`,
  file,
  folder,
  kernel: "5.10",
  checks: [{ name: `${file} reports what happens`, ...check }],
});

/** What a tool reports while `act` runs, and on until there is a line like each of those that are wanted. */
async function report<C>(
  app: App<C>,
  tool: (app: App<C>, signal: AbortSignal) => AsyncGenerator<string>,
  act: () => unknown,
  wanted: readonly RegExp[] = [],
): Promise<string> {
  const stop = new AbortController();
  const lines: string[] = [];
  const running = (async () => {
    for await (const line of tool(app, stop.signal)) lines.push(line);
  })();
  try {
    await act();
    const isThere = (): boolean => wanted.every((like) => lines.some((line) => like.test(line)));
    await until(isThere, wanted.join(" and ")).catch((cause: unknown) => {
      throw new Error(`none of these lines is like ${wanted.join(" and ")}\n${lines.join("\n")}`, { cause });
    });
  } finally {
    stop.abort();
    await running;
  }
  return lines.join("\n");
}

/** A connection over which 1000 bytes go, and 300 back; the ports of its sides. */
async function talk(host: string): Promise<{ readonly client: number; readonly server: number }> {
  const server = createServer((socket) => {
    socket.once("data", () => socket.end(Buffer.alloc(300)));
  });
  server.listen(0, host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, host);
  await once(socket, "connect");
  const client = socket.localPort ?? 0;
  socket.write(Buffer.alloc(1000));
  socket.resume();
  await once(socket, "close");
  server.close();
  return { client, server: port };
}

/** A number of a histogram's row. */
const counts = (text: string): readonly number[] =>
  [...text.matchAll(/^\d+ to \d+ +(\d+)/gm)].map((row) => Number(row[1]));

const withFolder = (act: (folder: string) => void): void => {
  const made = mkdtempSync(join(tmpdir(), "waggle-tools-"));
  try {
    act(made);
  } finally {
    rmSync(made, { recursive: true });
  }
};

export const tools = [
  suite<typeof Opensnoop>("opensnoop", {
    kinds: ["tracepoint"],
    run: async (load) => {
      using app = load({ config });
      const act = (): void => {
        closeSync(openSync("/proc/self/status", "r"));
        try {
          openSync("/there-is-none", "r");
        } catch {
          // It is what the tool is to report.
        }
      };
      const own = `^ *${pid} +\\d+ +\\S+ +`;
      await report(app, opensnoop, act, [
        new RegExp(`${own}\\d+ +0  /proc/self/status$`),
        new RegExp(`${own}-1 +2  /there-is-none$`),
      ]);
    },
  }),
  suite<typeof Exitsnoop>("exitsnoop", {
    kinds: ["tracepoint"],
    run: async (load) => {
      using app = load({ config });
      const act = (): void => {
        spawnSync("sh", ["-c", "sleep 0.1; exit 3"]);
        spawnSync("sh", ["-c", "kill -9 $$"]);
      };
      const text = await report(app, exitsnoop, act, [/exit 3$/, /SIGKILL$/]);
      const [, age] = new RegExp(`^ *\\d+ +${pid} +sh +([\\d.]+) +exit 3$`, "m").exec(text) ?? [];
      ok(Number(age) >= 90 && Number(age) < 60_000, text);
    },
  }),
  suite<typeof Sigsnoop>("sigsnoop", {
    kinds: ["tracepoint"],
    run: async (load) => {
      using app = load({ config });
      const act = (): boolean => process.kill(pid, "SIGURG");
      await report(app, sigsnoop, act, [new RegExp(`^ *${pid} .* ${pid} +SIGURG +(ignored|delivered)$`)]);
    },
  }),
  suite<typeof Mountsnoop>("mountsnoop", {
    kinds: ["tracepoint"],
    run: async (load) => {
      using app = load();
      const act = (): void =>
        withFolder((made) => {
          spawnSync("mount", ["-t", "tmpfs", "waggle", made]);
          spawnSync("umount", [made]);
        });
      await report(app, mountsnoop, act, [
        /mount +0 {2}mount\(waggle, \/.*waggle-tools-\w+, tmpfs, 0x[\da-f]+\)$/,
        /umount\(\/.*waggle-tools-\w+, 0x\d\)$/,
      ]);
    },
  }),
  suite<typeof Syscount>("syscount", {
    kinds: ["raw-tracepoint"],
    run: async (load) => {
      using app = load({ config });
      const text = await report(app, syscount, () => {
        for (let turn = 0; turn < 50; turn++) getPriority();
      });
      match(text, /^getpriority +50 +\d+\.\d{3}$/m);
    },
  }),
  suite<typeof Runqlat>("runqlat", {
    kinds: ["raw-tracepoint"],
    run: async (load) => {
      using app = load();
      const text = await report(app, runqlat, async () => {
        for (let turn = 0; turn < 20; turn++) await sleep(5);
      });
      ok(counts(text).reduce((sum, count) => sum + count, 0) > 5, text);
    },
  }),
  suite<typeof Cpudist>("cpudist", {
    kinds: ["raw-tracepoint"],
    run: async (load) => {
      using app = load({ config });
      const text = await report(app, cpudist, async () => {
        for (let turn = 0; turn < 20; turn++) {
          useProcessor(5);
          await sleep(2);
        }
      });
      // 5 ms, at a stretch or in slices where other tasks came between.
      ok(/^(1024|2048|4096|8192) to/m.test(text), text);
    },
  }),
  suite<typeof Offcputime>("offcputime", {
    kinds: ["raw-tracepoint"],
    run: async (load) => {
      using app = load({ config });
      const text = await report(app, offcputime, () => sleep(200));
      const waits = text.split("\n").filter((line) => /^\S+-\d+;\S*ep(oll|_poll)\S* \d+$/.test(line));
      ok(
        waits.some((line) => line.includes(`-${pid};`) && Number(line.split(" ").at(-1)) > 50_000),
        text,
      );
    },
  }),
  suite<typeof Profile>("profile", {
    kinds: ["perf-event"],
    run: async (load) => {
      using app = load({ config });
      const text = await report(app, profile, () => useProcessor(400));
      const samples = [...text.matchAll(/^[^;]+-(\d+);0x[\da-f]+\S* (\d+)$/gm)];
      ok(
        samples.some(([, process]) => Number(process) === pid),
        text,
      );
    },
  }),
  suite<typeof Biolatency>("biolatency", {
    kinds: ["tracepoint"],
    needs: ["disk"],
    run: async (load) => {
      using app = load();
      const text = await report(app, biolatency, () => {
        const disk = diskOf();
        if (disk === null) throw new Error("no disk");
        // What is in memory is not asked of the disk again: it is written instead.
        const file = openSync(disk.file, "w");
        writeSync(file, Buffer.alloc(65_536));
        fsyncSync(file);
        closeSync(file);
        if (disk.isTemporary) rmSync(disk.file);
      });
      ok(counts(text).length > 0, text);
    },
  }),
  suite<typeof Softirqs>("softirqs", {
    kinds: ["tracepoint"],
    run: async (load) => {
      using app = load();
      const text = await report(app, softirqs, () => sleep(500));
      match(text, /^(timer|sched|rcu|hrtimer) +[1-9]\d* +\d+\.\d{3}$/m);
    },
  }),
  suite<typeof Gethostlatency>("gethostlatency", {
    kinds: ["uprobe", "uretprobe"],
    needs: ["uprobe"],
    run: async (load) => {
      using app = load({ config });
      const act = (): Promise<unknown> => promisify(lookup)("localhost").catch(() => null);
      await report(app, gethostlatency, act, [new RegExp(`^ *${pid} .* \\d+\\.\\d{3} +-?\\d+  localhost$`)]);
    },
  }),
  suite<typeof Tcpconnect>("tcpconnect", {
    kinds: ["kprobe", "kretprobe"],
    needs: ["kprobe"],
    run: async (load) => {
      using app = load({ config });
      let ports = { client: 0, server: 0 };
      let ports6 = ports;
      const text = await report(
        app,
        tcpconnect,
        async () => {
          ports = await talk("127.0.0.1");
          ports6 = await talk("::1");
        },
        [/127\.0\.0\.1/, /::1/],
      );
      match(
        text,
        new RegExp(`^ *${pid} .* 4  127\\.0\\.0\\.1 ${ports.client} +127\\.0\\.0\\.1 ${ports.server}$`, "m"),
      );
      match(text, new RegExp(`^ *${pid} .* 6  ::1 ${ports6.client} +::1 ${ports6.server}$`, "m"));
    },
  }),
  suite<typeof Tcplife>("tcplife", {
    kinds: ["tracepoint"],
    run: async (load) => {
      using app = load();
      let ports = { client: 0, server: 0 };
      const text = await report(
        app,
        tcplife,
        async () => {
          ports = await talk("127.0.0.1");
        },
        [/ 100[0-2] +30[01] /, / 30[0-2] +100[01] /],
      );
      const { client, server } = ports;
      match(
        text,
        new RegExp(
          `^ *${pid} .*127\\.0\\.0\\.1 ${client} +127\\.0\\.0\\.1 ${server} +100[0-2] +30[01] +[\\d.]+$`,
          "m",
        ),
      );
      match(
        text,
        new RegExp(`127\\.0\\.0\\.1 ${server} +127\\.0\\.0\\.1 ${client} +30[0-2] +100[01] +[\\d.]+$`, "m"),
      );
    },
  }),
  suite<typeof Tcpstates>("tcpstates", {
    kinds: ["tracepoint"],
    run: async (load) => {
      using app = load();
      const text = await report(app, tcpstates, () => talk("127.0.0.1"));
      for (const step of [
        "CLOSE +SYN_SENT",
        "SYN_SENT +ESTABLISHED",
        "CLOSE +LISTEN",
        "ESTABLISHED +FIN_WAIT1",
      ])
        match(text, new RegExp(`${step} +\\d+\\.\\d{3}$`, "m"));
    },
  }),
  suite<typeof Bindsnoop>("bindsnoop", {
    kinds: ["kprobe", "kretprobe"],
    needs: ["kprobe"],
    run: async (load) => {
      using app = load({ config });
      const bind = async (type: "udp4" | "udp6", port: number, address: string): Promise<void> => {
        const socket = createSocket(type);
        socket.bind(port, address);
        await once(socket, "listening");
        socket.close();
      };
      await report(
        app,
        bindsnoop,
        async () => {
          await bind("udp4", 47_070, "127.0.0.1");
          await bind("udp6", 47_071, "::1");
        },
        [
          new RegExp(`^ *${pid} .* 0  UDP +47070  127\\.0\\.0\\.1$`),
          new RegExp(`^ *${pid} .* 0  UDP +47071  ::1$`),
        ],
      );
    },
  }),
  suite<typeof Capable>("capable", {
    kinds: ["kprobe"],
    needs: ["kprobe"],
    run: async (load) => {
      using app = load({ config });
      const before = getPriority();
      const act = (): void => {
        setPriority(Math.max(before - 1, constants.priority.PRIORITY_HIGHEST));
        setPriority(before);
      };
      await report(app, capable, act, [new RegExp(`^ *${pid} +0  \\S+ +CAP_SYS_NICE$`)]);
    },
  }),
  suite<typeof Filetop>("filetop", {
    kinds: ["kprobe"],
    needs: ["kprobe"],
    run: async (load) => {
      using app = load({ config });
      const text = await report(app, filetop, () =>
        withFolder((made) => {
          const file = openSync(join(made, "written.txt"), "w+");
          for (let turn = 0; turn < 3; turn++) writeSync(file, Buffer.alloc(2048));
          readSync(file, Buffer.alloc(1024), { position: null });
          closeSync(file);
        }),
      );
      match(text, new RegExp(`^ *${pid}  \\S+ +1 +3 +1\\.0 +6\\.0  written\\.txt$`, "m"));
    },
  }),
  suite<typeof Vfsstat>("vfsstat", {
    kinds: ["fentry"],
    needs: ["trampoline"],
    run: async (load) => {
      using app = load({ config });
      const text = await report(app, vfsstat, () =>
        withFolder((made) => {
          const file = join(made, "file");
          for (let turn = 0; turn < 20; turn++) {
            closeSync(openSync(file, "w"));
            rmSync(file);
          }
        }),
      );
      match(text, /^unlink +20$/m);
      const [, opened] = /^open +(\d+)$/m.exec(text) ?? [];
      ok(Number(opened) >= 20, text);
    },
  }),
] as unknown as readonly Suite<never>[];
