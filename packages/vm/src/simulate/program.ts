import {
  describeRelocation,
  disassemble,
  type Instruction,
  nearest,
  type ObjectSpec,
  POISON_HELPER,
  type ProgramSpec,
  relocateProgram,
} from "@waggle/object";
import { contextRowOf } from "../contexts/context-table.js";
import { VmError, type VmLocation } from "../errors.js";
import { type Environment, type Run, TailCall, type TailTarget, type Task } from "../helpers/call.js";
import { callHelper } from "../helpers/helper-table.js";
import { argumentsOf, callKernelFunction } from "../helpers/kernel-functions.js";
import { kernelLoads } from "../machine/kernel-loads.js";
import { Machine } from "../machine/machine.js";
import { type Addresses, prepare } from "../machine/prepare.js";
import { toBigInt } from "../machine/word.js";
import type { VmMap } from "../maps/map-kinds.js";
import { placeTask } from "../memory/kernel-objects.js";
import { type MemoryImage, memoryBlocks, TestMemory } from "../memory/test-memory.js";
import type { KernelTypes } from "./kernel-types.js";
import { taskOf } from "./options.js";
import type { AnySimulatedProgram, CommonInput, CommonResult } from "./types.js";

/** What a program of a simulation is made from. */
export interface ProgramRequest {
  readonly spec: ObjectSpec;
  readonly program: ProgramSpec;
  readonly maps: ReadonlyMap<string, VmMap>;
  readonly environment: Environment;
  /** Types of the kernel that it runs in; null when nothing tells any. */
  readonly kernel: KernelTypes | null;
  readonly task: Task;
  readonly memory: MemoryImage;
}

const commonInputs = ["task", "cpu", "memory"];

/** A program that runs in process. Its code is made ready at the first run. */
export function simulatedProgram(request: ProgramRequest): AnySimulatedProgram {
  const { program, environment } = request;
  let ready: Ready | null = null;
  const target: Runnable = {
    name: program.name,
    kind: program.type.name,
    program,
    ready: () => {
      ready ??= makeReady(request);
      return ready;
    },
  };
  const id = environment.programs.size + 1;
  environment.programs.set(id, target);
  const simulated: AnySimulatedProgram = {
    name: program.name,
    run: (input = {}) => {
      const row = contextRowOf(program);
      checkNames(program, input, [...row.inputs, ...commonInputs]);
      environment.cpus.current = cpuOf(request, input);
      const task = taskOf(request.task, input.task);
      const memory = new TestMemory([...memoryBlocks(request.memory), ...memoryBlocks(input.memory ?? [])]);
      placeTask(request.spec, request.kernel, task, memory);
      const context = row.build({
        program,
        btf: request.spec.btf,
        space: environment.space,
        littleEndian: environment.littleEndian,
        input,
        memory,
      });
      const run: Run = {
        task,
        memory,
        packet: context.packet,
        redirect: null,
        kind: program.type.name,
        tailCalls: 0,
        iterators: new Map(),
      };
      let current = target;
      try {
        const address = toBigInt(context.address.hi, context.address.lo);
        let result: bigint | null = null;
        let instructions = 0;
        while (result === null) {
          const { machine, setRun } = current.ready();
          setRun(run);
          try {
            result = machine.run(address);
          } catch (error) {
            if (!(error instanceof TailCall)) throw error;
            checkReleased(environment, run);
            // Every target was registered by this function.
            current = error.target as Runnable;
          }
          instructions += machine.executed;
        }
        checkReleased(environment, run);
        return {
          result: Number(BigInt.asUintN(32, result)),
          instructions,
          ...context.outputs(run.redirect),
        } satisfies CommonResult;
      } catch (error) {
        throw error instanceof VmError
          ? error.at(locationOf(current.program, current.ready().machine.pc))
          : error;
      } finally {
        for (const discard of [...environment.reservations.values()]) discard(true);
        for (const { close } of run.iterators.values()) close();
        context.release();
      }
    },
  };
  numbers.set(simulated, id);
  return simulated;
}

interface Ready {
  readonly machine: Machine;
  readonly setRun: (run: Run) => void;
}

interface Runnable extends TailTarget {
  readonly program: ProgramSpec;
  readonly ready: () => Ready;
}

const numbers = new WeakMap<object, number>();

/** The number that stands for a simulated program in a program array; null for what is none. */
export const numberOf = (program: object): number | null => numbers.get(program) ?? null;

