/** Tells whether a function keeps the invariants that `docs/ir.md` lists. Runs between passes in tests. */
import { type ControlFlow, controlFlow } from "./analysis/control-flow.js";
import { dominators } from "./analysis/dominators.js";
import { homesOf, valueTypes } from "./analysis/values.js";
import { operandsOf, resultType, targetsOf, terminatorOperands, unarySignatures } from "./operations.js";
import { printInstruction } from "./print.js";
import type {
  Block,
  ExternDefinition,
  Instruction,
  IrFunction,
  IrType,
  Module,
  Target,
  ValueId,
} from "./types.js";

type Report = (place: string, message: string) => void;

/** Broken invariants of a function, one line each; empty when it is sound. Names of other things are not looked at. */
export function checkFunction(f: IrFunction): string[] {
  const problems: string[] = [];
  const report: Report = (place, message) => problems.push(`${f.name}: ${place}: ${message}`);
  checkIds(f, report);
  const [entry] = f.blocks;
  if (entry === undefined) return problems;
  const ids = new Set(f.blocks.map((block) => block.id));
  for (const block of f.blocks) {
    for (const { block: to } of targetsOf(block.terminator)) {
      if (to === entry.id) report(`b${block.id}`, `jumps to the entry b${to}`);
      if (!ids.has(to)) report(`b${block.id}`, `jumps to b${to}, which does not exist`);
    }
  }
  // Without sound ids and edges the rest would only repeat them.
  if (problems.length > 0) return problems;
  const types = valueTypes(f);
  for (const block of f.blocks) {
    for (const instruction of block.instructions) {
      const complain = (message: string) =>
        report(printInstruction(instruction, { locations: false }), message);
      checkTypes(instruction, (value) => types.get(value), complain);
      if (instruction.op === "slot" && !f.slots.some((slot) => slot.id === instruction.slot)) {
        complain(`s${instruction.slot} is not a slot of the function`);
      }
    }
    checkTerminator(f, block, types, report);
  }
  checkDominance(f, report);
  checkLoops(f, types, report);
  return problems;
}

/** Broken invariants of a module: those of its functions, and every map, variable and callee named must exist. */
export function checkModule(module: Module): string[] {
  const problems = module.functions.flatMap(checkFunction);
  const names = {
    functions: new Map(module.functions.map((f) => [f.name, f])),
    maps: new Set(module.maps.map((map) => map.name)),
    data: new Set(module.data.map((data) => data.name)),
    externs: new Map(module.externs.map((extern) => [extern.name, extern])),
  };
  if (names.functions.size < module.functions.length)
    problems.push(`${module.name}: two functions share a name`);
  for (const f of module.functions) {
    for (const instruction of f.blocks.flatMap((block) => block.instructions)) {
      const problem = checkNames(instruction, names);
      if (problem !== null)
        problems.push(`${f.name}: ${printInstruction(instruction, { locations: false })}: ${problem}`);
    }
  }
  const mutable = new Set(module.data.filter((data) => data.mutable).map(({ name }) => name));
  return mutable.size === 0
    ? problems
    : [...problems, ...module.functions.flatMap((f) => checkConstancy(f, mutable))];
}

/** Loads of variables that change must not say that they read what never does: passes would merge them. */
function checkConstancy(f: IrFunction, mutable: ReadonlySet<string>): string[] {
  const changing = new Set<ValueId>();
  const problems: string[] = [];
  for (const instruction of f.blocks.flatMap((block) => block.instructions)) {
    const { result } = instruction;
    if (instruction.op === "global" && mutable.has(instruction.data) && result !== null) changing.add(result);
    if (instruction.op === "offset" && changing.has(instruction.pointer) && result !== null)
      changing.add(result);
    if (instruction.op === "load" && instruction.region === "readonly" && changing.has(instruction.pointer)) {
      problems.push(
        `${f.name}: ${printInstruction(instruction, { locations: false })}: the variable is mutable`,
      );
    }
  }
  return problems;
}

