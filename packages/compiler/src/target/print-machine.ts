import type { MachineFunction, MachineInstruction, MachineTerminator } from "./machine.js";

/** A function's machine form as text, for reports of broken invariants. */
export function printMachine(f: MachineFunction): string {
  const lines = [`machine ${f.name} (${f.frameBytes} bytes of stack)`];
  for (const [index, block] of f.blocks.entries()) {
    lines.push(`block ${index}:`, ...[...block.instructions, block.terminator].map(printOne));
  }
  return lines.join("\n");
}

function printOne({ location: _location, ...fields }: MachineInstruction | MachineTerminator): string {
  const text = JSON.stringify(fields, (_key, value: unknown) =>
    typeof value === "bigint" ? `#${value}` : value,
  );
  return `  ${text}`;
}
