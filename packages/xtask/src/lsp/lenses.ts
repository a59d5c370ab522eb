/** Sizes of programs above their names. */
import type { CodeLens } from "vscode-languageserver";
import type { BuiltClass } from "../build/result.js";
import { count } from "../build/summary.js";
import { positionAt } from "./positions.js";

/** A lens for each program of the classes: its instructions, with those of the functions it calls, and its stack. */
export function programLenses(text: string, classes: readonly BuiltClass[]): CodeLens[] {
  return classes.flatMap(({ name, programs }) => {
    const begin = text.search(new RegExp(`\\bclass\\s+${name}\\b`));
    if (begin < 0) return [];
    return programs.flatMap((program) => {
      const match = new RegExp(`\\bstatic\\s+${program.name}\\s*\\(`).exec(text.slice(begin));
      if (match === null) return [];
      const start = positionAt(text, begin + match.index);
      const title = `${count(program.instructions, "instruction")}, ${count(program.stackBytes, "byte")} of stack`;
      return [{ range: { start, end: start }, command: { title, command: "" } }];
    });
  });
}
