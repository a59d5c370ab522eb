import { type Btf, type Instruction, type ObjectSpec, typeAt } from "@waggle/object";

/** `enum bpf_core_relo_kind` in words. */
const questions = [
  "offset",
  "size",
  "exists",
  "signed",
  "left shift",
  "right shift",
  "",
  "",
  "type exists",
  "type size",
  "enumerator exists",
  "enumerator",
];

/** "task_struct.se.vruntime offset": what a relocation asks. */
function questionOf(btf: Btf, type: number, access: string, kind: number): string {
  const [first = 0, ...rest] = access.split(":").map(Number);
  const words: string[] = [];
  let at = typeAt(btf, type);
  if ("name" in at) words.push(at.name);
  if (at.kind === "enum" || at.kind === "enum64") words.push(at.values[first]?.name ?? "");
  for (const index of rest) {
    if (at.kind !== "struct" && at.kind !== "union") break;
    const member = at.members[index];
    if (member === undefined) break;
    words.push(member.name);
    at = typeAt(btf, member.type);
  }
  return `${words.join(".")} ${questions[kind]}`;
}

/** What the relocated code of the object's only program holds for each of its questions; null where it was poisoned. */
export function answersIn(spec: ObjectSpec, code: readonly Instruction[]): Map<string, number | null> {
  const [program] = spec.programs;
  if (program === undefined || spec.btf === null) throw new Error("the object has no program with types");
  const { btf } = spec;
  return new Map(
    program.coreRelocations.map(({ instruction, type, access, kind }) => {
      const patched = code[instruction];
      const isPoisoned = patched?.opcode === 0x85;
      return [questionOf(btf, type, access, kind), isPoisoned ? null : (patched?.imm ?? null)];
    }),
  );
}
