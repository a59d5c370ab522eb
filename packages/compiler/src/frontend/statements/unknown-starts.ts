/**
 * Variables that a walked loop changes begin it with a value that the verifier does not know. It would else keep the states of the two
 * sides of each branch in the body apart, as it knows other constants in each: 20 turns with a branch are then a million instructions.
 * What is added to the variable is 0, from a variable of the object that nobody writes, which only the compiler knows.
 */
import ts from "#typescript";
import { integers } from "../../types/integers.js";
import type { FunctionState } from "../state.js";
import { registerOf } from "../values/scalars.js";
import { assignedIn } from "./compared-variables.js";

/** The variable that is always 0. */
const zero = "loop__zero";

/** Whether some branch of the body joins again, so that two states of the verifier meet. */
function joins(node: ts.Node): boolean {
  if (ts.isConditionalExpression(node) || ts.isSwitchStatement(node)) return true;
  if (ts.isIfStatement(node) && !leaves(node.thenStatement)) return true;
  return ts.forEachChild(node, (child) => joins(child) || undefined) ?? false;
}

const leaves = (node: ts.Statement): boolean =>
  ts.isReturnStatement(node) ||
  ts.isBreakStatement(node) ||
  (ts.isBlock(node) && node.statements.some(leaves));

/** Adds 0 to the numbers that the loop assigns, but for `counters`, which the verifier must follow. */
export function hideStarts(
  fn: FunctionState,
  loop: ts.IterationStatement,
  counters: ReadonlySet<ts.Symbol>,
): void {
  if (!joins(loop.statement)) return;
  const { builder, owner } = fn;
  for (const symbol of assignedIn(fn, loop.statement)) {
    const binding = fn.bindings.get(symbol);
    if (counters.has(symbol) || binding?.kind !== "scalar" || binding.type.kind !== "int") continue;
    const { type, slot } = binding;
    if (type.name === "bool" || type.bigEndian) continue;
    if (!owner.counters.has(zero))
      owner.counters.set(zero, {
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
