import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { XdpAction } from "@waggle/kernel";
import { IpProto } from "@waggle/kernel/net";
import { canLoad } from "@waggle/userspace";
import { describe, expect, test } from "vitest";
import execsnoop from "../../examples/execsnoop/src/ebpf/execsnoop.js";
import flows from "../../examples/flows/src/ebpf/flows.js";
import { readPcap } from "../../examples/flows/src/pcap.js";
import { makeVeth } from "./veth.js";

const kernel = canLoad();
const example = (name: string) => fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));
const mapped = (address: string) => [
  0,
  0,
  0xffff,
  address.split(".").reduce((number, part) => number * 256 + Number(part), 0),
];

/**
 * Runs an example as a user does, does something once it prints `ready`, and stops it with Ctrl-C once it has printed `done`; its output
 * and exit code.
 */
async function runExample(
  name: string,
  args: readonly string[],
  ready: RegExp,
  action: () => unknown,
  done?: RegExp,
): Promise<{ output: string; code: number }> {
  const child = spawn(process.execPath, ["dist/main.js", ...args], { cwd: example(name) });
  const ended = once(child, "close");
  let output = "";
  const printed = (like: RegExp): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (like.test(output)) resolve();
      };
      child.stdout.on("data", look);
      child.stderr.on("data", look);
      look();
    });
  const hear = (text: string): void => {
    output += text;
  };
  child.stdout.setEncoding("utf8").on("data", hear);
  child.stderr.setEncoding("utf8").on("data", hear);
  await Promise.race([printed(ready), ended]);
  await action();
  if (done !== undefined) await Promise.race([printed(done), ended]);
  child.kill("SIGINT");
  const [code] = await ended;
  return { output, code: Number(code) };
}

describe.skipIf(!kernel.ok)(
  `the examples in the running kernel${kernel.ok ? "" : ` (skipped: ${kernel.reason})`}`,
  () => {
    test("flows counts real packets on an interface", async () => {
      using veth = makeVeth("wglflows");
      using app = flows.load();
      app.programs.count.attach({ interface: veth.near });
      veth.send(25, 100, 5300);
      const key = {
        source: mapped(veth.farAddress),
        destination: mapped(veth.nearAddress),
        sourcePort: 4242,
        destinationPort: 5300,
        protocol: IpProto.Udp,
      };
      await expect
        .poll(() => app.maps.stats.get(key))
        .toEqual({ packets: 25n, bytes: BigInt(25 * (14 + 20 + 8 + 100)) });
    });

    test("the kernel and the in-process machine agree on every packet of the capture", async () => {
      const capture = readPcap(await readFile(`${example("flows")}/captures/sample.pcap`));
      const sim = flows.simulate();
      using app = flows.load();
      for (const data of capture) {
        expect(app.programs.count.testRun({ data }).result).toBe(XdpAction.Pass);
        sim.programs.count.run({ data });
      }
      const sorted = (entries: Iterable<unknown>) =>
        [...entries]
          .map((entry) =>
            JSON.stringify(entry, (_, value) => (typeof value === "bigint" ? `${value}n` : value)),
          )
          .sort();
      expect(sorted(app.maps.stats)).toEqual(sorted(sim.maps.stats));
      expect(sorted(app.maps.stats).length).toBeGreaterThan(5);
    });

    test("execsnoop hears of a program with its caller and its path", async () => {
      using app = execsnoop.load();
      app.programs.onExecve.attach();
      const path = "/bin/true";
      execFileSync(path);
      const stop = AbortSignal.timeout(90_000);
      for await (const event of app.maps.events.read({ signal: stop })) {
        if (event.filename !== path) continue;
        expect(event).toMatchObject({ uid: 0, filename: path });
        expect(event.pid).toBeGreaterThan(0);
        return;
      }
      expect.fail("no event came");
    });

    test("events that did not fit into the ring buffer are counted", () => {
      using app = execsnoop.load({ maps: { events: { maxEntries: 4096 } } });
      app.programs.onExecve.attach();
      for (let turn = 0; turn < 40; turn++) execFileSync("/bin/true");
      const read = app.maps.events.drain(() => undefined);
      expect(read).toBeGreaterThan(0);
      expect(Number(app.maps.events.lost) + read).toBeGreaterThanOrEqual(40);
      expect(app.maps.events.lost).toBeGreaterThan(0n);
    });

    test("the flows command shows a table and leaves nothing attached", async () => {
      using veth = makeVeth("wglflowcmd");
      const { output, code } = await runExample("flows", [veth.near], /Counting in the kernel/, () =>
        veth.send(3, 10, 99),
      );
      const addresses = `${veth.farAddress}:4242 +${veth.nearAddress}:99`.replaceAll(".", "\\.");
      expect(output).toMatch(new RegExp(`udp +${addresses} +3 +156`));
      expect(code).toBe(0);
      expect(execFileSync("ip", ["link", "show", veth.near], { encoding: "utf8" })).not.toContain("xdp");
    });

    test("the execsnoop command prints programs and stops cleanly on Ctrl-C", async () => {
      const { output, code } = await runExample(
        "execsnoop",
        [],
        /PROGRAM/,
        () => execFileSync("/bin/true"),
        /\/bin\/true$/m,
      );
      expect(output).toMatch(/\/bin\/true$/m);
      expect(code).toBe(0);
    });

    test("an interface that does not exist is an error that names those that do", async () => {
      const { output, code } = await runExample("flows", ["lo0"], /never ready/, () => undefined);
      expect(output).toMatch(/lo0/);
      expect(output).toMatch(/\blo\b/);
      expect(code).toBe(1);
    });
  },
);
