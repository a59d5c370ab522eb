import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { blocksOf, pages, root } from "./blocks.js";
import { kernelFile } from "./snippet.js";

/** A class that has what the READMEs of the user side speak of. */
const flows = `import type { LruHashMap, RingBuffer, TracepointContext, u8, u32, u64, XdpAction, XdpContext } from "@waggle/kernel";
declare class Flows {
  static readonly stats: LruHashMap<u32, { packets: u64 }>;
  static readonly events: RingBuffer<{ length: u32 }>;
  static verbose: boolean;
  static protocol: u8;
  static hits: u64;
  static count(ctx: XdpContext): XdpAction;
  static onExecve(ctx: TracepointContext<"sched/sched_process_exec">): void;
}
declare const object: Uint8Array, packet: Uint8Array, key: number, signal: AbortSignal;`;

/** READMEs with user code, and what stands before their blocks. */
const readmes: Readonly<Record<string, string>> = {
  "packages/kernel/README.md": 'import type { CString, FixedArray, i32, u8 } from "@waggle/kernel";',
  "packages/linker/README.md": "declare const bytes: Uint8Array, other: Uint8Array;",
  "packages/object/README.md": "declare const bytes: Uint8Array;",
  "packages/userspace/README.md": `import { bpfModule } from "@waggle/userspace";
${flows}
const flows = bpfModule<typeof Flows>("", "flows");`,
  "packages/vm/README.md": `import { readFileSync } from "node:fs";
import { simulate } from "@waggle/vm";
${flows}`,
  "packages/xtask/README.md": "",
  "templates/tracepoint/README.md": "",
  "templates/xdp/README.md": "",
};

/** The same for pages, of which only the blocks marked `user` count. */
const preambles: Readonly<Record<string, string>> = {
  ...readmes,
  "docs/logging.md": `import { bpfModule } from "@waggle/userspace";
${flows}
const gate = bpfModule<typeof Flows>("", "gate");`,
  "docs/user-space.md": `import { AttachError, bpfModule } from "@waggle/userspace";
${flows}
const flows = bpfModule<typeof Flows>("", "flows");
const app = flows.load();`,
};

/** Pages of programs: the user's blocks are of the class that the page shows, loaded as `app`. */
function preambleOf(page: string, text: string): string {
  if (!page.startsWith("docs/programs/"))
    return (preambles[page] ?? "").replace(
      "const app =",
      /\busing app =/.test(text) ? "const other =" : "const app =",
    );
  const [shown] = blocksOf(page).filter(({ flags }) => !flags.includes("user"));
  const name = /export class (\w+)/.exec(shown?.text ?? "")?.[1];
  if (shown === undefined || name === undefined) throw new Error(`${page} shows no class`);
  return `import { bpfModule } from "@waggle/userspace";
${kernelFile(shown.text)}
const app = bpfModule<typeof ${name}>("").load();`;
}

const blocks = [...pages(), ...Object.keys(readmes)]
  .flatMap(blocksOf)
  .filter(({ page, flags, path }) => path === null && (page in readmes || flags.includes("user")));

let folder = "";
beforeAll(() => {
  // Inside the repository, so that packages resolve as they do for a user who has installed them.
  folder = mkdtempSync(join(root, "test/docs/.user-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function errorsOf(text: string): string[] {
  const file = join(folder, "block.mts");
  writeFileSync(file, text);
  const program = ts.createProgram([file], {
    target: ts.ScriptTarget.ES2022,
    lib: ["lib.esnext.d.ts"],
    module: ts.ModuleKind.NodeNext,
    types: ["node"],
    strict: true,
    skipLibCheck: true,
    noEmit: true,
  });
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}

describe("user code on pages", () => {
  test.each(blocks)(
    "$page:$line type-checks",
    ({ page, text }) => {
      expect(
        errorsOf(`${preambleOf(page, text)}\n${text.replace(/^import \w+ from "\.\/ebpf\/.*$/m, "")}`),
      ).toEqual([]);
    },
    60_000,
  );

  test("a mistake in a block is seen", () => {
    expect(errorsOf('import { link } from "@waggle/linker";\nlink(1);')).toHaveLength(1);
  });
});