function checkNames(
  instruction: Instruction,
  names: {
    readonly functions: ReadonlyMap<string, IrFunction>;
    readonly maps: ReadonlySet<string>;
    readonly data: ReadonlySet<string>;
    readonly externs: ReadonlyMap<string, ExternDefinition>;
  },
): string | null {
  if (instruction.op === "map" && !names.maps.has(instruction.map)) return "no such map";
  if (instruction.op === "global" && !names.data.has(instruction.data)) return "no such variable";
  if (instruction.op === "element" && !names.maps.has(instruction.map)) return "no such map";
  if (instruction.op === "function") {
    const target = names.functions.get(instruction.function);
    if (target === undefined) return "no such function";
    return target.section === null && target.linkage === "static" ? null : "is not a static subprogram";
  }
  if (instruction.op === "kfunc") {
    const wanted = names.externs.get(instruction.name)?.prototype.params.length;
    if (wanted === undefined) return "no such kernel function";
    return wanted === instruction.args.length ? null : `takes ${wanted} arguments`;
  }
  if (instruction.op !== "call") return null;
  const callee = names.functions.get(instruction.callee);
  if (callee === undefined) return "no such function";
  const wanted = callee.blocks[0]?.params.length ?? 0;
  if (wanted !== instruction.args.length) return `takes ${wanted} arguments`;
  if (instruction.type !== null && instruction.type !== callee.returns)
    return `returns ${callee.returns ?? "nothing"}`;
  return null;
}

function checkIds(f: IrFunction, report: Report): void {
  const unique = (prefix: string, ids: readonly number[]) => {
    const seen = new Set<number>();
    for (const id of ids) {
      if (seen.has(id)) report(`${prefix}${id}`, "defined twice");
      seen.add(id);
    }
  };
  unique(
    "s",
    f.slots.map((slot) => slot.id),
  );
  unique(
    "b",
    f.blocks.map((block) => block.id),
  );
  unique(
    "v",
    f.blocks.flatMap((block) => [
      ...block.params.map((param) => param.id),
      ...block.instructions.flatMap(({ result }) => (result === null ? [] : [result])),
    ]),
  );
  if (f.blocks.length === 0) report("body", "has no blocks");
}

/** What an operation wants of its operands, in their order; null where more than one type will do. */
function operandTypes(
  instruction: Instruction,
  typeOf: (value: ValueId) => IrType | undefined,
): (IrType | null)[] {
  switch (instruction.op) {
    case "binary":
      return [instruction.type, instruction.type];
    case "compare":
      return [null, typeOf(instruction.left) ?? null];
    case "unary": {
      const { from } = unarySignatures[instruction.operator];
      return [from === "same" ? instruction.type : from];
    }
    case "offset":
      return ["ptr", "i64"];
    case "load":
    case "zero":
      return ["ptr"];
    case "store":
      return ["ptr", null];
    case "atomic":
      return ["ptr", instruction.type];
    case "compare-exchange":
      return ["ptr", instruction.type, instruction.type];
    case "copy":
      return ["ptr", "ptr"];
    default:
      return operandsOf(instruction).map(() => null);
  }
}

function checkTypes(
  instruction: Instruction,
  typeOf: (value: ValueId) => IrType | undefined,
  complain: (message: string) => void,
): void {
  const wanted = operandTypes(instruction, typeOf);
  operandsOf(instruction).forEach((value, index) => {
    const type = typeOf(value);
    const want = wanted[index] ?? null;
    if (type === undefined) complain(`v${value} is not defined`);
    else if (want !== null && type !== want) complain(`v${value} is ${type}, not ${want}`);
  });
  const type = resultType(instruction);
  // An atomic operation has a type, the width of the access, even when its old value is not wanted.
  if (instruction.op !== "atomic" && (type === null) !== (instruction.result === null)) {
    complain(type === null ? "has no result" : "must name its result");
  }
  switch (instruction.op) {
    case "const":
      if (instruction.type === "ptr" && instruction.value !== 0n) complain("the only pointer constant is 0");
      if (BigInt.asUintN(instruction.type === "i32" ? 32 : 64, instruction.value) !== instruction.value) {
        complain("the constant is not wrapped to its type");
      }
      break;
    case "unary": {
      const { to } = unarySignatures[instruction.operator];
      if (to === "same" ? instruction.type === "ptr" : instruction.type !== to)
        complain("has the wrong type");
      break;
    }
    case "load":
      if (instruction.type === "i32" && instruction.width === 8) complain("8 bytes do not fit an i32");
      if (instruction.type === "ptr" && instruction.width !== 8 && instruction.region !== "context") {
        complain("a pointer is 8 bytes wide outside a context");
      }
      break;
    case "store":
      if (instruction.width === 8 && typeOf(instruction.value) === "i32") complain("an i32 has no 8 bytes");
      if (instruction.region === "kernel") complain("the kernel's memory is only read");
      break;
    case "helper":
    case "kfunc":
    case "call":
      if (instruction.args.length > 5) complain("more than 5 arguments");
      break;
  }
}

