/** The whole way from TypeScript files to BPF objects, one for each kernel class. */
import {
  type ByteOrder,
  defaultKernelVersion,
  formatKernelVersion,
  type KernelVersion,
  kernelHas,
  parseKernelVersion,
} from "@waggle/object";
import { type Diagnostic, failureAt } from "./diagnostics/index.js";
import { inSourceOrder } from "./diagnostics/source-order.js";
import { emitObject } from "./emit/object.js";
import { sourcePath } from "./emit/source-path.js";
import { faultPoint } from "./fault-injection.js";
import { checkReservations } from "./frontend/functions/reservations.js";
import { frontend } from "./frontend/index.js";
import { extentAt } from "./frontend/rejections/extent.js";
import { FunctionFailure, workingOn } from "./ir/function-failure.js";
import type { Module, SourceLocation } from "./ir/types.js";
import type { OptimizationLevel } from "./passes/pipeline.js";
import { optimize } from "./passes/pipeline.js";
import { type Moved, moveToScratch } from "./passes/scratch.js";
import { checkCallChains } from "./target/call-chains.js";
import type { CompiledFunction } from "./target/generate.js";
import { generate } from "./target/generate.js";
import {
  checkTailCalls,
  mixedTailCall,
  tailCallsInFunctionsSince,
  tailCallsInLoops,
} from "./target/tail-calls.js";
import type { Cpu, TargetOptions } from "./target/target-error.js";
import { TargetError, targetErrorCodes } from "./target/target-error.js";
import { loopFaults } from "./verifier/loop-limits.js";
import { firstToFollowStackPointers } from "./verifier/stack-pointers.js";

/** What objects are made for. */
export interface CompileTarget {
  /** Default: "little". */
  readonly byteOrder?: ByteOrder;
  /** Default: the newest that the kernel has, up to 3 (Linux 5.1); 2 is Linux 4.14, 4 is 6.6. */
  readonly cpu?: Cpu;
  /** The oldest kernel that is to load them: "5.15". Default: 5.10. */
  readonly kernel?: string;
}

export interface CompileOptions {
  /** Files with kernel classes; relative ones are resolved against `cwd`. */
  readonly files: readonly string[];
  /** The project's folder: paths in line info are relative to it. Default: the process's. */
  readonly cwd?: string;
  readonly target?: CompileTarget;
  /** Texts that stand for files, by absolute path: an editor's unsaved buffers. */
  readonly overlay?: ReadonlyMap<string, string>;
  /** Default 2. */
  readonly optimize?: OptimizationLevel;
  /** Checks the IR after each pass and proves each register allocation: for tests. */
  readonly check?: boolean;
}

export interface CompiledProgram {
  readonly name: string;
  /** ELF section, e.g. `xdp`. */
  readonly section: string;
  /** Slots of 8 bytes, without those of the functions it calls. */
  readonly instructions: number;
  /** Of its own frame. */
  readonly stackBytes: number;
}

/** One kernel class as an object. */
export interface CompiledClass {
  readonly name: string;
  /** The file that declares it. */
  readonly file: string;
  /** What the class is exported as. */
  readonly exportName: string;
  /** A relocatable BPF ELF file. The same sources and options give the same bytes. */
  readonly object: Uint8Array;
  readonly programs: readonly CompiledProgram[];
  /** Names of its maps. */
  readonly maps: readonly string[];
}

export interface CompileResult {
  /** Empty for a class with errors. */
  readonly classes: readonly CompiledClass[];
  readonly diagnostics: readonly Diagnostic[];
  /** Every file that was read: a change to one of them may change the result. */
  readonly inputs: readonly string[];
}

/** The IR of a class before and after the passes. */
export interface OptimizedModule {
  readonly before: Module;
  readonly after: Module;
}

/** The IR of each class before and after the passes, for looking into the compiler. */
export interface IrResult {
  readonly modules: readonly OptimizedModule[];
  /** Instead of modules where TypeScript found an error: the programs that no error reaches, of which no object is made. */
  readonly unfinished: readonly OptimizedModule[];
  readonly diagnostics: readonly Diagnostic[];
  readonly inputs: readonly string[];
}

/** What is compiled for, with nothing left open. */
interface ResolvedTarget extends TargetOptions {
  readonly kernel: KernelVersion;
}

/** `since` is the kernel that can run what the compiler makes for a cpu version (Documentation/bpf/bpf_devel_QA.rst). */
const cpus: readonly { readonly cpu: Cpu; readonly since: string }[] = [
  { cpu: 3, since: "5.1" },
  { cpu: 2, since: "4.14" },
];

function resolveTarget({ byteOrder = "little", cpu, kernel }: CompileTarget = {}): ResolvedTarget {
  const version = kernel === undefined ? defaultKernelVersion : parseKernelVersion(kernel);
  if (version === null) throw new RangeError(`target.kernel is "${kernel}": write a version, such as "5.15"`);
  const newest = cpus.find(({ since }) => kernelHas(version, since))?.cpu ?? 1;
  const followsStackPointers = kernelHas(version, firstToFollowStackPointers);
  return { byteOrder, cpu: cpu ?? newest, kernel: version, followsStackPointers };
}

