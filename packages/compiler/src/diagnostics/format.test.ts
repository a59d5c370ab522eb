import { describe, expect, test } from "vitest";
import type { Diagnostic } from "./diagnostic.js";
import { formatDiagnostics } from "./format.js";

const base: Diagnostic = {
  code: "WG2002",
  severity: "error",
  message: "u32 may not fit u8",
  file: "/project/src/a.ts",
  line: 2,
  column: 12,
  endLine: 2,
  endColumn: 17,
  notes: [],
  help: "write u8(…)",
};
const read = (): string => "const a: u32 = 1;\n\tlet b: u8 = a + a;\n";
const options = { color: false, cwd: "/project", read };

describe("formatDiagnostics", () => {
  test("shows the line with a caret under the place", () => {
    expect(formatDiagnostics([base], options)).toBe(
      [
        "error[WG2002]: u32 may not fit u8",
        " --> src/a.ts:2:12",
        "  |",
        "2 | \tlet b: u8 = a + a;",
        "  | \t          ^^^^^",
        "  = help: write u8(…)",
      ].join("\n"),
    );
  });

  test("brackets a place of several lines", () => {
    const place = { line: 1, column: 7, endLine: 2, endColumn: 7, help: null };
    expect(formatDiagnostics([{ ...base, ...place }], options)).toBe(
      [
        "error[WG2002]: u32 may not fit u8",
        " --> src/a.ts:1:7",
        "  |",
        "1 |   const a: u32 = 1;",
        "  |  _______^",
        "2 | | \tlet b: u8 = a + a;",
        "  | |_\t____^",
      ].join("\n"),
    );
  });

  test("leaves out the middle of a place of many lines", () => {
    const many = Array.from({ length: 12 }, (_, index) => `line ${index + 1}`).join("\r\n");
    const place = { line: 2, column: 1, endLine: 11, endColumn: 8, help: null };
    expect(formatDiagnostics([{ ...base, ...place }], { ...options, read: () => many }).split("\n")).toEqual([
      "error[WG2002]: u32 may not fit u8",
      "  --> src/a.ts:2:1",
      "   |",
      " 2 |   line 2",
      "   |  _^",
      " 3 | | line 3",
      " 4 | | line 4",
      "...",
      "10 | | line 10",
      "11 | | line 11",
      "   | |_______^",
    ]);
  });

  test("a place that goes past the end of the file ends with it", () => {
    const text = formatDiagnostics([{ ...base, line: 3, column: 1, endLine: 9, help: null }], options);
    expect(text.split("\n").at(-1)).toBe("  | ^");
  });

  test("a note with a place shows its line", () => {
    const note = { message: "the record is reserved here", file: "/project/src/b.ts", line: 1, column: 7 };
    const text = formatDiagnostics([{ ...base, notes: [note, "a plain one\nof two lines"] }], options);
    expect(text.split("\n").slice(5)).toEqual([
      "  = note: a plain one",
      "          of two lines",
      "  = help: write u8(…)",
      "note: the record is reserved here",
      " --> src/b.ts:1:7",
      "  |",
      "1 | const a: u32 = 1;",
      "  |       ^",
    ]);
  });

  test("does without a source that cannot be read", () => {
    const text = formatDiagnostics([{ ...base, notes: ["a note"] }], { ...options, read: () => null });
    expect(text).toBe(
      "error[WG2002]: u32 may not fit u8\n --> src/a.ts:2:12\n  = note: a note\n  = help: write u8(…)",
    );
  });

  test("uses colours only when asked", () => {
    const sequence = "\u001b[";
    expect(formatDiagnostics([base], options)).not.toContain(sequence);
    expect(formatDiagnostics([{ ...base, severity: "warning" }], { ...options, color: true })).toContain(
      `${sequence}1;33mwarning`,
    );
  });

  test("separates diagnostics and is empty for none", () => {
    expect(formatDiagnostics([], options)).toBe("");
    expect(formatDiagnostics([base, base], options).split("\n\n")).toHaveLength(2);
  });
});
