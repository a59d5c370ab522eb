/** What must hold of a source: it gives diagnostics, or an object that links, is read and loads. */
import { join } from "node:path";
import { type CompileResult, compile } from "@waggle/compiler";
import { link } from "@waggle/linker";
import { type ObjectSpec, readObject } from "@waggle/object";
import {
  canLoad,
  LoadError,
  loadObject,
  NotSupportedError,
  PermissionError,
  SystemCallError,
  VerifierError,
} from "@waggle/userspace";
import type { Random } from "../shared/random.js";

/** What a source is compiled for. */
export interface Settings {
  readonly byteOrder: "little" | "big";
  readonly kernel: string;
  readonly optimize: 0 | 1 | 2;
  readonly check: boolean;
}

/** A fault: sources with the same key most likely fail for the same reason. */
export interface Fault {
  readonly key: string;
  readonly text: string;
}

/** How a source went. */
export interface Outcome {
  readonly kind: "diagnostics" | "loaded" | "read" | "refused by this machine";
  readonly fault: Fault | null;
}

const kernels = ["5.4", "5.10", "5.10", "5.15", "5.17", "6.1", "6.6", "6.12"] as const;
const levels = [0, 1, 2, 2, 2, 2] as const;

/** Settings for an input. */
export function randomSettings(random: Random): Settings {
  return {
    byteOrder: random.chance(1, 8) ? "big" : "little",
    kernel: random.pick(kernels),
    optimize: random.pick(levels),
    check: random.chance(1, 3),
  };
}

const hostIsLittle = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
const kernel = canLoad();

/** Memory of the running kernel that the maps of an object may take. */
const mostMapBytes = 8 << 20;

/** The file that stands for a source in its folder. Nothing is written. */
export const fileIn = (folder: string): string => join(folder, "fuzzed-source.ts");

/** Tries a source. */
export function checkSource(folder: string, text: string, settings: Settings): Outcome {
  const { optimize, check, ...target } = settings;
  const file = fileIn(folder);
  const fail = (key: string, error: unknown): Outcome => ({
    kind: "diagnostics",
    fault: {
      key: `${key}: ${summary(error)}`,
      text: error instanceof Error ? (error.stack ?? error.message) : String(error),
    },
  });
  let result: CompileResult;
  try {
    result = compile({
      files: [file],
      cwd: folder,
      target,
      overlay: new Map([[file, text]]),
      optimize,
      check,
    });
  } catch (error) {
    return fail("compile throws", error);
  }
  const bug = result.diagnostics.find(({ code }) => code === "WG9001");
  if (bug !== undefined) {
    const notes = bug.notes.map((note) => (typeof note === "string" ? note : note.message));
    const [frame = ""] = notes.slice(1).filter((note) => !/bug-error|builder\.js/.test(note));
    const where = /\/([\w-]+\.js):\d+/.exec(frame)?.[1] ?? "";
    return {
      kind: "diagnostics",
      fault: {
        key: `internal error: ${generalized(bug.message)} in ${where}`,
        text: [bug.message, ...notes].join("\n"),
      },
    };
  }
  const errors = result.diagnostics.filter(({ severity }) => severity === "error");
  if (errors.some(({ line, message }) => line < 0 || message === ""))
    return fail("bad diagnostic", errors[0]?.message);
  if (errors.length > 0 || result.classes.length === 0) return { kind: "diagnostics", fault: null };
  const specs: { readonly object: Uint8Array; readonly spec: ObjectSpec }[] = [];
  try {
    for (const { name, object } of result.classes) {
      const linked = link([{ name: `${name}.o`, bytes: object }]).object;
      specs.push({ object: linked, spec: readObject(linked) });
    }
  } catch (error) {
    return fail("object is not read", error);
  }
  const fits = (target.byteOrder === "little") === hostIsLittle;
  if (!kernel.ok || !fits) return { kind: "read", fault: null };
  for (const { object, spec } of specs) {
    if (mapBytes(spec) > mostMapBytes) return { kind: "read", fault: null };
    try {
      loadObject(object).close();
    } catch (error) {
      if (isOfMachine(error)) return { kind: "refused by this machine", fault: null };
      if (error instanceof VerifierError)
        return {
          kind: "diagnostics",
          fault: {
            key: `verifier: ${error.reasonClass ?? "unknown"}: ${generalized(error.reason)}`,
            text: error.message,
          },
        };
      return fail("object does not load", error);
    }
  }
  return { kind: "loaded", fault: null };
}

/** What a machine may lack, or what depends on the types of its kernel. */
function isOfMachine(error: unknown): boolean {
  if (error instanceof NotSupportedError || error instanceof PermissionError) return true;
  // Fixtures read fields that they make up, which no kernel has.
  if (error instanceof VerifierError) return error.reasonClass === "kernel-type-missing";
  if (error instanceof LoadError)
    return error.code === "unknown-target" || error.code === "unsupported-relocation";
  return error instanceof SystemCallError && ["too-large", "no-memory", "no-space"].includes(error.code);
}

function mapBytes({ maps }: ObjectSpec): number {
  return maps.reduce(
    (sum, { keySize, valueSize, maxEntries }) => sum + (keySize + valueSize * 4 + 64) * maxEntries,
    0,
  );
}

const summary = (error: unknown): string =>
  generalized(error instanceof Error ? `${error.name}: ${error.message.split("\n")[0]}` : String(error));

/** A message without what differs from one source to the next. */
const generalized = (message: string): string =>
  (message.split("\n")[0] ?? "")
    .replace(/`[^`]*`|"[^"]*"/g, "…")
    .replace(/[a-z]*\d+/gi, "N")
    .slice(0, 160);
