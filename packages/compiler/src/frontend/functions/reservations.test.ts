/** Records that go through functions, or are lost by other means than a return. */
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { compile } from "../../compile.js";

const file = fileURLToPath(new URL("case.ts", import.meta.url));

/** What is said of a class with these members, each with the source that it covers. */
function said(members: string, body: string): string[] {
  const text = `import { noinline, ProgramArray, RingBuffer, loop, u32, xdp, XdpAction } from "@waggle/kernel";
import type { XdpContext } from "@waggle/kernel";
interface Event { length: u32; other: u32 }
export class Case {
  static readonly events = new RingBuffer<Event>({ bytes: 4096 });
  static readonly others = new RingBuffer<Event>({ bytes: 4096 });
  static readonly next = new ProgramArray<"xdp">({ maxEntries: 8 });
  ${members}
  @xdp() static run(ctx: XdpContext): XdpAction {
    const event = Case.events.reserve();
    if (event === null) return XdpAction.Pass;
    ${body}
    return XdpAction.Pass;
  }
}
`;
  const { diagnostics } = compile({
    files: [file],
    overlay: new Map([[file, text]]),
    target: { kernel: "5.17" },
    check: true,
  });
  const lines = text.split("\n");
  return diagnostics.map(({ code, line, column, endColumn, message }) => {
    const covered = lines[line - 1]?.slice(column - 1, endColumn - 1);
    return `${code} ${covered}: ${message}`;
  });
}

const finish = (condition: string): string =>
  `@noinline static finish(event: Event, n: u32): void { event.length = n; ${condition} Case.events.submit(event); }`;

describe("records of ring buffers", () => {
  test("a function may release the record that it is given", () => {
    expect(said(finish(""), "Case.finish(event, ctx.length);")).toEqual([]);
  });

  test("a function that releases it on some paths only", () => {
    expect(said(finish("if (n > 4)"), "Case.finish(event, ctx.length);")).toEqual([
      "WG2012 finish: finish submits or discards the record on some of its paths only",
    ]);
  });

  test("a function that only writes leaves it to the caller", () => {
    const fill = "@noinline static fill(event: Event, n: u32): void { event.length = n; event.other = n; }";
    expect(said(fill, "Case.fill(event, ctx.length);")).toEqual([
      "WG2012 return: the record is neither submitted nor discarded on the path that returns here",
    ]);
    expect(said(fill, "Case.fill(event, ctx.length); Case.events.discard(event);")).toEqual([]);
  });

  test("a record that a function released is gone", () => {
    expect(said(finish(""), "Case.finish(event, ctx.length); Case.events.discard(event);")).toEqual([
      "WG2012 discard: the record is used after it was submitted or discarded",
    ]);
  });

  test("a tail call does not come back to release it", () => {
    expect(said("", "Case.next.call(ctx, 1); Case.events.submit(event);")).toEqual([
      "WG2012 call: the record is neither submitted nor discarded, and a tail call does not come back",
    ]);
    expect(said("", "Case.events.submit(event); Case.next.call(ctx, 1);")).toEqual([]);
  });

  test("one mistake is said once", () => {
    expect(said("", "Case.events.submit(event); event.length = 1; event.other = 2;")).toEqual([
      "WG2012 length: the record is used after it was submitted or discarded",
    ]);
    expect(said("", "loop(3, () => { Case.events.submit(event); });")).toEqual([
      "WG2012 submit: the record is used after it was submitted or discarded",
    ]);
  });

  test("a variable may hold one record after the other", () => {
    const next = "let e = Case.events.reserve(); if (e === null) return XdpAction.Pass;";
    expect(said("", `Case.events.submit(event); ${next} e.other = 3; Case.events.submit(e);`)).toEqual([]);
    const another =
      "e = Case.others.reserve(); if (e === null) return XdpAction.Pass; Case.others.submit(e);";
    expect(said("", `Case.events.submit(event); ${next} Case.events.submit(e); ${another}`)).toEqual([]);
    expect(said("", `Case.events.submit(event); ${next} ${another}`)).toEqual([
      "WG2012 e = Case.others.reserve(): the record is lost here, neither submitted nor discarded: its variable is given another value",
    ]);
  });

  test("a record with a second name is not lost when the first is given another value", () => {
    const first = "let e = Case.others.reserve(); if (e === null) return XdpAction.Pass; const kept = e;";
    const second = "e = Case.others.reserve(); if (e !== null) Case.others.discard(e);";
    expect(said("", `Case.events.submit(event); ${first} ${second} Case.others.submit(kept);`)).toEqual([]);
  });

  test("a function that gives back records of two buffers is left alone", () => {
    const either = `static either(e: Event, isOther: boolean): void {
      if (isOther) Case.others.submit(e);
      else Case.events.submit(e);
    }`;
    const other = "const other = Case.others.reserve(); if (other !== null) Case.either(other, true);";
    expect(said(either, `Case.either(event, false); ${other}`)).toEqual([]);
  });
});
