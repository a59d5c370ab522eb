import { deepStrictEqual, ok, strictEqual, throws } from "node:assert";
import { getPriority, release } from "node:os";
import { type Suite, until } from "./check.js";
import { datagramArrives } from "./datagrams.js";
import type { Commands } from "./kernel/commands.js";
import type { KernelFacts } from "./kernel/kernel-facts.js";
import type { Netfilter } from "./kernel/netfilter.js";
import type { Timers } from "./kernel/timers.js";
import type { Writable } from "./kernel/writable.js";
import { callNumber } from "./machine.js";

const data = new Uint8Array(64);
data[12] = 8;

export const writable: Suite<typeof Writable> = {
  className: "Writable",
  file: "writable",
  kernel: "5.10",
  checks: [
    {
      name: "a tracepoint's argument is changed",
      kinds: ["raw-tracepoint-writable"],
      run: (load) => {
        using app = load({ config: { pid: process.pid }, programs: ["finish", "toCpu"] });
        const link = app.programs.finish.attach();
        throws(() => app.programs.toCpu.testRun({ data }), { errno: "E2BIG" });
        link.detach();
        app.programs.toCpu.testRun({ data });
      },
    },
    {
      name: "a packet goes on in a program on another CPU",
      kinds: ["xdp"],
      // Generic mode takes programs with such maps since then.
      since: "5.15",
      run: async (load) => {
        using app = load({ programs: ["toCpu", "onCpu", "onDevice"] });
        app.maps.cpus.set(0, { queueSize: 64, program: app.programs.onCpu });
        app.maps.devices.set(0, { interface: "lo", program: app.programs.onDevice });
        app.programs.toCpu.attach({ interface: "lo", mode: "generic" });
        await datagramArrives(Buffer.alloc(10), 47_061);
        await until(() => (app.maps.seen.get(0) ?? 0n) > 0n, "the packet on its CPU");
        ok((app.maps.seen.get(0) ?? 0n) >= 14n + 20n + 8n + 10n);
      },
    },
    {
      name: "tunnels decide about packets",
      kinds: ["lwt-in", "lwt-out", "lwt-xmit"],
      run: (load) => {
        using app = load({ programs: ["tunnelIn", "tunnelOut", "tunnelXmit"] });
        const { tunnelIn, tunnelOut, tunnelXmit } = app.programs;
        deepStrictEqual(
          [tunnelIn, tunnelOut, tunnelXmit].map((program) => program.testRun({ data }).result),
          [0, 2, 128],
        );
        strictEqual(app.maps.seen.get(1), 64n - 14n);
        strictEqual(app.maps.seen.get(2), 3n);
        throws(() => tunnelIn.attach(), { message: /ip route add/ });
      },
    },
  ],
};

export const netfilter: Suite<typeof Netfilter> = {
  className: "Netfilter",
  file: "netfilter",
  kernel: "6.12",
  checks: [
    {
      name: "a hook of netfilter drops packets",
      kinds: ["netfilter"],
      run: async (load) => {
        using app = load({ config: { length: 20 + 8 + 33 } });
        const place = { family: "ipv4", hook: "input", priority: 5 } as const;
        const link = app.programs.drop.attach(place);
        throws(() => app.programs.drop.attach(place), { code: "busy" });
        strictEqual(await datagramArrives(Buffer.alloc(33), 47_062), false);
        strictEqual(app.maps.seen.get(0), 1n);
        strictEqual(await datagramArrives(Buffer.alloc(34), 47_062), true);
        link.detach();
        strictEqual(await datagramArrives(Buffer.alloc(33), 47_062), true);
      },
    },
  ],
};

