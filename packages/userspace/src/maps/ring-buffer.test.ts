import { describe, expect, it } from "vitest";
import { type AnyMap, isRingBuffer } from "../app.js";
import { kernelTitle, whyNot } from "../fixtures/kernel.js";
import * as f from "../fixtures/specs.js";
import { loadSpec } from "../load/load.js";
import type { RawRecord } from "./ring-record.js";

const emitter = () => f.spec([f.ring(), f.bssMap()], [f.emitting()]);

function ringOf(map: AnyMap | undefined) {
  if (map === undefined || !isRingBuffer(map)) throw new Error("no ring");
  return map;
}

describe.skipIf(whyNot !== "")(kernelTitle("draining"), () => {
  it("goes on where a limit or a visit that throws has stopped", () => {
    using app = loadSpec(emitter());
    const ring = ringOf(app.maps.events);
    app.programs.emit?.testRun({ data: f.packet, repeat: 6 });
    const seen: unknown[] = [];
    expect(ring.drain((record) => seen.push(record), 2)).toBe(2);
    const refuse = () => {
      throw new Error("refused");
    };
    expect(() => ring.drain(refuse)).toThrow("refused");
    expect(ring.drainRaw((record) => seen.push(record.u64(0)), 1)).toBe(1);
    expect(ring.drain((record) => seen.push(record))).toBe(2);
    expect(seen).toMatchObject([{ sequence: 0n }, { sequence: 1n }, 3n, { sequence: 4n }, { sequence: 5n }]);
  });

  it("ends when a visit closes the app, and the raw record then has no bytes", () => {
    const one = loadSpec(emitter());
    one.programs.emit?.testRun({ data: f.packet, repeat: 5 });
    expect(ringOf(one.maps.events).drain(() => one.close())).toBe(1);
    const other = loadSpec(emitter());
    other.programs.emit?.testRun({ data: f.packet, repeat: 5 });
    const visit = (record: RawRecord) => {
      other.close();
      expect(() => record.u8(0)).toThrow("raw records are good until their visit is over");
    };
    expect(ringOf(other.maps.events).drainRaw(visit)).toBe(1);
  });

  it("may be called from inside of a visit, but drainRaw not from its own", () => {
    using app = loadSpec(emitter());
    const ring = ringOf(app.maps.events);
    app.programs.emit?.testRun({ data: f.packet, repeat: 3 });
    let inner = 0;
    expect(ring.drain(() => (inner += ring.drain(() => {})))).toBe(1);
    expect(inner).toBe(2);
    app.programs.emit?.testRun({ data: f.packet });
    expect(() => ring.drainRaw(() => ring.drainRaw(() => {}))).toThrow("inside of a visit of drainRaw");
  });

  it("gives raw records whose reads stay inside", () => {
    using app = loadSpec(emitter());
    const ring = ringOf(app.maps.events);
    app.programs.emit?.testRun({ data: f.packet, repeat: 2 });
    const kept: RawRecord[] = [];
    ring.drainRaw((record) => {
      const bytes = record.bytes();
      const view = new DataView(bytes.buffer);
      expect(record.size).toBe(16);
      for (let at = 0; at <= 8; at++) {
        expect(record.u64(at)).toBe(view.getBigUint64(at, true));
        expect(record.i32(at)).toBe(view.getInt32(at, true));
        expect(record.u16(at)).toBe(view.getUint16(at, true));
      }
      expect(record.bytes(4, 6)).toEqual(bytes.slice(4, 6));
      for (const at of [9, -1, Number.NaN]) {
        expect(() => record.u64(at)).toThrow(`the record has 16 bytes; there are no 8 at offset ${at}`);
      }
      kept.push(record);
    });
    expect(() => kept[0]?.bytes(0, 1)).toThrow(RangeError);
  });
});
