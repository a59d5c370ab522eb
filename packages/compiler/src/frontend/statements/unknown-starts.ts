/**
 * Variables that a loop changes begin it with a value that the verifier does not know. It would else keep the states of the two sides of
 * each branch in a walked body apart, as it knows other constants in each: 20 turns with a branch are then a million instructions. And
 * it would walk all turns of `bpf_loop` and of an iterator, as it knows another constant in each.
 * What is added to the variable is 0, from a variable of the object that nobody writes, which only the compiler knows.
 */
import ts from "#typescript";
import { integers } from "../../types/integers.js";
import type { FunctionState } from "../state.js";
import { registerOf } from "../values/scalars.js";
import { assignedIn } from "./compared-variables.js";

/** The variable that is always 0. */
const zero = "loop__zero";

/** With so few branches, of all turns together, the verifier may follow every combination. */
const fewBranches = 10n;

/** How many branches of a turn join again, so that states of the verifier meet. */
function joinsOf(node: ts.Node): bigint {
  let joins = ts.isConditionalExpression(node) || ts.isSwitchStatement(node) ? 1n : 0n;
  if (ts.isIfStatement(node) && !leaves(node.thenStatement)) joins = 1n;
  ts.forEachChild(node, (child) => {
    joins += joinsOf(child);
  });
  return joins;
}

const leaves = (node: ts.Statement): boolean =>
  ts.isReturnStatement(node) ||
  ts.isBreakStatement(node) ||
  (ts.isBlock(node) && node.statements.some(leaves));

/**
 * Adds 0 to the numbers that the loop assigns, but for `counters`, which the verifier must follow. `turns` are those of a loop that is
 * walked, with the runs of it; null for a loop whose state must repeat.
 */
export function hideStarts(
  fn: FunctionState,
  loop: ts.IterationStatement,
  counters: ReadonlySet<ts.Symbol>,
  turns: bigint | null,
): void {
  if (turns !== null && turns * joinsOf(loop.statement) <= fewBranches) return;
  const { builder, owner } = fn;
  for (const symbol of assignedIn(fn, loop.statement)) {
    const binding = fn.bindings.get(symbol);
    if (counters.has(symbol) || binding?.kind !== "scalar" || binding.type.kind !== "int") continue;
    const { type, slot } = binding;
    if (type.name === "bool" || type.bigEndian) continue;
    if (!owner.ownData.has(zero))
      owner.ownData.set(zero, {
        name: zero,
        section: ".bss",
        type: integers.u64,
        initial: new Uint8Array(integers.u64.size),
        mutable: true,
        isPrivate: true,
      });
    const register = registerOf(type);
    const address = builder.slotAddress(slot);
    const old = builder.load(register, address, { width: type.size, region: "stack", signed: type.signed });
    const nothing = builder.load(register, builder.global(zero), {
      width: register === "i64" ? 8 : 4,
      region: "map",
    });
    builder.store(address, builder.binary("add", old, nothing), { width: type.size, region: "stack" });
  }
}
