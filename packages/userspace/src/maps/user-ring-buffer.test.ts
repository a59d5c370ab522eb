import { describe, expect, it } from "vitest";
import { ClosedError, MapError } from "../errors/errors.js";
import { kernelTitle, whyNot } from "../fixtures/kernel.js";
import * as f from "../fixtures/specs.js";
import { loadSpec } from "../load/load.js";
import { kernelAtLeast, thisMachine } from "../sys/machine.js";
import { UserRingWriter } from "./user-ring-buffer.js";

const tooOld = whyNot === "" && !kernelAtLeast(thisMachine().release, "6.1");
const title = tooOld ? "user ring buffers (skipped: they need Linux 6.1)" : kernelTitle("user ring buffers");

function open(maxEntries: number) {
  const type = "user-ring-buffer";
  const sizes = { keySize: 0, valueSize: 0, keyType: null, valueType: null };
  const app = loadSpec(f.spec([f.map("user", type, { ...sizes, maxEntries })], []));
  const map: unknown = app.maps.user;
  if (!(map instanceof UserRingWriter)) throw new Error("no user ring buffer");
  return { app, map };
}

describe.skipIf(whyNot !== "" || tooOld)(title, () => {
  it.each([
    [8, 4096],
    [4096, 4096],
    [5000, 8192],
  ])("have whole pages, a power of two: %i bytes are %i", (asked, made) => {
    const { app, map } = open(asked);
    expect(map.maxEntries).toBe(made);
    app.close();
  });

  it("are full until a program takes records, and say which records never fit", () => {
    const { app, map } = open(4096);
    const longest = new Uint8Array(4088);
    expect(map.send(longest)).toBe(true);
    expect(map.send(new Uint8Array(0))).toBe(false);
    expect(() => map.send(new Uint8Array(4089))).toThrow(MapError);
    expect(() => map.send(new Uint8Array(4089))).toThrow(
      "a record of 4089 bytes never fits user, which has 4096 with headers of 8",
    );
    expect(() => map.send("text")).toThrow("give their bytes, a Uint8Array");
    app.close();
    expect(() => map.send(longest)).toThrow(ClosedError);
  });
});
