import { deepStrictEqual, ok, strictEqual, throws } from "node:assert";
import { rmSync } from "node:fs";
import type { App, LoadOptions } from "@waggle/userspace";
import type { Suite } from "./check.js";
import type { Maps } from "./kernel/maps.js";

type Kernel = typeof Maps;
type Load = (options?: LoadOptions<Kernel>) => App<Kernel>;
const data = new Uint8Array(64);
const at = (app: App<Kernel>, index: number): bigint | undefined => app.maps.results.get(index);
const address = (text: string): number => text.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);

/** Runs a program once with a number. */
function run(
  load: Load,
  name: keyof App<Kernel>["programs"],
  number: number,
  before: (app: App<Kernel>) => void,
) {
  const app = load({ config: { number }, programs: [name] });
  before(app);
  return { app, result: app.programs[name].testRun({ data }).result };
}

const pins = `/sys/fs/bpf/waggle-maps-${process.pid}`;

/** The suite's maps that are pinned are in a folder of their own, which goes with each check. */
const withPins = ({ checks, ...suite }: Suite<Kernel>): Suite<Kernel> => ({
  ...suite,
  checks: checks.map((check) => ({
    ...check,
    run: async (load) => {
      try {
        await check.run((options) => load({ pinPath: pins, ...options }));
      } finally {
        rmSync(pins, { recursive: true, force: true });
      }
    },
  })),
});

