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

  test("goes to the end of the line when the place goes on", () => {
    const text = formatDiagnostics([{ ...base, line: 1, column: 16, endLine: 2, help: null }], options);
    expect(text.split("\n").at(-1)).toBe("  |                ^^");
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
