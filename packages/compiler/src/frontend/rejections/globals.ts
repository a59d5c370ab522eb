/** What to do without the globals of JavaScript. */
import ts from "#typescript";

const helps: ReadonlyMap<string, string> = new Map([
  ["Math", "compute with integer operators; min, max and clamp are functions of @waggle/kernel"],
  ["Number", "convert with u32(…), i32(…) and the like"],
  ["BigInt", "convert with u64(…) or i64(…)"],
  ["parseInt", "convert with u32(…), i32(…) and the like"],
  ["Date", "ktimeGetNs() is the time since boot in nanoseconds"],
  ["performance", "ktimeGetNs() is the time since boot in nanoseconds"],
  ["console", "send a record through a RingBuffer, and print it in user space"],
  ...["print", "printf", "printk", "bpf_printk", "bpfPrintk"].map((name): [string, string] => [
    name,
    "send a record through a RingBuffer, and print it in user space",
  ]),
  ["process", "currentPid(), currentUid() and the like tell of the current task"],
  ["setTimeout", "a program runs when its event happens and does not wait"],
  ["setInterval", "a program runs when its event happens and does not wait"],
  ["fetch", "a program cannot wait: send a record through a RingBuffer, and let user space act"],
  ["structuredClone", "copyOf(struct) is a copy on the stack"],
  ["require", "import functions and constants of other kernel files"],
]);

/** What kernel code does instead of the global that a callee or name begins with; null when that is not known. */
export function globalHelp(node: ts.Expression): string | null {
  const first = ts.isPropertyAccessExpression(node) ? node.expression : node;
  return ts.isIdentifier(first) ? (helps.get(first.text) ?? null) : null;
}

/** As `globalHelp`, by name. */
export const globalHelpByName = (name: string): string | null => helps.get(name) ?? null;
