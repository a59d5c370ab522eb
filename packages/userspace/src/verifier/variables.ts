import type { ProgramSpec } from "@waggle/object";
import type { LogStep } from "./log.js";

/** Instructions that a name is followed back over: loops are walked a million times. */
const MOST_FOLLOWED = 1000;

/** Finds the source variable that a register holds before the last of the walked instructions, or before an earlier one. */
export type VariableOf = (register: number, step: number) => string | null;

const COPY = /^[rw](\d+) = (?:\([us]\d+\))?[rw](\d+)$/;
const ADD_NUMBER = /^r(\d+) \+= (-?\d+)$/;
const ADD_REGISTER = /^[rw](\d+) [-+]= [rw](\d+)$/;
/** An index made into bytes: the number is still the variable's. */
const SCALES = /^[rw]\d+ (?:<<|\*|&)= (?:0x)?[0-9a-f]+$/;
const WRITES = /^[rw](\d+) (?:=|[-+*/|&^%]=|<<=|>>=|s>>=|s\/=|s%=)/;

/**
 * Names from the object's `.debug_waggle`. An instruction that the compiler has no name for (a copy for a call's argument, a
 * pointer that was computed from an index) is followed back along the walked path: to what was copied, to the index that was
 * added, to the place of the frame whose address it is.
 */
export function variablesOf(program: ProgramSpec, steps: readonly LogStep[]): VariableOf {
  if (program.names === undefined) return () => null;
  const functions = program.functions;
  const find = (register: number, instruction: number): string | null => {
    const owner = functions.findLast((f) => f.instruction <= instruction);
    const at = instruction - (owner?.instruction ?? 0);
    const names = program.names?.get(owner?.name ?? program.name);
    const range = names?.registers.find((r) => r.register === register && r.first <= at && at <= r.last);
    return range?.name ?? null;
  };
  const inFrame = (offset: number, instruction: number): string | null => {
    const owner = functions.findLast((f) => f.instruction <= instruction);
    const names = program.names?.get(owner?.name ?? program.name);
    const place = names?.frame.find((one) => one.offset <= offset && offset < one.offset + one.size);
    return place?.name ?? null;
  };
  return (register, step) => {
    let wanted = register;
    let offset = 0;
    let returned = 0;
    const start = steps[step];
    if (start === undefined) return null;
    const direct = find(register, start.instruction);
    if (direct !== null) return direct;
    for (let i = step - 1; i >= Math.max(0, step - MOST_FOLLOWED); i--) {
      const each = steps[i];
      if (each === undefined) return null;
      const { text, instruction } = each;
      // What a function did that has returned is its own; it leaves r6 to r9 as they were.
      if (text === "exit") {
        if (wanted <= 5) return null;
        returned++;
        continue;
      }
      const entered = text.startsWith("call pc");
      if (returned > 0) {
        if (entered) returned--;
        continue;
      }
      if (entered && (wanted === 0 || wanted > 5)) return null;
      if (entered) continue;
      if (text.startsWith("call ")) {
        if (wanted <= 5) return null;
        continue;
      }
      // What reads it here reads what is wanted.
      const name = offset === 0 ? find(wanted, instruction) : null;
      const writes = Number(WRITES.exec(text)?.[1] ?? Number.NaN) === wanted;
      if (name !== null && (!writes || SCALES.test(text))) return name;
      if (!writes || SCALES.test(text)) continue;
      const distance = ADD_NUMBER.exec(text)?.[2];
      if (distance !== undefined) {
        offset += Number(distance);
        const moved = find(wanted, instruction);
        if (moved !== null) return moved;
        continue;
      }
      const index = ADD_REGISTER.exec(text)?.[2];
      if (index !== undefined) {
        const added = find(Number(index), instruction);
        if (added !== null) return added;
        wanted = Number(index);
        offset = 0;
        continue;
      }
      const source = COPY.exec(text)?.[2];
      if (source === undefined) return null;
      if (source === "10") return inFrame(offset, instruction);
      const copied = find(Number(source), instruction);
      if (copied !== null) return copied;
      wanted = Number(source);
    }
    return null;
  };
}
