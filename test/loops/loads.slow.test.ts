/** The family of loops, compiled for several kernels, loads in the running kernel. Loops that are too long are refused with a cure. */
import { canLoad, loadObject, VerifierError } from "@waggle/userspace";
import { expect, test } from "vitest";
import { type Built, buildLoops, loopFamily } from "./family.js";

const kernel = canLoad();

/** What the kernel says of each that it does not take. */
function refused(built: readonly Built[]): string[] {
  return built.flatMap((one) => {
    if (!("object" in one)) return [`${one.name}: ${one.errors.join("; ")}`];
    try {
      using _app = loadObject(one.object);
      return [];
    } catch (error) {
      const reason = error instanceof VerifierError ? error.log.trim().split("\n").at(-2) : String(error);
      return [`${one.name}: ${reason}`];
    }
  });
}

test.skipIf(!kernel.ok).each(["5.10", "5.17", "6.4"])(
  `500 turns for %s load${kernel.ok ? "" : ` (skipped: ${kernel.reason})`}`,
  { timeout: 120_000 },
  (oldest) => {
    expect(refused(buildLoops(loopFamily([500]), oldest))).toEqual([]);
  },
);

test("loops with more branches than the verifier keeps are refused for 5.10, with the kernel that takes them", () => {
  const built = buildLoops(
    loopFamily([9000]).filter(({ name }) => !name.includes("nothingOfTurns")),
    "5.10",
  );
  expect(built.length).toBeGreaterThan(50);
  for (const one of built) {
    expect("errors" in one ? one.errors : [], one.name).toEqual([
      expect.stringMatching(/^WG1010 the verifier .*; make fewer turns, .*--kernel 5\.17$/),
    ]);
  }
});
