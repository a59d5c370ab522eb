/** Closing an app at each place where code of the caller's runs: a typed error, or the rest of the work; never a signal. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildUserspace, hasKernel, readersObject, runChild, whySkipped } from "./child.js";

describe.skipIf(!hasKernel)(`closing inside of callbacks${whySkipped}`, () => {
  const object = readersObject();
  beforeAll(buildUserspace);
  afterAll(() => object[Symbol.dispose]());

  /** What is not `closed` or `fine`. */
  const exceptions = new Map([
    // The view that is kept throws, as the documentation says.
    [
      "array.inPlace",
      /^(TypeError: Cannot perform DataView[^,]*detached ArrayBuffer, )*closed(, fine)?; after closing closed$/,
    ],
    ["ring.drainRaw", /^RangeError: the record has no bytes[^,]*(, fine)?; after closing closed$/],
    ["lost", /^fine; after closing fine$/],
  ]);

  test("gives typed errors and ends no process", () => {
    const { signal, status, output } = runChild("close.mjs", [object.file], 100);
    expect({ signal, status, output }).toMatchObject({ signal: null, status: 0 });
    const lines = output.split("\n");
    expect(lines.length).toBeGreaterThan(80);
    for (const line of lines) {
      const [name = "", told = ""] = line.split(/: (.*)/);
      expect(told, line).toMatch(
        exceptions.get(name) ?? /^(closed, fine|closed|fine); after closing closed$/,
      );
    }
  }, 110_000);

  test("random operations inside of each other give typed errors only", () => {
    const ended = runChild("fuzz.mjs", [object.file, "1", "60"], 100);
    expect(ended).toEqual({ signal: null, status: 0, output: "60 sequences, 0 faults" });
  }, 110_000);
});
