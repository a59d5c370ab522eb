/** Undamaged objects that the fuzzer starts from. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compile, formatDiagnostics } from "@waggle/compiler";
import { link } from "@waggle/linker";
import { type Field, type FieldGroup, fieldsOf } from "./fields.js";

/** An undamaged object, and where it may be damaged. */
export interface Seed {
  readonly name: string;
  readonly object: Uint8Array;
  readonly littleEndian: boolean;
  readonly fields: ReadonlyMap<FieldGroup, readonly Field[]>;
}

const root = fileURLToPath(new URL("../../../..", import.meta.url));

/** Objects larger than this take too long for what they add. */
const LARGEST = 24 * 1024;

/** Kernel files that are compiled anew, and how: what the examples' objects do not have. */
const compiled = [
  { folder: "test/programs/kernel", file: "maps.ts", target: { kernel: "6.12" } },
  { folder: "test/programs/kernel", file: "kernel-facts.ts", target: { kernel: "6.12" } },
  { folder: "test/programs/kernel", file: "calls.ts", target: { kernel: "6.12" } },
  { folder: "examples/flows/src/kernel", file: "flows.ts", target: { byteOrder: "big" } },
  { folder: "examples/execsnoop/src/kernel", file: "execsnoop.ts", target: { byteOrder: "big" } },
] as const;

/** The objects of the examples as they were built, and a few compiled for what those lack. */
export function loadSeeds(): readonly Seed[] {
  const objects = readdirSync(`${root}/examples`).flatMap((example) => {
    const folder = `${root}/examples/${example}/src/ebpf`;
    if (!existsSync(folder)) return [];
    return readdirSync(folder)
      .filter((name) => name.endsWith(".o"))
      .map((name) => ({ name, object: new Uint8Array(readFileSync(`${folder}/${name}`)) }));
  });
  if (objects.length === 0) throw new Error("the examples have no objects: run `npm run build` first");
  return [...objects, ...compiled.flatMap(compileFile)]
    .filter(({ object }) => object.length <= LARGEST)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, object }) => seedOf(name, object));
}

/** An object as a seed. */
export function seedOf(name: string, object: Uint8Array): Seed {
  const fields = new Map<FieldGroup, Field[]>();
  for (const field of fieldsOf(object)) {
    const known = fields.get(field.group);
    if (known === undefined) fields.set(field.group, [field]);
    else known.push(field);
  }
  return { name, object, littleEndian: object[5] === 1, fields };
}

function compileFile({
  folder,
  file,
  target,
}: (typeof compiled)[number]): { name: string; object: Uint8Array }[] {
  const cwd = `${root}/${folder}`;
  const { classes, diagnostics } = compile({ files: [file], cwd, target });
  if (classes.length === 0) {
    throw new Error(
      `${folder}/${file} does not compile:\n${formatDiagnostics(diagnostics, { color: false, cwd })}`,
    );
  }
  return classes.map(({ name, object }) => ({
    name: `${file} ${name}`,
    object: link([{ name, bytes: object }]).object,
  }));
}