export const maps: Suite<Kernel> = withPins({
  className: "Maps",
  file: "maps",
  kernel: "5.10",
  checks: [
    {
      name: "the longest prefix is found",
      kinds: [],
      run: (load) => {
        for (const [text, expected] of [
          ["10.1.2.3", 24n],
          ["10.1.9.3", 16n],
          ["11.1.2.3", 0n],
        ] as const) {
          const { app } = run(load, "lookUp", address(text), ({ maps }) => {
            maps.prefixes.set({ prefixLength: 16, data: address("10.1.0.0") }, 16);
            maps.prefixes.set({ prefixLength: 24, data: address("10.1.2.0") }, 24);
          });
          strictEqual(at(app, 0), expected);
          deepStrictEqual(
            [...app.maps.prefixes.keys()].map(({ prefixLength }) => prefixLength).sort(),
            [16, 24],
          );
          strictEqual(app.maps.prefixes.get({ prefixLength: 32, data: address("10.1.2.9") }), 24);
          strictEqual(app.maps.prefixes.delete({ prefixLength: 24, data: address("10.1.2.0") }), true);
          app.close();
        }
      },
    },
    {
      name: "queues and stacks go both ways",
      kinds: [],
      run: (load) => {
        const { app } = run(load, "queues", 5, ({ maps }) => {
          maps.queue.push({ number: 1, twice: 2n });
          maps.queue.push({ number: 3, twice: 6n });
          maps.stack.push(4);
        });
        deepStrictEqual([at(app, 1), at(app, 2), at(app, 3)], [2n, 3n, 5n]);
        deepStrictEqual(app.maps.queue.pop(), { number: 3, twice: 6n });
        deepStrictEqual(app.maps.queue.peek(), { number: 7, twice: 14n });
        deepStrictEqual(
          [app.maps.stack.pop(), app.maps.stack.pop(), app.maps.stack.pop()],
          [5, 4, undefined],
        );
        for (let i = 0; i < 4; i++) app.maps.stack.push(i);
        throws(() => app.maps.stack.push(9), { code: "too-large", message: /room for 4 values/ });
        app.maps.stack.push(9, "replace");
        strictEqual(app.maps.stack.peek(), 9);
        app.close();
      },
    },
    {
      name: "values of CPUs, and entries that come as they are needed",
      kinds: [],
      run: (load) => {
        const { app } = run(load, "count", 6, () => {});
        const total = (app.maps.counts.get(6) ?? []).reduce((sum, value) => sum + value, 0n);
        strictEqual(total, 1n);
        strictEqual(app.maps.sparse.get(6), 5n);
        deepStrictEqual([...app.maps.sparse.keys()], [6]);
        app.close();
      },
    },
    {
      name: "a value is taken out of a hash table",
      kinds: [],
      since: "5.14",
      run: (load) => {
        using app = load({ programs: [] });
        app.maps.sparse.set(1, 11n);
        strictEqual(app.maps.sparse.take(1), 11n);
        strictEqual(app.maps.sparse.take(1), undefined);
      },
    },
    {
      name: "records come through a perf event array, and those that do not fit are counted",
      kinds: [],
      run: (load) => {
        const { app } = run(load, "send", 21, ({ maps }) => maps.events.open(4096));
        const got: unknown[] = [];
        strictEqual(
          app.maps.events.drain((record) => got.push(record)),
          1,
        );
        deepStrictEqual(got, [{ number: 21, twice: 42n }]);
        strictEqual(at(app, 4), 0n);
        strictEqual(at(app, 5), 24n);
        for (let i = 0; i < 300; i++) app.programs.send.testRun({ data });
        const count = app.maps.events.drain(() => {});
        ok(count > 20 && count < 300);
        app.programs.send.testRun({ data });
        app.maps.events.drain(() => {});
        ok(app.maps.events.lost > 0n);
        app.close();
      },
    },
    {
      name: "records are waited for",
      kinds: [],
      run: async (load) => {
        const { app } = run(load, "send", 5, ({ maps }) => maps.events.open());
        const later = setTimeout(() => app.programs.send.testRun({ data }), 30);
        let count = 0;
        for await (const { twice } of app.maps.events) {
          strictEqual(twice, 10n);
          count += 1;
          if (count === 2) break;
        }
        clearTimeout(later);
        app.close();
      },
    },
    {
      name: "maps of maps hold new maps",
      kinds: [],
      run: (load) => {
        const app = load({ config: { number: 9 }, programs: ["nested"] });
        const { byIndex, byName } = app.maps;
        const first = byIndex.newInner();
        byIndex.set(1, first);
        strictEqual(app.programs.nested.testRun({ data }).result, 1);
        strictEqual(first.get(1), 9n);
        const named = byName.newInner();
        byName.set(9, named);
        strictEqual(byName.has(9), true);
        strictEqual(app.programs.nested.testRun({ data }).result, 2);
        strictEqual(named.get(3), 33n);
        strictEqual(byName.delete(9), true);
        strictEqual(app.programs.nested.testRun({ data }).result, 1);
        app.close();
      },
    },
    {
      name: "packets are sent by maps",
      kinds: [],
      run: (load) => {
        for (const number of [0, 1, 2, 3]) {
          const { app, result } = run(load, "redirects", number, () => {});
          strictEqual(result, 1);
          app.close();
        }
        const device = run(load, "redirects", 0, ({ maps }) => maps.devices.set(1, "lo"));
        // XDP_REDIRECT; a test run does not send it.
        strictEqual(device.result, 4);
        strictEqual(device.app.maps.devices.has(1), true);
        device.app.close();
        const hash = run(load, "redirects", 1, ({ maps }) => maps.deviceHash.set(77, { interface: 1 }));
        strictEqual(hash.result, 4);
        hash.app.close();
        const cpu = run(load, "redirects", 2, ({ maps }) => maps.cpus.set(0, 128));
        strictEqual(cpu.result, 4);
        cpu.app.close();
      },
    },
    {
      name: "an array is read and written in place",
      kinds: [],
      run: (load) => {
        using app = load({ config: { number: 6 }, programs: ["count"] });
        const values = app.maps.results.inPlace();
        values.set(6, 1n);
        strictEqual(at(app, 6), 1n);
        app.programs.count.testRun({ data });
        strictEqual(values.get(6), 66n);
        strictEqual(values.get(16), undefined);
        throws(() => values.set(16, 1n), { code: "bad-value" });
        throws(() => app.maps.sparse.inPlace(), { code: "unsupported-operation" });
      },
    },
    {
      name: "a map is shared by its name",
      kinds: [],
      run: (load) => {
        using app = load({ config: { number: 6 }, programs: ["count"] });
        using other = load({ programs: [] });
        app.programs.count.testRun({ data });
        strictEqual(other.maps.shared.get(6), 6n);
      },
    },
    {
      name: "a map is pinned and frozen",
      kinds: [],
      run: (load) => {
        using app = load({ programs: [] });
        app.maps.sparse.freeze();
        throws(() => app.maps.sparse.set(1, 2n), { code: "not-permitted", message: /frozen/ });
      },
    },
  ],
});
