import { writeFileSync } from "node:fs";
import { env } from "node:process";
import { fileURLToPath } from "node:url";
import {
  helperById,
  helperProgramKinds,
  helperSince,
  helpers,
  kernelHas,
  parseKernelVersion,
} from "@waggle/object";
import { describe, expect, test } from "vitest";
import { helperTable, type ProbedKernel, readProbe } from "./helper-table.js";
import { guestTestTimeout, runInKernel } from "./run-in-kernel.js";

const asked = (env.WAGGLE_KERNELS ?? "").split(",").filter((version) => version !== "");
const isUpdate = env.UPDATE_HELPERS === "1";
const table = fileURLToPath(
  new URL("../../packages/object/src/interface/generated/helper-programs.ts", import.meta.url),
);

/** What newer kernels took away: the table has only the first kernel of each. */
const gone = ["lwt-seg6local has no bpf_skb_pull_data"];

async function probe(kernel: string): Promise<ProbedKernel> {
  const program = fileURLToPath(new URL("guest/probe-helpers.ts", import.meta.url));
  const run = await runInKernel({ kernel, program });
  return readProbe(run.release, run.output);
}

describe.skipIf(asked.length === 0 || isUpdate)(
  `the table of helpers on other kernels${asked.length === 0 ? " (skipped: WAGGLE_KERNELS names none)" : ""}`,
  () => {
    test.each(asked.length === 0 ? ["any"] : asked)(
      "Linux %s",
      { timeout: guestTestTimeout },
      async (kernel) => {
        const { version, helpers: found } = await probe(kernel);
        const running = parseKernelVersion(version) ?? [0, 0];
        const differences = [...found].flatMap(([kind, ids]) => {
          const has = new Set(ids.map((id) => helperById(id)?.name));
          const expected = helpers.filter(({ name }) => {
            const since = helperSince(kind, name);
            return since !== null && kernelHas(running, since);
          });
          const names = new Set(expected.map(({ name }) => name));
          return [
            ...[...has]
              .filter((name) => name !== undefined && !names.has(name))
              .map((name) => `${kind} lacks ${name}`),
            ...[...names].filter((name) => !has.has(name)).map((name) => `${kind} has no ${name}`),
          ];
        });
        expect(differences.filter((each) => !gone.includes(each))).toEqual([]);
        expect(helperProgramKinds).toEqual(expect.arrayContaining([...found.keys()]));
      },
    );
  },
);

if (isUpdate)
  test("the table is made", { timeout: asked.length * guestTestTimeout }, async () => {
    const kernels: ProbedKernel[] = [];
    for (const kernel of asked) kernels.push(await probe(kernel));
    writeFileSync(table, helperTable(kernels));
  });
