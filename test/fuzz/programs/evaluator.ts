/** Runs a tree on bigint, as the language's documentation says what it means. Shares no code with the compiler or the machine. */
import { compute, holds } from "./arithmetic.js";
import { createMaps, type MapState } from "./map-state.js";
import type {
  Action,
  Block,
  Closure,
  Expression,
  FunctionTree,
  Given,
  Key,
  Loop,
  Made,
  Making,
  Place,
  ProgramTree,
  Statement,
  Target,
} from "./tree.js";
import { cut, type Scalar, wrap } from "./types.js";
import { copy, copyInto, isMemory, type Memory, partsOf, type Value, zero } from "./values.js";

/** More than the largest program that the generator makes takes. A run that exceeds it is a bug in the generator. */
const mostSteps = 10_000_000;

/** A function that was given, with the variables that it captures. */
interface GivenFunction {
  readonly closure: Closure;
  readonly frame: Frame;
}
type Frame = Map<string, Value | GivenFunction>;

/** How a statement ended, when not by going on. */
type End =
  | { readonly kind: "jump"; readonly word: "break" | "continue"; readonly label: string | null }
  | { readonly kind: "return"; readonly value: Value }
  | { readonly kind: "leave"; readonly action: Action };

const isClosure = (value: Value | GivenFunction | undefined): value is GivenFunction =>
  typeof value === "object" && value !== null && "closure" in value;

/** Where a number lies. */
interface Slot {
  read(): bigint;
  write(value: bigint): void;
}

/** The maps and statics of a program, which outlive its runs. */
export class Evaluator {
  readonly #tree: ProgramTree;
  readonly #functions: ReadonlyMap<string, FunctionTree>;
  readonly #maps: ReadonlyMap<string, MapState>;
  readonly #globals: Frame = new Map();
  #steps = 0;
  #packetLength = 0n;

  constructor(tree: ProgramTree) {
    this.#tree = tree;
    this.#functions = new Map(tree.functions.map((item) => [item.name, item]));
    this.#maps = createMaps(tree.maps);
    for (const { name, value, config } of tree.statics) this.#globals.set(name, config ?? value);
    for (const { name, type } of tree.memory) this.#globals.set(name, zero(type));
    for (const { name, values } of tree.tables)
      this.#globals.set(name, { parts: new Map(values.map((value, index) => [String(index), value])) });
  }

  /** Runs the program on a packet whose beginning is `io`, null when the packet is too short for it; gives its action. */
  run(io: Memory | null, packetLength: number): Action {
    this.#steps = 0;
    this.#packetLength = BigInt(packetLength);
    if (io === null) return "Aborted";
    const end = this.#block(this.#tree.body, new Map([["io", io]]));
    return end?.kind === "leave" ? end.action : "Pass";
  }

  #step(): void {
    this.#steps++;
    if (this.#steps > mostSteps) throw new Error(`the run takes more than ${mostSteps} steps`);
  }

