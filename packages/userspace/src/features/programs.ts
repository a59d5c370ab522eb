/** Which kinds of programs the running kernel loads, and which helpers they may call. */
import { CALL_OPCODE, helperByName, type ProgramKindRow, programKindByName } from "@waggle/object";
import { BpfError, LoadError, PermissionError } from "../errors/errors.js";
import { loadSpec } from "../load/load.js";
import { VerifierError } from "../verifier/verifier-error.js";
import { probeObject, sectionOf } from "./probe-program.js";
import { no, once, type Support, unknown, yes } from "./support.js";

const firstLine = (text: string): string => text.split("\n", 1)[0] ?? "";

/** Kinds that need more than themselves: another program, or a map with functions of the kernel. */
const notAsked: Readonly<Record<string, string>> = {
  extension: "an extension needs a program that it replaces a function of",
  "struct-ops": "struct_ops programs are loaded with the table of functions that they are members of",
};

function askKind(name: string): Support {
  const kind = programKindByName(name);
  if (kind === null) throw new TypeError(`there is no kind of program ${name}`);
  const reason = notAsked[name];
  const section = sectionOf(kind);
  if (reason !== undefined || section === null) return unknown(reason ?? "no section leads to it");
  try {
    loadSpec(probeObject(kind, section)).close();
    return yes;
  } catch (error) {
    return fromError(error, kind);
  }
}

function fromError(error: unknown, kind: ProgramKindRow): Support {
  if (error instanceof PermissionError) return refused(error, kind);
  if (error instanceof VerifierError) return no(firstLine(error.log));
  if (error instanceof BpfError) return no(error.message);
  throw error;
}

/** Some kernels refuse a kind to everybody: those who may load other programs are told no. */
function refused(error: PermissionError, kind: ProgramKindRow): Support {
  const plain = programKindByName("socket-filter");
  const section = plain === null ? null : sectionOf(plain);
  if (kind === plain || plain === null || section === null) return unknown(error.message);
  try {
    loadSpec(probeObject(plain, section)).close();
  } catch {
    return unknown(error.message);
  }
  return process.geteuid?.() === 0 ? no(`${error.call} failed: ${error.errno}`) : unknown(error.message);
}

/**
 * Whether the kernel loads programs of a kind, e.g. "xdp", "fentry": one that does nothing is loaded and closed again.
 *
 * @param kind a name of `programKinds` of @waggle/object
 */
export const programSupport: (kind: string) => Support = once(askKind);

/** What verifiers say of helpers that the program may not call. */
const refusal = /(unknown|invalid) func |program of this type cannot use helper|only allowed/;

/**
 * Whether programs of a kind may call a helper, e.g. `helperSupport("xdp", "bpf_loop")`: one that is a call of it is given to the verifier.
 */
export function helperSupport(kindName: string, helper: string): Support {
  return askHelper(`${kindName} ${helper}`);
}

const askHelper = once((both) => {
  const [kindName = "", helper = ""] = both.split(" ");
  const kind = programKindByName(kindName);
  const row = helperByName(helper);
  const section = kind === null ? null : sectionOf(kind);
  if (kind === null || row === null || section === null)
    throw new TypeError(
      row === null ? `there is no helper ${helper}` : `there is no kind of program ${kindName}`,
    );
  const loads = programSupport(kindName);
  if (loads.supported !== true) return loads;
  try {
    const call = { opcode: CALL_OPCODE, dst: 0, src: 0, offset: 0, imm: row.id };
    loadSpec(probeObject(kind, section, [call])).close();
    return yes;
  } catch (error) {
    // That the arguments are wrong means that the call itself is right.
    if (error instanceof VerifierError) {
      const words = refusal.exec(error.log);
      return words === null ? yes : no(`the verifier says: ${firstLine(error.log.slice(words.index))}`);
    }
    if (error instanceof LoadError) return no(error.message);
    return fromError(error, kind);
  }
});