/** A hint names a header, and the driver's values are where `LoopDriver` says. */
function checkLoops(f: IrFunction, types: ReadonlyMap<ValueId, IrType>, report: Report): void {
  for (const { header, driver } of f.loops) {
    const block = f.blocks.find(({ id }) => id === header);
    const complain = (message: string) => report(`loop b${header}`, message);
    if (block === undefined) complain("there is no such block");
    else if (driver !== null && block.terminator.op !== "branch") complain("its header does not branch");
    if (block === undefined || driver?.kind !== "loop") continue;
    if (block.params.length !== 1 || block.params[0]?.id !== driver.index) {
      complain(`v${driver.index} is not the one parameter of its header`);
    }
    if (types.get(driver.count) !== types.get(driver.index)) complain("index and count differ in type");
  }
}

function checkTerminator(
  f: IrFunction,
  block: Block,
  types: ReadonlyMap<ValueId, IrType>,
  report: Report,
): void {
  const place = `b${block.id}`;
  const { terminator } = block;
  for (const value of terminatorOperands(terminator)) {
    if (!types.has(value)) report(place, `v${value} is not defined`);
  }
  if (terminator.op === "branch" && types.get(terminator.condition) === "ptr") {
    report(place, "branches on a pointer");
  }
  if (terminator.op === "return") {
    const type = terminator.value === null ? null : (types.get(terminator.value) ?? null);
    if (type !== f.returns) report(place, `returns ${type ?? "nothing"}, not ${f.returns ?? "nothing"}`);
  }
  for (const target of targetsOf(terminator)) checkTarget(f, target, types, place, report);
}

function checkTarget(
  f: IrFunction,
  target: Target,
  types: ReadonlyMap<ValueId, IrType>,
  place: string,
  report: Report,
): void {
  const params = f.blocks.find((block) => block.id === target.block)?.params ?? [];
  if (params.length !== target.args.length) {
    report(place, `gives b${target.block} ${target.args.length} arguments, not ${params.length}`);
    return;
  }
  params.forEach((param, index) => {
    const arg = target.args[index];
    const type = arg === undefined ? undefined : types.get(arg);
    if (type !== undefined && type !== param.type)
      report(place, `v${arg} is ${type}, v${param.id} is ${param.type}`);
  });
}

/** Every use must come after its definition on every way from the entry. Blocks that nothing reaches are not looked at. */
function checkDominance(f: IrFunction, report: Report): void {
  const flow: ControlFlow = controlFlow(f);
  const tree = dominators(flow);
  const homes = homesOf(f);
  for (const block of flow.blocks.values()) {
    const before = new Set(block.params.map((param) => param.id));
    const use = (value: ValueId) => {
      const home = homes.get(value);
      const sound =
        home === block.id ? before.has(value) : home !== undefined && tree.dominates(home, block.id);
      if (!sound) report(`b${block.id}`, `v${value} is used where it is not defined`);
    };
    for (const instruction of block.instructions) {
      operandsOf(instruction).forEach(use);
      if (instruction.result !== null) before.add(instruction.result);
    }
    terminatorOperands(block.terminator).forEach(use);
  }
}