  #variable(name: string, frame: Frame): Value | GivenFunction {
    const value = frame.get(name) ?? this.#globals.get(name);
    if (value === undefined) throw new Error(`no variable ${name}`);
    return value;
  }

  #number(expression: Expression, frame: Frame): bigint {
    this.#step();
    switch (expression.kind) {
      case "literal":
        return expression.value;
      case "variable": {
        const value = this.#variable(expression.name, frame);
        if (typeof value !== "bigint") throw new Error(`${expression.name} is no number`);
        return value;
      }
      case "read":
        return this.#slot(expression.place, frame).read();
      case "unary": {
        const value = this.#number(expression.value, frame);
        return wrap(expression.type, expression.sign === "-" ? -value : ~value);
      }
      case "binary": {
        const left = this.#number(expression.left, frame);
        return compute(expression.type, expression.sign, left, this.#number(expression.right, frame));
      }
      case "convert":
        return wrap(expression.type, this.#number(expression.value, frame));
      case "compare": {
        const left = this.#number(expression.left, frame);
        return BigInt(holds(expression.sign, left, this.#number(expression.right, frame)));
      }
      case "not":
        return BigInt(this.#number(expression.value, frame) === 0n);
      case "truth":
        return BigInt(this.#number(expression.value, frame) !== 0n);
      case "logical": {
        const left = this.#number(expression.left, frame);
        return (left !== 0n) === (expression.sign === "||") ? left : this.#number(expression.right, frame);
      }
      case "ternary":
        return this.#number(
          this.#number(expression.test, frame) !== 0n ? expression.yes : expression.no,
          frame,
        );
      case "choose": {
        const left = this.#number(expression.left, frame);
        const right = this.#number(expression.right, frame);
        return left < right === (expression.name === "min") ? left : right;
      }
      case "update": {
        const slot = this.#slot(expression.target, frame);
        const old = slot.read();
        slot.write(expression.sign === "++" ? old + 1n : old - 1n);
        return expression.prefix ? slot.read() : old;
      }
      case "call": {
        const value = this.#call(expression.name, expression.given, frame);
        if (typeof value !== "bigint") throw new Error(`${expression.name} gave no number`);
        return value;
      }
      case "lookup": {
        const found = this.#map(expression.map).get(this.#key(expression.key, frame));
        if (found === null) return this.#number(expression.otherwise, frame);
        let value: Value = found;
        for (const name of expression.path) value = isMemory(value) ? (value.parts.get(name) ?? null) : null;
        if (typeof value !== "bigint") throw new Error("a lookup gave no number");
        return value;
      }
      case "generic": {
        const test = this.#number(expression.test, frame);
        const yes = this.#number(expression.yes, frame);
        const no = this.#number(expression.no, frame);
        return test !== 0n ? yes : no;
      }
      case "element": {
        const array = this.#memory(expression.of, frame);
        const part = array.parts.get(String(this.#number(expression.index, frame)));
        return typeof part === "bigint" ? part : this.#number(expression.otherwise, frame);
      }
      case "has":
        return BigInt(this.#map(expression.map).get(this.#key(expression.key, frame)) !== null);
      case "packetLength":
        return this.#packetLength;
    }
  }

  #map(name: string): MapState {
    const map = this.#maps.get(name);
    if (map === undefined) throw new Error(`no map ${name}`);
    return map;
  }

  #key(key: Key, frame: Frame): Value {
    return this.#made(key, frame);
  }

  /** A number, the memory that a place names, or new memory. */
  #made(made: Made, frame: Frame): Value {
    if (made.kind === "place") return this.#memory(made, frame);
    if (
      made.kind === "fields" ||
      made.kind === "copy" ||
      made.kind === "zeroed" ||
      made.kind === "spread" ||
      made.kind === "made"
    )
      return this.#make(made, frame);
    return this.#number(made, frame);
  }

  #make(making: Making, frame: Frame): Memory {
    this.#step();
    if (making.kind === "copy") return this.#newMemory(this.#memory(making.of, frame));
    if (making.kind === "zeroed") return this.#newMemory(zero(making.type));
    if (making.kind === "made") return this.#newMemory(this.#call(making.name, making.given, frame));
    const start = making.kind === "spread" ? this.#memory(making.of, frame) : zero(making.type);
    const result = this.#newMemory(start);
    const types = new Map(partsOf(making.type).map((part) => [part.name, part]));
    for (const { name, value } of making.parts) {
      const part = types.get(name);
      if (part === undefined) throw new Error(`no field ${name}`);
      const given = this.#made(value, frame);
      result.parts.set(name, typeof given === "bigint" ? cutTo(part, given) : copy(given));
    }
    return result;
  }

  #newMemory(value: Value): Memory {
    const made = copy(value);
    if (!isMemory(made)) throw new Error("no memory to copy");
    return made;
  }

  #root(place: Place, frame: Frame): Memory {
    const root = this.#variable(place.root, frame);
    if (isClosure(root) || !isMemory(root)) throw new Error(`${place.root} is no reference`);
    return root;
  }

  /** The memory that a place names. */
  #memory(place: Place, frame: Frame): Memory {
    let at: Value = this.#root(place, frame);
    for (const step of place.steps) at = this.#part(at, step, frame);
    if (!isMemory(at)) throw new Error(`${place.root} leads to no memory`);
    return at;
  }

  #part(at: Value, step: Place["steps"][number], frame: Frame): Value {
    const name = this.#stepName(step, frame);
    const part = isMemory(at) ? at.parts.get(name) : undefined;
    if (part === undefined) throw new Error(`no part ${name}`);
    return part;
  }

  #stepName(step: Place["steps"][number], frame: Frame): string {
    return step.kind === "field" ? step.name : String(this.#number(step.index, frame));
  }

  #slot(target: Target, frame: Frame): Slot {
    if (target.kind === "variable") {
      const owner = frame.has(target.name) ? frame : this.#globals;
      return {
        read: () => numberIn(owner.get(target.name), target.name),
        write: (value) => void owner.set(target.name, wrap(target.type, value)),
      };
    }
    let at: Value = this.#root(target, frame);
    for (const step of target.steps.slice(0, -1)) at = this.#part(at, step, frame);
    const last = target.steps.at(-1);
    if (last === undefined || !isMemory(at)) throw new Error(`${target.root} leads to no number`);
    const name = this.#stepName(last, frame);
    const { parts } = at;
    return {
      read: () => numberIn(parts.get(name), name),
      write: (value) => void parts.set(name, cutTo(target, value)),
    };
  }

  #call(name: string, given: readonly Given[], frame: Frame): Value {
    this.#step();
    const values = given.map((item): Value | GivenFunction =>
      item.kind === "closure"
        ? { closure: item, frame }
        : item.kind === "place"
          ? this.#memory(item, frame)
          : this.#number(item, frame),
    );
    const called = this.#functions.get(name);
    if (called !== undefined) {
      const inner: Frame = new Map(
        called.parameters.map((parameter, index) => [parameter.name, values[index] ?? null]),
      );
      const end = this.#block(called.body, inner);
      return end?.kind === "return" ? end.value : null;
    }
    const found = this.#variable(name, frame);
    if (!isClosure(found)) throw new Error(`no function ${name}`);
    const { closure, frame: captured } = found;
    for (const [index, parameter] of closure.parameters.entries())
      captured.set(parameter, values[index] ?? null);
    this.#block(closure.body, captured);
    return closure.result === null ? null : this.#number(closure.result, captured);
  }

  #block(body: readonly Statement[], frame: Frame): End | null {
    for (const statement of body) {
      const end = this.#statement(statement, frame);
      if (end !== null) return end;
    }
    return null;
  }

  #statement(statement: Statement, frame: Frame): End | null {
    this.#step();
    switch (statement.kind) {
      case "let":
        frame.set(statement.name, wrap(statement.type, this.#number(statement.value, frame)));
        return null;
      case "struct":
        frame.set(statement.name, this.#make(statement.value, frame));
        return null;
      case "alias":
        frame.set(statement.name, this.#memory(statement.of, frame));
        return null;
      case "assign": {
        const slot = this.#slot(statement.target, frame);
        if (statement.sign === "=") slot.write(this.#number(statement.value, frame));
        else if (statement.sign === "||=" || statement.sign === "&&=") {
          if ((slot.read() === 0n) === (statement.sign === "||="))
            slot.write(this.#number(statement.value, frame));
        } else {
          const { type } = statement.target;
          if (type.kind !== "int") throw new Error("only integers are computed with");
          const old = slot.read();
          slot.write(compute(type, statement.sign.slice(0, -1), old, this.#number(statement.value, frame)));
        }
        return null;
      }
      case "store": {
        const to = this.#memory(statement.target, frame);
        const from = this.#made(statement.value, frame);
        if (!isMemory(from)) throw new Error("only memory is copied");
        copyInto(to, this.#newMemory(from));
        return null;
      }
      case "update": {
        const slot = this.#slot(statement.target, frame);
        slot.write(slot.read() + (statement.sign === "++" ? 1n : -1n));
        return null;
      }
      case "swap": {
        const [left, right] = [this.#slot(statement.left, frame), this.#slot(statement.right, frame)];
        const [first, second] = [right.read(), left.read()];
        left.write(first);
        right.write(second);
        return null;
      }
      case "pattern": {
        const from = this.#memory(statement.of, frame);
        for (const { field, name } of statement.names) frame.set(name, from.parts.get(field) ?? null);
        return null;
      }
      case "if": {
        const taken = this.#number(statement.test, frame) !== 0n ? statement.yes : statement.no;
        return taken === null ? null : this.#block(taken.body, frame);
      }
      case "switch": {
        const on = this.#number(statement.on, frame);
        const { cases } = statement;
        const matching = cases.findIndex(({ values }) => values?.includes(on) === true);
        const first = matching >= 0 ? matching : cases.findIndex(({ values }) => values === null);
        for (let at = first; at >= 0 && at < cases.length; at++) {
          const end = this.#block(cases[at]?.body ?? [], frame);
          if (end?.kind === "jump" && end.word === "break" && end.label === null) return null;
          if (end !== null) return end;
          if (cases[at]?.falls !== true) return null;
        }
        return null;
      }
      case "loop":
        return this.#loop(statement, frame);
      case "shrink": {
        let left = wrap(statement.type, this.#number(statement.start, frame));
        frame.set(statement.name, left);
        while (left !== 0n) {
          const end = this.#turn(statement.body, statement.label, frame);
          if (end !== "on") return end === "out" ? null : end;
          left = compute(statement.type, statement.sign, left, statement.by);
          frame.set(statement.name, left);
        }
        return null;
      }
      case "each": {
        const items = this.#memory(statement.of, frame).parts;
        for (const name of [...items.keys()]) {
          frame.set(statement.item, items.get(name) ?? null);
          if (statement.index !== null) frame.set(statement.index, BigInt(name));
          const end = this.#turn(statement.body, statement.label, frame);
          if (end !== "on") return end === "out" ? null : end;
        }
        return null;
      }
      case "entries": {
        const map = this.#map(statement.map);
        for (let index = 0n; ; index++) {
          const item = map.get(index);
          if (item === null) return null;
          frame.set(statement.key, index);
          frame.set(statement.item, item);
          const end = this.#turn(statement.body, statement.label, frame);
          if (end !== "on") return end === "out" ? null : end;
        }
      }
      case "either": {
        const taken = this.#number(statement.test, frame) !== 0n ? statement.yes : statement.no;
        frame.set(statement.name, this.#memory(taken, frame));
        return null;
      }
      case "jump":
        return statement;
      case "return":
        return {
          kind: "return",
          value: statement.value === null ? null : this.#made(statement.value, frame),
        };
      case "leave": {
        const { unless, action } = statement;
        if (unless !== null && this.#number(unless.test, frame) === 0n)
          return { kind: "leave", action: unless.action };
        return { kind: "leave", action };
      }
      case "call":
        this.#call(statement.name, statement.given, frame);
        return null;
      case "get": {
        const map = this.#map(statement.map);
        const key = this.#key(statement.key, frame);
        let found = map.get(key);
        if (statement.initial !== null) {
          const initial = this.#made(statement.initial, frame);
          if (found === null) {
            map.set(key, initial, "create");
            found = map.get(key);
          }
        }
        if (found === null && statement.early !== null) return { kind: "leave", action: statement.early };
        if (found !== null) frame.set(statement.name, found);
        return this.#block((found === null ? statement.no : statement.yes).body, frame);
      }
      case "set": {
        const key = copy(this.#key(statement.key, frame));
        this.#map(statement.map).set(key, copy(this.#made(statement.value, frame)), statement.mode);
        return null;
      }
      case "delete":
        this.#map(statement.map).delete(this.#key(statement.key, frame));
        return null;
    }
  }

  /** One turn of a loop: it goes on, is left, or ends more than itself. */
  #turn(body: Block, label: string | null, frame: Frame): "on" | "out" | End {
    const end = this.#block(body.body, frame);
    if (end === null) return "on";
    const isOwn = end.kind === "jump" && (end.label === null || end.label === label);
    if (!isOwn) return end;
    return end.word === "continue" ? "on" : "out";
  }

  #loop(loop: Loop, frame: Frame): End | null {
    const { form, name, type, sign, step } = loop;
    let at = loop.from;
    // A range and a callback ask once how far they go.
    const once = form === "range" || form === "callback" ? this.#number(loop.to, frame) : null;
    const goesOn = (): boolean => {
      frame.set(name, at);
      const to = once ?? this.#number(loop.to, frame);
      return holds(sign, at, to) && (loop.also === null || this.#number(loop.also, frame) !== 0n);
    };
    for (let first = true; ; first = false) {
      if (!(form === "do" && first) && !goesOn()) return null;
      frame.set(name, at);
      const end = this.#turn(loop.body, loop.label, frame);
      if (end !== "on") return end === "out" ? null : end;
      at = wrap(type, at + step);
      frame.set(name, at);
    }
  }
}

function numberIn(value: Value | GivenFunction | undefined, name: string): bigint {
  if (typeof value !== "bigint") throw new Error(`${name} is no number`);
  return value;
}

function cutTo(
  { type, width }: { readonly type: Scalar | Place["type"]; readonly width?: number },
  value: bigint,
): bigint {
  if (width !== undefined && type.kind === "int") return cut(width, type.signed, value);
  return type.kind === "struct" || type.kind === "array" ? value : wrap(type, value);
}
