import { describe, expect, test } from "vitest";
import { clangMissing, clangObject } from "../fixtures/clang.js";
import type { SimulatedMap, SimulatedRingBuffer } from "./map-types.js";
import { simulateObject } from "./simulate.js";
import type { UntypedSimulateOptions } from "./types.js";

const cases = [
  { byteOrder: "little", cpu: "v4" },
  { byteOrder: "big", cpu: "v4" },
  { byteOrder: "little", cpu: "v2" },
] as const;

const packet = (length = 60) => {
  const data = new Uint8Array(length);
  data.set([0x08, 0x00], 12);
  return data;
};

describe.skipIf(clangMissing !== null).each(cases)(
  "an object of clang, $byteOrder-endian, cpu $cpu",
  ({ byteOrder, cpu }) => {
    function simulation(options: UntypedSimulateOptions = {}) {
      const sim = simulateObject(clangObject(byteOrder, cpu), options);
      const table = (name: string) => sim.maps[name] as SimulatedMap<unknown, unknown>;
      const program = (name: string) => {
        const found = sim.programs[name];
        if (found === undefined) throw new Error(`no program ${name}`);
        return found;
      };
      return { sim, table, program };
    }

    test("counts packets in an LRU hash, a per-CPU array and data", () => {
      const { table, program } = simulation({ clock: 77n, cpus: 2 });
      const first = program("count").run({ data: packet(), cpu: 1 });
      expect(first.result).toBe(2);
      expect(first.data?.[0]).toBe(0xff);
      expect(first.instructions).toBeGreaterThan(20);
      program("count").run({ data: packet() });
      const key = { protocol: 0x800, length: 60 };
      expect(table("stats").get(key)).toEqual({ packets: 2n, at: 77n });
      expect(table("per_cpu").get(1)).toEqual([60n, 60n]);
      expect([...table("stats").keys()]).toEqual([key]);
      for (let length = 61; length < 65; length++) program("count").run({ data: packet(length) });
      expect(table("stats").has(key)).toBe(false);
      expect(table("stats").size).toBe(4);
    });

    test("a packet that is too short takes the other way", () => {
      expect(
        simulation()
          .program("count")
          .run({ data: new Uint8Array(13) }).result,
      ).toBe(1);
    });

    test("config values are constants of the program", () => {
      expect(
        simulation({ config: { verdict: 7 } })
          .program("count")
          .run({ data: packet() }).result,
      ).toBe(7);
      expect(() => simulation({ config: { verdit: 7 } })).toThrow(/verdict/);
    });

    test("a tracepoint program fills a ring buffer from user memory", () => {
      const { sim, program } = simulation({ task: { comm: "a name of more than 15" } });
      program("exec").run({ fields: { filename: "/bin/true" }, task: { tgid: 42 } });
      program("exec").run({
        fields: { filename: 0x1000n },
        memory: [{ address: 0x1000, bytes: "/bin/false" }],
      });
      const events = sim.maps.events as SimulatedRingBuffer<Uint8Array>;
      const records = events.records();
      const decoded = records.map((bytes) => ({
        pid: new DataView(bytes.buffer).getUint32(0, byteOrder === "little"),
        text: [bytes.subarray(4, 20), bytes.subarray(20)].map(
          (field) => new TextDecoder().decode(field).split("\0")[0],
        ),
      }));
      expect(decoded).toEqual([
        { pid: 42, text: ["a name of more ", "/bin/true"] },
        { pid: 1000, text: ["a name of more ", "/bin/false"] },
      ]);
      expect(sim.trace).toEqual(["exec by 42", "exec by 1000"]);
      expect(events.records()).toEqual([]);
    });

    test("a lookup used without a check is found, with its source line", () => {
      let message = "";
      try {
        simulation().program("careless").run({ data: packet() });
      } catch (error) {
        message = String(error);
      }
      expect(message).toMatch(/careless: read of 8 bytes through a null pointer/);
      expect(message).toMatch(/at instruction \d+: r\d = \*\(u64 \*\)\(r0 \+0\)|w\d = \*\(u32/);
      expect(message).toMatch(/count\.bpf\.c:\d+:\d+: return \(int\)seen->packets;/);
      expect(message).toMatch(/help: compare the result/);
    });

    test("a program of another type says that it is not simulated", () => {
      expect(() => simulation().program("classify").run({})).toThrow(
        /type sched-cls, which is not simulated yet/,
      );
    });
  },
);