/**
 * Compiles kernel classes. Bad programs give diagnostics, and so do bugs of the compiler itself (WG9001); an error in one class does not
 * keep the others from being made.
 * @throws RangeError when `target.kernel` is no version
 */
export function compile(options: CompileOptions): CompileResult {
  const { modules, unfinished, diagnostics, inputs } = compileToIr(options);
  const target = resolveTarget(options.target);
  const classes: CompiledClass[] = [];
  const found = [...diagnostics];
  for (const { before, after } of modules) {
    surviving(before, found, () => {
      if (!fits(before, after)) return;
      const result = compileModule(after, target, options);
      found.push(...result.diagnostics);
      if (result.compiled !== null) classes.push(result.compiled);
    });
  }
  for (const { before, after } of unfinished) {
    surviving(before, found, () => {
      if (fits(before, after))
        found.push(...generateModule(after, target, options.check ?? false).diagnostics);
    });
  }
  return { classes, diagnostics: inSourceOrder(found), inputs };

  function fits(before: Module, after: Module): boolean {
    const unfit = [checkCpu(after, target) ?? checkMixing(after, target)].filter((one) => one !== null);
    unfit.push(...tailCallsInLoops(before.functions).map((error) => describe(error, before)));
    found.push(...unfit);
    return unfit.length === 0;
  }
}

/** Runs `body`; an unexpected error is reported at the function that it happened in, else at the module's first program. */
function surviving(module: Module, found: Diagnostic[], body: () => void): void {
  try {
    body();
  } catch (error) {
    const program = module.functions.find(({ section, location }) => section !== null && location !== null);
    const location = (error instanceof FunctionFailure ? error.location : null) ?? program?.location ?? null;
    const place = location ?? { line: 1, column: 1 };
    const source = module.sources[location?.file ?? 0];
    const extent = extentAt(source?.text ?? "", place.line, place.column);
    const at = { file: source?.path ?? "", line: place.line, column: place.column, ...extent };
    found.push(failureAt(error instanceof FunctionFailure ? error.cause : error, at));
  }
}

/** Code that the targeted kernel cannot run is not made. */
function checkCpu(module: Module, { cpu, kernel }: ResolvedTarget): Diagnostic | null {
  if (cpu < 4 || kernelHas(kernel, "6.6")) return null;
  const program = module.functions.find(({ section, location }) => section !== null && location !== null);
  const error = new TargetError(
    targetErrorCodes.needsNewerKernel,
    `cpu v4 needs Linux 6.6, and the oldest kernel targeted is ${formatKernelVersion(kernel)}`,
    program?.location ?? null,
    [],
    'set target.kernel to "6.6" in xtask.config.ts (or --kernel 6.6), or leave target.cpu out',
  );
  return describe(error, module);
}

/** Functions and tail calls in one program. */
function checkMixing(module: Module, { kernel }: ResolvedTarget): Diagnostic | null {
  if (kernelHas(kernel, tailCallsInFunctionsSince)) return null;
  const program = mixedTailCall(module.functions);
  if (program === null) return null;
  const error = new TargetError(
    targetErrorCodes.needsNewerKernel,
    `\`${program.name}\` makes tail calls and calls functions, which kernels take together from ${tailCallsInFunctionsSince} on, and the oldest kernel targeted is ${formatKernelVersion(kernel)}`,
    program.location,
    [],
    `let the functions be put in place of their calls (without @noinline), or set target.kernel to "${tailCallsInFunctionsSince}" in xtask.config.ts (or --kernel ${tailCallsInFunctionsSince})`,
  );
  return describe(error, module);
}

/** Runs the frontend and the optimiser; generates no code. Throws as `compile` does. */
export function compileToIr(options: CompileOptions): IrResult {
  const { byteOrder, kernel } = resolveTarget(options.target);
  const cwd = options.cwd ?? process.cwd();
  const { files, overlay } = options;
  const { modules, unfinished, diagnostics, inputs } = frontend({
    files,
    cwd,
    byteOrder,
    kernel,
    ...(overlay === undefined ? {} : { overlay }),
  });
  const level = options.optimize ?? 2;
  const check = options.check ?? false;
  const found = [...diagnostics];
  const optimized = modules.flatMap(optimizeModule);
  const others = unfinished.flatMap(optimizeModule);
  return { modules: optimized, unfinished: others, diagnostics: inSourceOrder(found), inputs };

  function optimizeModule(before: Module): OptimizedModule[] {
    const made: OptimizedModule[] = [];
    surviving(before, found, () => {
      const after = optimize(before, { level, byteOrder, check });
      const leaks = after.functions.flatMap((f) => checkReservations(f, after.sources, after.functions));
      const loops = loopFaults(after.functions, kernel).map((fault) =>
        describe({ ...fault, code: "WG1010", notes: [] }, after),
      );
      found.push(...leaks, ...loops);
      if (leaks.length + loops.length === 0) made.push({ before, after });
    });
    return made;
  }
}