function makeReady({ spec, program, maps, environment, kernel }: ProgramRequest) {
  const code = prepare(
    relocatedCode(spec, program, kernel),
    spec.byteOrder,
    addressesOf(program, maps),
    kernelLoads(program),
    new Map(
      program.kernelCalls?.map(({ instruction, name }) => [instruction, { name, args: argumentsOf(name) }]),
    ),
  );
  let current: Run | null = null;
  const machine = new Machine(
    code,
    environment.space,
    spec.byteOrder,
    (caller, called) => {
      if (current === null) return;
      if (called === POISON_HELPER) throw notInKernel(spec, program, caller.pc);
      if (typeof called === "string") callKernelFunction(caller, called, environment, current);
      else callHelper(caller, called, environment, current);
    },
    environment.maxInstructions,
  );
  return {
    machine,
    setRun: (run: Run) => {
      current = run;
      machine.kernelMemory = (address) => run.memory.from(address, "kernel");
    },
  };
}

/** The code with what it asks of the kernel's types filled in. */
function relocatedCode(
  { btf, byteOrder }: ObjectSpec,
  program: ProgramSpec,
  kernel: KernelTypes | null,
): readonly Instruction[] {
  if (btf === null || kernel === null) return program.instructions;
  return relocateProgram(program, btf, kernel.btf, byteOrder);
}

/** A field, type or enumerator that the kernel lacks is needed: the loader makes such an instruction a call that fails. */
function notInKernel(spec: ObjectSpec, program: ProgramSpec, pc: number): VmError {
  // A poisoned 64-bit number is two such calls.
  const relocation = program.coreRelocations.find(
    ({ instruction }) => pc === instruction || pc === instruction + 1,
  );
  const what =
    relocation === undefined || spec.btf === null ? "something" : describeRelocation(spec.btf, relocation);
  return new VmError(
    "not-in-kernel",
    `the program needs the ${what}, which the simulated kernel does not have`,
    "ask exists<T>(…) or enumExists<typeof E>(…) first, and do without it where it is missing",
  );
}

function addressesOf(program: ProgramSpec, maps: ReadonlyMap<string, VmMap>): Addresses {
  const addresses = new Map<number, bigint>();
  for (const reference of program.references) {
    const map = maps.get(reference.map);
    if (map === undefined) continue;
    const address =
      reference.valueOffset === null
        ? map.handle.address(0)
        : map.kind === "table"
          ? map.direct(reference.valueOffset)
          : null;
    if (address !== null) addresses.set(reference.instruction, toBigInt(address.hi, address.lo));
  }
  return addresses;
}

function checkNames(program: ProgramSpec, input: CommonInput, known: readonly string[]): void {
  for (const name of Object.keys(input)) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    throw new VmError(
      "bad-input",
      `run of ${program.name}: there is no input ${name} for a program of type ${program.type.name}`,
      near === null ? `inputs are ${known.join(", ")}` : `did you mean ${near}?`,
    );
  }
}

function cpuOf({ program, environment }: ProgramRequest, input: CommonInput): number {
  const cpu = input.cpu ?? 0;
  if (Number.isInteger(cpu) && cpu >= 0 && cpu < environment.cpus.count) return cpu;
  throw new VmError(
    "bad-input",
    `run of ${program.name}: there is no CPU ${cpu}`,
    `CPUs are 0 to ${environment.cpus.count - 1}; the option cpus of simulate makes more`,
  );
}

function checkReleased(environment: Environment, run: Run): void {
  if (run.iterators.size > 0) {
    throw new VmError(
      "leaked-reference",
      "the program ended while an iterator was still in use",
      "destroy it on every path",
    );
  }
  const [region] = environment.reservations.keys();
  if (region === undefined) return;
  throw new VmError(
    "leaked-reference",
    `the program ended while a ${region.name} was still reserved`,
    "submit or discard the record on every path",
  );
}

/** Where an instruction is, for people. */
export function locationOf(program: ProgramSpec, instruction: number): VmLocation {
  const enclosing = program.functions.findLast((item) => item.instruction <= instruction);
  const line = program.lines.findLast((item) => item.instruction <= instruction);
  const texts = disassemble(program.instructions, {
    functions: program.functions,
    references: program.references,
    kernelCalls: program.kernelCalls,
  });
  const inFunction = line !== undefined && line.instruction >= (enclosing?.instruction ?? 0);
  return {
    program: program.name,
    function: enclosing?.name ?? program.name,
    instruction,
    disassembly: texts[instruction] ?? "(outside the program)",
    source: inFunction ? { file: line.file, line: line.line, column: line.column, text: line.source } : null,
  };
}
