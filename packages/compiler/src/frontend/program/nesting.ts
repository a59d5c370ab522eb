/**
 * How deep the source is nested. The parser, the type checker and lowering follow the nesting recursively, and look at all conditions
 * around each name, so that deep code takes minutes or all of the stack: it is refused before the checker sees it.
 */
import ts from "#typescript";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { failureCodes, isStackOverflow, nesting } from "../../diagnostics/failure.js";
import { deepestIn, firstDeeperThan } from "../rejections/depth.js";
import { diagnosticAtSpan } from "../rejections/rejection.js";

/** Nodes of the syntax tree inside of each other that are followed. */
const deepest = 1000;

/** Files that are not checked because of how deep they are nested. */
export class TooDeep extends Error {
  constructor(
    readonly diagnostics: readonly Diagnostic[],
    readonly inputs: readonly string[],
  ) {
    super("nested too deeply");
  }
}

/** The files of which the parser ran out of stack: what it could follow of them, up to some place in the nesting. */
const cut = new WeakSet<ts.SourceFile>();

/** Parses a file; of one that is too deep for the parser, as much as it can follow. */
export function parseFile(
  path: string,
  text: string,
  options: ts.ScriptTarget | ts.CreateSourceFileOptions,
): ts.SourceFile {
  const parse = (length: number): ts.SourceFile | null => {
    try {
      return ts.createSourceFile(path, text.slice(0, length), options);
    } catch (error) {
      if (isStackOverflow(error)) return null;
      throw error;
    }
  };
  const whole = parse(text.length);
  if (whole !== null) return whole;
  let [fits, exceeds] = [0, text.length];
  let longest: ts.SourceFile | null = null;
  while (exceeds - fits > 1) {
    const middle = (fits + exceeds) >> 1;
    const part = parse(middle);
    if (part === null) exceeds = middle;
    else [fits, longest] = [middle, part];
  }
  // The parser forgets what it noted of a text only at the end of one that it could parse.
  const nothing = ts.createSourceFile(path, "", options);
  cut.add(longest ?? nothing);
  return longest ?? nothing;
}

/** Refuses files that are nested too deeply, at the first place of each that is. */
export function refuseDeepFiles(files: readonly ts.SourceFile[], inputs: readonly string[]): void {
  const found = files.flatMap((file) => {
    const node = firstDeeperThan(file, deepest) ?? (cut.has(file) ? deepestIn(file).node : null);
    return node === null ? [] : [tooDeepAt(file, node)];
  });
  if (found.length > 0) throw new TooDeep(found, inputs);
}

/** Runs the type checker on files; when it runs out of stack, the deepest place of them is refused. */
export function blamingNesting<T>(
  files: readonly ts.SourceFile[],
  inputs: readonly string[],
  check: () => T,
): T {
  try {
    return check();
  } catch (error) {
    if (!isStackOverflow(error)) throw error;
    const depths = files.map((file) => ({ file, ...deepestIn(file) }));
    const [most] = depths.sort((a, b) => b.depth - a.depth);
    if (most === undefined) throw error;
    throw new TooDeep([tooDeepAt(most.file, most.node)], inputs);
  }
}

/** No node has a parent yet: the parser sets none. */
function tooDeepAt(file: ts.SourceFile, node: ts.Node): Diagnostic {
  const start = node.getStart(file);
  const endOfLine = file.text.slice(start).search(/[\r\n]/);
  const end = endOfLine === -1 ? node.end : Math.min(node.end, start + endOfLine);
  return diagnosticAtSpan(file, start, end, failureCodes.nesting, nesting.message, nesting.help);
}
