/** Perf event arrays keep what was not taken, count what was lost, and end when they are told to. */
import { loadObject, type PerfEventArray, type UntypedApp } from "@waggle/userspace";
import { afterAll, describe, expect, test } from "vitest";
import { hasKernel, readersObject, whySkipped } from "./child.js";

interface Event {
  readonly n: bigint;
}

describe.skipIf(!hasKernel)(`perf event arrays${whySkipped}`, () => {
  const object = readersObject();
  afterAll(() => object[Symbol.dispose]());
  const data = new Uint8Array(64);
  const load = () => loadObject(object.object, { programs: ["send"] });
  const send = (app: UntypedApp, repeat: number) => app.programs.send?.testRun({ data, repeat });
  const perfOf = <T = Event>(app: UntypedApp, name = "perf") =>
    app.maps[name] as unknown as PerfEventArray<T>;
  const drained = (perf: PerfEventArray<Event>) => {
    const seen: bigint[] = [];
    perf.drain(({ n }) => seen.push(n));
    return seen;
  };

  test("a loop that is left keeps what it has not taken", async () => {
    using app = load();
    const perf = perfOf(app);
    perf.open();
    send(app, 6);
    const seen: bigint[] = [];
    for await (const { n } of perf) if (seen.push(n) === 2) break;
    for await (const { n } of perf) if (seen.push(n) === 4) break;
    expect(seen).toEqual([1n, 2n, 3n, 4n]);
    expect(drained(perf)).toEqual([5n, 6n]);
    expect(perf.lost).toBe(0n);
  });

  test("a loop that is aborted keeps what it has not taken, also when it was aborted before", async () => {
    using app = load();
    const perf = perfOf(app);
    perf.open();
    send(app, 5);
    const abort = new AbortController();
    const seen: bigint[] = [];
    for await (const { n } of perf.read({ signal: abort.signal })) if (seen.push(n) === 3) abort.abort();
    for await (const { n } of perf.read({ signal: AbortSignal.abort() })) seen.push(n);
    expect(seen).toEqual([1n, 2n, 3n]);
    expect(drained(perf)).toEqual([4n, 5n]);
  });

  test("records that come later end the wait, each time", async () => {
    using app = load();
    const perf = perfOf(app);
    const reader = perf.read();
    for (let n = 1n; n <= 50n; n++) {
      const next = reader.next();
      // In this turn of the loop, in the next one, or later.
      if (n % 3n === 0n) send(app, 1);
      else if (n % 3n === 1n) setImmediate(() => send(app, 1));
      else setTimeout(() => send(app, 1), 2);
      expect((await next).value).toMatchObject({ n });
    }
    await reader.return?.();
  });

  test("return, abort and close end a wait without an event", async () => {
    using app = load();
    const perf = perfOf(app);
    const one = perf.read();
    const waiting = [one.next(), one.next()];
    expect(() => perf.read()).toThrow(expect.objectContaining({ code: "already-reading" }));
    await one.return?.();
    const abort = new AbortController();
    waiting.push(perf.read({ signal: abort.signal }).next());
    abort.abort();
    waiting.push(perf.read().next());
    app.close();
    expect(await Promise.all(waiting)).toEqual(waiting.map(() => ({ done: true, value: undefined })));
    expect(() => perf.read()).toThrow(expect.objectContaining({ code: "closed" }));
    expect(() => perf.drain(() => {})).toThrow(expect.objectContaining({ code: "closed" }));
    expect(() => perf.open()).toThrow(expect.objectContaining({ code: "closed" }));
  });

  test("each record is visited once, also by drain inside of drain and after a visit that throws", () => {
    using app = load();
    const perf = perfOf(app);
    perf.open();
    send(app, 5);
    const inner: bigint[] = [];
    expect(perf.drain(() => inner.push(...drained(perf)))).toBe(1);
    expect(inner).toEqual([2n, 3n, 4n, 5n]);
    send(app, 3);
    const refuse = () => {
      throw new Error("refused");
    };
    expect(() => perf.drain(refuse)).toThrow("refused");
    expect(drained(perf)).toEqual([7n, 8n]);
  });

  test("what is lost counts at once and stays known after closing", () => {
    const app = load();
    const perf = perfOf(app);
    perf.open(1);
    send(app, 1000);
    const read = drained(perf).length;
    expect(read).toBeGreaterThan(50);
    expect(read).toBeLessThan(1000);
    // Kernels before 6.0 tell it with the next record.
    send(app, 1);
    expect(drained(perf)).toEqual([1001n]);
    expect(perf.lost).toBe(1000n - BigInt(read));
    app.close();
    expect(perf.lost).toBe(1000n - BigInt(read));
  });

  test("records of a number are numbers", () => {
    using app = load();
    const small = perfOf<number>(app, "small");
    small.open();
    send(app, 2);
    const seen: number[] = [];
    small.drain((value) => seen.push(value));
    expect(seen).toEqual([5, 5]);
  });
});
