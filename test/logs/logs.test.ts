/** Messages of programs, in process and from the kernel. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compile, formatDiagnostics } from "@waggle/compiler";
import { link } from "@waggle/linker";
import type { LogRecord } from "@waggle/object";
import { canLoad, loadObject } from "@waggle/userspace";
import { simulateObject } from "@waggle/vm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const source = `import type { CString, FixedArray, XdpContext } from "@waggle/kernel";
import { be16, be32, errno, hex, i32, i64, ip4, ip6, log, mac, u16, u32, u64, u8, XdpAction, xdp, zeroed } from "@waggle/kernel";
import type { EthHdr } from "@waggle/kernel/net";
interface Names { name: CString<8>; raw: FixedArray<u8, 3>; six: FixedArray<u8, 16> }
export class Logs {
  @xdp() static all(ctx: XdpContext): XdpAction {
    const eth = ctx.at<EthHdr>(0);
    if (eth === null) return XdpAction.Aborted;
    const names = zeroed<Names>();
    names.name.set("bee");
    names.raw[1] = 255;
    names.six[0] = 0x20;
    names.six[1] = 1;
    names.six[15] = 7;
    log.info\`from \${mac(eth.source)} \${eth.protocol} of \${ctx.length} bytes\`;
    log.warn\`\${ip4(be32(0xc0000201))} \${ip4(3221225986)} \${ip6(names.six)} \${names.name} \${names.raw}\`;
    log.error\`\${errno(i64(-13n))} \${errno(i32(5))} \${hex(ctx.length)} \${u8(7)} \${i32(-3)} \${u64(1n) << 40n} \${true} \${be16(80)}\`;
    log.debug\`only when asked\`;
    log.trace\`\${u16(1)}\`;
    return XdpAction.Pass;
  }
}
`;
const messages = [
  ["info", "from 06:07:08:09:0a:0b 3085 of 60 bytes"],
  ["warn", "192.0.2.1 192.0.2.2 2001::7 bee 00 ff 00"],
  ["error", "-13 (EACCES) 5 0x3c 7 -3 1099511627776 true 80"],
  ["debug", "only when asked"],
  ["trace", "1"],
];
const data = Uint8Array.from({ length: 60 }, (_, index) => index);

const objects = new Map<string, Uint8Array>();
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(import.meta.dirname, ".build-"));
  writeFileSync(join(folder, "logs.ts"), source);
  for (const [name, byteOrder, optimize] of [
    ["little", "little", 2],
    ["unoptimised", "little", 0],
    ["big", "big", 2],
  ] as const) {
    const { classes, diagnostics } = compile({
      files: ["logs.ts"],
      cwd: folder,
      target: { byteOrder },
      optimize,
    });
    expect(formatDiagnostics(diagnostics, { color: false, cwd: folder })).toBe("");
    const parts = classes.map((item) => ({ name: item.name, bytes: item.object }));
    objects.set(name, link(parts).object);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const objectOf = (name: string): Uint8Array => objects.get(name) ?? new Uint8Array();
const seen = (records: readonly LogRecord[]): string[][] =>
  records.map(({ level, message }) => [level, message]);

describe.each(["little", "unoptimised", "big"])("in process, %s", (name) => {
  test.each([
    ["off", 0],
    ["error", 1],
    ["info", 3],
    ["trace", 5],
  ] as const)("level %s", (log, count) => {
    const sim = simulateObject(objectOf(name), { log });
    sim.programs.all?.run({ data });
    const urgent = messages.filter((_, index) => (log === "error" ? index === 2 : index < count));
    expect(seen(sim.logs)).toEqual(urgent);
  });

  test("a record has its place, its values and its time", () => {
    const sim = simulateObject(objectOf(name), { clock: 5n });
    sim.programs.all?.run({ data });
    const [first] = sim.logs;
    expect(first).toMatchObject({ line: 15, column: 5, time: 5n, cpu: 0 });
    expect(first?.file).toMatch(/logs\.ts$/);
    expect(first?.values).toEqual([new Uint8Array([6, 7, 8, 9, 10, 11]), 0x0c0d, 60]);
  });
});

test("what is no level is refused", () => {
  expect(() => simulateObject(objectOf("little"), { log: "loud" as "info" })).toThrow(
    "there is no log level loud",
  );
});

const kernel = canLoad();
describe.skipIf(!kernel.ok)(`from the kernel${kernel.ok ? "" : ` (skipped: ${kernel.reason})`}`, () => {
  test.each(["little", "unoptimised"])("records come to a function, %s", async (name) => {
    const records: LogRecord[] = [];
    const app = loadObject(objectOf(name), { log: { level: "trace", to: (record) => records.push(record) } });
    app.programs.all?.testRun({ data });
    for (let i = 0; i < 6000 && records.length < 5; i++)
      await new Promise((resolve) => setTimeout(resolve, 10));
    expect(seen(records)).toEqual(messages);
    app.programs.all?.testRun({ data });
    app.close();
    // What was on its way is not lost.
    expect(records).toHaveLength(10);
  });

  test("a logger is given its level's method", () => {
    const calls: unknown[][] = [];
    const method =
      (name: string) =>
      (...values: unknown[]): void => {
        calls.push([name, ...values]);
      };
    const names = ["error", "warn", "info", "debug", "trace"] as const;
    const logger = Object.fromEntries(names.map((name) => [name, method(name)]));
    const pino = { ...logger, bindings: () => ({}) };
    for (const to of [logger, pino]) {
      const app = loadObject(objectOf("little"), { log: { level: "error", to: to as never } });
      app.programs.all?.testRun({ data });
      app.close();
    }
    expect(calls).toEqual([
      ["error", messages[2]?.[1]],
      ["error", expect.objectContaining({ line: 17 }), messages[2]?.[1]],
    ]);
  });

  test("those that do not fit are counted and told", () => {
    const records: LogRecord[] = [];
    const app = loadObject(objectOf("little"), {
      maps: { waggle_log: { maxEntries: 4096 } },
      log: { to: (record) => records.push(record) },
    });
    app.programs.all?.testRun({ data, repeat: 100 });
    expect(app.logs?.lost).toBeGreaterThan(100n);
    app.close();
    expect(records.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/^\d+ messages of programs were lost: the buffer was full$/),
    );
  });

  test("an app without messages has none", () => {
    expect(() => loadObject(objectOf("little"), { log: { level: "loud" as "info" } })).toThrow(
      "there is no log level loud: it is one of error, warn, info, debug, trace, off.",
    );
  });
});