/**
 * The object of one module whose IR is final.
 * @throws FunctionFailure or BugError when an invariant of the compiler broke
 */
export function compileModule(
  given: Module,
  target: TargetOptions,
  options: { readonly cwd?: string; readonly check?: boolean } = {},
): { readonly compiled: CompiledClass | null; readonly diagnostics: readonly Diagnostic[] } {
  const { module, functions, diagnostics } = generateModule(given, target, options.check ?? false);
  if (functions === null) return { compiled: null, diagnostics };
  const cwd = options.cwd ?? process.cwd();
  faultPoint("emit", module.name);
  const sources = module.sources.map((source) => ({ ...source, path: sourcePath(cwd, source.path) }));
  const logs = (module.logs ?? []).map((site) => ({ ...site, file: sourcePath(cwd, site.file) }));
  const compiled = {
    name: module.name,
    file: fileOf(module),
    exportName: module.name,
    object: emitObject({ ...module, sources, logs }, functions, target),
    programs: functions.flatMap(({ name, section, instructions, stackBytes }) =>
      section === null ? [] : [{ name, section, instructions: instructions.length, stackBytes }],
    ),
    maps: module.maps.map(({ name }) => name),
  };
  return { compiled, diagnostics };
}

/** The instructions of a module, whose variables may be in scratch memory then; null for those of one that does not fit. */
function generateModule(
  given: Module,
  target: TargetOptions,
  check: boolean,
): {
  readonly module: Module;
  readonly functions: readonly CompiledFunction[] | null;
  readonly diagnostics: readonly Diagnostic[];
} {
  let { functions, errors } = generateAll(given, target, check);
  let module = given;
  const warnings: Diagnostic[] = [];
  for (const reserve of errors.length > 0 && errors.every(isOfStack) ? spillReserves : []) {
    const scratch = moveToScratch(given, reserve);
    const retried = generateAll(scratch.module, target, check);
    if (retried.errors.length > 0) continue;
    ({ functions, errors } = retried);
    module = scratch.module;
    warnings.push(...scratch.moved.map((moved) => describeMoved(moved, module)));
    break;
  }
  if (errors.length > 0)
    return { module, functions: null, diagnostics: errors.map((error) => describe(error, module)) };
  return { module, functions, diagnostics: warnings };
}

/** Bytes of each frame that are kept for what does not fit in registers, when variables go to scratch memory: few first. */
const spillReserves = [0, 32, 96, 192];

function generateAll(
  module: Module,
  target: TargetOptions,
  check: boolean,
): { functions: CompiledFunction[]; errors: TargetError[] } {
  const functions: CompiledFunction[] = [];
  const errors: TargetError[] = [];
  for (const f of module.functions) {
    try {
      const make = (): CompiledFunction => {
        faultPoint("generate", f.name);
        return generate(f, { ...target, check });
      };
      functions.push(workingOn(f, make, (error) => error instanceof TargetError));
    } catch (error) {
      if (!(error instanceof TargetError)) throw error;
      errors.push(error);
    }
  }
  errors.push(
    ...checkCallChains(functions, module.functions),
    ...checkTailCalls(functions, module.functions),
  );
  return { functions, errors };
}

function isOfStack({ code }: TargetError): boolean {
  return code === targetErrorCodes.stackTooLarge || code === targetErrorCodes.callChainTooDeep;
}

/** The build says what went to scratch memory. */
function describeMoved({ function: f, slots }: Moved, module: Module): Diagnostic {
  const bytes = slots.reduce((sum, { size }) => sum + size, 0);
  const error = new TargetError(
    targetErrorCodes.movedToScratch,
    `\`${f.name}\` needs more stack than the kernel allows: ${bytes} bytes of it are in per-CPU scratch memory`,
    f.location,
    slots.map(({ name, size }) => `\`${name}\` takes ${size} bytes`),
    "another run that interrupts this one on its CPU uses the same bytes: where that can happen, make the variables smaller",
  );
  return { ...describe(error, module), severity: "warning" };
}

function fileOf(module: Module): string {
  const program = module.functions.find((f) => f.section !== null && f.location !== null);
  return module.sources[program?.location?.file ?? 0]?.path ?? "";
}

type Fault = Pick<Diagnostic, "code" | "message" | "notes" | "help"> & Pick<TargetError, "location">;

function describe({ code, message, location, notes, help }: Fault, module: Module): Diagnostic {
  const place: Pick<SourceLocation, "line" | "column"> = location ?? { line: 1, column: 1 };
  const source = module.sources[location?.file ?? -1];
  const { endLine, endColumn } = extentAt(source?.text ?? "", place.line, place.column);
  return {
    code,
    severity: "error",
    message,
    file: location === null ? fileOf(module) : (module.sources[location.file]?.path ?? ""),
    line: place.line,
    column: place.column,
    endLine,
    endColumn,
    notes,
    help,
  };
}