export const kernelFacts: Suite<typeof KernelFacts> = {
  className: "KernelFacts",
  file: "kernel-facts",
  kernel: "6.4",
  checks: [
    {
      name: "the kernel's build is asked about",
      kinds: ["xdp"],
      needs: ["kernel-config"],
      run: (load) => {
        using app = load({ programs: ["built"] });
        app.programs.built.testRun({ data });
        const seen = (index: number): bigint | undefined => app.maps.seen.get(index);
        ok([100n, 250n, 300n, 1000n].includes(seen(0) ?? 0n), `CONFIG_HZ=${seen(0)}`);
        strictEqual(seen(1), 1n);
        strictEqual(seen(2), 0n);
        const [major, minor] = release().split(".").map(Number);
        strictEqual(Number(seen(3)) >> 8, (major ?? 0) * 256 + (minor ?? 0));
        strictEqual(app.maps.texts.get(0), "(none)");
      },
    },
    {
      name: "symbols of the kernel have addresses",
      kinds: ["xdp"],
      run: (load) => {
        // What other programs ask, such as how the kernel was built, is not asked for this one.
        using app = load({ programs: ["symbols"] });
        app.programs.symbols.testRun({ data });
        ok((app.maps.seen.get(4) ?? 0n) > 0xffff_0000_0000_0000n);
        strictEqual(app.maps.seen.get(5), 1n);
      },
    },
    {
      name: "a packet is read by a dynamic pointer",
      kinds: ["xdp"],
      // `bpf_dynptr_size` is of 6.5.
      since: "6.5",
      run: (load) => {
        using app = load({ programs: ["dynamic"] });
        strictEqual(app.programs.dynamic.testRun({ data }).result, 2);
        deepStrictEqual([app.maps.seen.get(10), app.maps.seen.get(11)], [0x0800n, 64n]);
      },
    },
    {
      name: "functions of the kernel are called, where it has them",
      kinds: ["btf-tracepoint"],
      run: (load) => {
        const config = { pid: process.pid, call: callNumber("getpriority"), other: process.pid };
        using app = load({ config, programs: ["calls"] });
        app.programs.calls.attach();
        getPriority();
        const seen = [6, 7, 8, 9].map((index) => app.maps.seen.get(index));
        deepStrictEqual(seen, [3n, BigInt(process.ppid), BigInt(process.pid), BigInt(process.pid)]);
      },
    },
  ],
};

export const timers: Suite<typeof Timers> = {
  className: "Timers",
  file: "timers",
  kernel: "5.15",
  checks: [
    {
      name: "a timer runs after the program, and starts itself again",
      kinds: ["xdp"],
      run: async (load) => {
        using app = load({ config: { key: 42 } });
        strictEqual(app.programs.start.testRun({ data }).result, 2);
        await until(() => app.maps.seen.get(2) === 1n, "the last turn");
        deepStrictEqual([app.maps.seen.get(0), app.maps.seen.get(1)], [3n, 42n]);
        // User space neither sees the timer nor disturbs it.
        deepStrictEqual(app.maps.sessions.get(42), { turns: 3n, most: 3n });
        app.programs.stop.testRun({ data });
        strictEqual(app.maps.seen.get(3), 1n);
      },
    },
  ],
};

export const commands: Suite<typeof Commands> = {
  className: "Commands",
  file: "commands",
  kernel: "6.1",
  checks: [
    {
      name: "a program takes records of user space",
      kinds: ["xdp"],
      run: (load) => {
        using app = load();
        const { commands, numbers, seen } = app.maps;
        for (const index of [1, 2, 2]) ok(commands.send({ index, value: 10n }));
        for (const value of [5n, 6n]) ok(numbers.send(value));
        app.programs.take.testRun({ data });
        deepStrictEqual(
          [1, 2, 7].map((index) => seen.get(index)),
          [10n, 20n, 3n],
        );
        strictEqual(app.variables.sum.get(), 11n);
        // A record and its header take 24 of 4096 bytes.
        let sent = 0;
        while (commands.send({ index: 3, value: 1n })) sent++;
        strictEqual(sent, Math.floor(4096 / 24));
        app.programs.take.testRun({ data });
        strictEqual(seen.get(3), BigInt(sent));
        // Round the end, where a record lies across it.
        for (let turn = 0; turn < 100; turn++) {
          ok(commands.send({ index: 4, value: 2n }));
          app.programs.take.testRun({ data });
        }
        strictEqual(seen.get(4), 200n);
        throws(() => commands.send({ index: -1, value: 2n }), /index/);
        app.close();
        throws(() => commands.send({ index: 1, value: 2n }), { name: "ClosedError" });
      },
    },
  ],
};
