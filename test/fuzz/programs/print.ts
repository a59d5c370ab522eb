/** Trees as TypeScript. */
import type {
  Block,
  Expression,
  FunctionTree,
  Given,
  Loop,
  Made,
  Making,
  MapTree,
  Place,
  ProgramTree,
  Statement,
  Target,
} from "./tree.js";
import { type Scalar, type Type, typeText } from "./types.js";

/** The kernel class of every generated file. */
export const className = "Fuzz";

const header = `import { ArrayMap, HashMap, LruHashMap, PerCpuArrayMap, XdpAction, be16, be32, be64, clamp, config, copyOf, elementAt, i16, i32, i64, i8, loop, max, min, noinline, range, u16, u32, u64, u8, xdp, zeroed } from "@waggle/kernel";
import type { Bits, FixedArray, Packed, XdpContext } from "@waggle/kernel";
function pick<T>(test: boolean, yes: T, no: T): T { return test ? yes : no; }
`;

/** The file of some programs, whose names differ. */
export function printFile(programs: readonly ProgramTree[]): string {
  const printers = programs.map((program) => new Printer(program));
  const outside = printers.map((printer) => printer.outside()).join("");
  const inside = printers.map((printer) => printer.inside()).join("");
  return `${header}${outside}export class ${className} {\n${inside}}\n`;
}

const isBig = (type: Scalar): boolean => type.kind === "int" && type.bits === 64;

function literalText(type: Scalar, value: bigint, bare: boolean): string {
  if (type.kind === "bool") return value === 0n ? "false" : "true";
  if (type.kind === "enum") {
    const member = `${type.name}.${type.members.find((one) => one.value === value)?.name ?? "nothing"}`;
    return bare ? member : `of${type.name}(${member})`;
  }
  const digits = `${value}${isBig(type) || (type.kind === "be" && type.bits === 64) ? "n" : ""}`;
  if (!bare) return `${type.name}(${digits})`;
  return value < 0n ? `(${digits})` : digits;
}

const negated: Readonly<Record<string, string>> = {
  "<": ">=",
  "<=": ">",
  ">": "<=",
  ">=": "<",
  "!==": "===",
};

class Printer {
  readonly #tree: ProgramTree;
  readonly #members: ReadonlySet<string>;
  #depth = 1;

  constructor(tree: ProgramTree) {
    this.#tree = tree;
    const inside = tree.functions.filter(({ form }) => form === "static" || form === "noinline");
    this.#members = new Set(
      [...tree.statics, ...tree.memory, ...tree.maps, ...inside].map(({ name }) => name),
    );
  }

  /** What stands before the class. */
  outside(): string {
    const tables = this.#tree.tables.map(
      ({ name, type, values }) =>
        `const ${name}: ${typeText(type)} = [${values.map((value) => literalText(type.element as Scalar, value, true)).join(", ")}];\n`,
    );
    const functions = this.#tree.functions.filter(({ name }) => !this.#members.has(name));
    return [
      ...this.#tree.types.map(declaration),
      ...tables,
      ...functions.map((item) => `function ${this.#function(item, 0)}`),
    ].join("");
  }

  /** Its members of the class. */
  inside(): string {
    const { statics, memory, maps, functions, name, io, body } = this.#tree;
    const fields = statics.map(
      (item) =>
        `  ${item.config === null ? "" : "@config "}static ${item.name}: ${item.type.name} = ${literalText(item.type, item.value, true)};\n`,
    );
    const variables = memory.map(
      (item) => `  static ${item.name}: ${typeText(item.type)} = zeroed<${typeText(item.type)}>();\n`,
    );
    const methods = functions
      .filter((item) => this.#members.has(item.name))
      .map((item) => `  ${item.form === "noinline" ? "@noinline " : ""}static ${this.#function(item, 1)}`);
    this.#depth = 2;
    const program = `  @xdp() static ${name}(ctx: XdpContext): XdpAction {\n    const io = ctx.at<${io.name}>(0);\n    if (io === null) return XdpAction.Aborted;\n${this.#statements(body)}    return XdpAction.Pass;\n  }\n`;
    return [...fields, ...variables, ...maps.map(mapText), ...methods, program].join("");
  }

  #function({ name, parameters, result, body }: FunctionTree, depth: number): string {
    this.#depth = depth + 1;
    const given = parameters.map(({ name: parameter, type }) => {
      if (type.kind !== "callback") return `${parameter}: ${typeText(type)}`;
      const takes = type.takes.map((one, index) => `a${index}: ${one.name}`).join(", ");
      return `${parameter}: (${takes}) => ${type.gives?.name ?? "void"}`;
    });
    const gives = result === null ? "void" : typeText(result);
    return `${name}(${given.join(", ")}): ${gives} {\n${this.#statements(body)}${"  ".repeat(depth)}}\n`;
  }

  #name(name: string): string {
    return this.#members.has(name) ? `${className}.${name}` : name;
  }

  #statements(body: readonly Statement[]): string {
    const indent = "  ".repeat(this.#depth);
    return body.map((statement) => `${indent}${this.#statement(statement)}\n`).join("");
  }

  #block({ body }: Block, last = ""): string {
    return this.#braces(body, last);
  }

  #braces(body: readonly Statement[], last = ""): string {
    this.#depth++;
    const text = this.#statements(body);
    const end = last === "" ? "" : `${"  ".repeat(this.#depth)}${last}\n`;
    this.#depth--;
    return `{\n${text}${end}${"  ".repeat(this.#depth)}}`;
  }

  #statement(statement: Statement): string {
    switch (statement.kind) {
      case "let": {
        const type = statement.typed ? `: ${typeText(statement.type)}` : "";
        return `${statement.fixed ? "const" : "let"} ${statement.name}${type} = ${this.#top(statement.value)};`;
      }
      case "struct":
        return `const ${statement.name}: ${typeText(statement.value.type)} = ${this.#making(statement.value)};`;
      case "alias":
        return `const ${statement.name} = ${this.#place(statement.of)};`;
      case "assign":
        return `${this.#target(statement.target)} ${statement.sign} ${this.#top(statement.value)};`;
      case "store":
        return `${this.#place(statement.target)} = ${this.#made(statement.value)};`;
      case "update":
        return `${this.#target(statement.target)}${statement.sign};`;
      case "swap": {
        const [left, right] = [this.#target(statement.left), this.#target(statement.right)];
        return `[${left}, ${right}] = [${right}, ${left}];`;
      }
      case "pattern": {
        const names = statement.names.map(({ field, name }) => `${field}: ${name}`);
        return `const { ${names.join(", ")} } = ${this.#place(statement.of)};`;
      }
      case "if": {
        const no = statement.no === null ? "" : ` else ${this.#block(statement.no)}`;
        return `if (${this.#condition(statement.test)}) ${this.#block(statement.yes)}${no}`;
      }
      case "switch": {
        const cases = statement.cases.map(({ values, body, falls }) => {
          const { type } = statement.on;
          const heads =
            values === null
              ? "default:"
              : values.map((value) => `case ${literalText(type, value, type.kind !== "be")}:`).join(" ");
          return `${heads} ${this.#braces(body, falls || body.at(-1)?.kind === "jump" || body.at(-1)?.kind === "leave" || body.at(-1)?.kind === "return" ? "" : "break;")}`;
        });
        return `switch (${this.#top(statement.on)}) { ${cases.join(" ")} }`;
      }
      case "loop":
        return this.#loop(statement);
      case "shrink": {
        const { name, type, label, sign, by } = statement;
        const start = `let ${name}: ${type.name} = ${this.#top(statement.start)};`;
        const step = `${name} ${sign}= ${literalText(type, by, true)};`;
        return `${start} ${labelText(label)}while (${name} !== ${literalText(type, 0n, true)}) ${this.#block(statement.body, step)}`;
      }
      case "each": {
        const { item, index, of, label, body } = statement;
        const head =
          index === null
            ? `const ${item} of ${this.#place(of)}`
            : `const [${index}, ${item}] of ${this.#place(of)}.entries()`;
        return `${labelText(label)}for (${head}) ${this.#block(body)}`;
      }
      case "entries": {
        const { key, item, map, label, body } = statement;
        return `${labelText(label)}for (const [${key}, ${item}] of ${this.#name(map)}) ${this.#block(body)}`;
      }
      case "either": {
        const { name, test, yes, no } = statement;
        return `const ${name} = ${this.#test(test)} ? ${this.#place(yes)} : ${this.#place(no)};`;
      }
      case "jump":
        return `${statement.word}${statement.label === null ? "" : ` ${statement.label}`};`;
      case "return":
        return statement.value === null ? "return;" : `return ${this.#made(statement.value)};`;
      case "leave": {
        const { action, unless } = statement;
        if (unless === null) return `return XdpAction.${action};`;
        return `return ${this.#test(unless.test)} ? XdpAction.${action} : XdpAction.${unless.action};`;
      }
      case "call":
        return `${this.#name(statement.name)}(${this.#given(statement.given)});`;
      case "get": {
        const { name, map, key, initial, early, yes, no } = statement;
        const call =
          initial === null
            ? `get(${this.#made(key)})`
            : `getOrInsert(${this.#made(key)}, ${this.#made(initial)})`;
        const found = `const ${name} = ${this.#name(map)}.${call};`;
        if (early !== null)
          return `${found} if (${name} === null) return XdpAction.${early}; ${this.#block(yes)}`;
        return `${found} if (${name} !== null) ${this.#block(yes)} else ${this.#block(no)}`;
      }
      case "set": {
        const mode = statement.mode === "create" ? ', "create"' : "";
        return `${this.#name(statement.map)}.set(${this.#made(statement.key)}, ${this.#made(statement.value)}${mode});`;
      }
      case "delete":
        return `${this.#name(statement.map)}.delete(${this.#made(statement.key)});`;
    }
  }

  #loop(loop: Loop): string {
    const { form, name, type, sign, label, body } = loop;
    const [from, to] = [literalText(type, loop.from, true), this.#operand(loop.to)];
    const size = loop.step < 0n ? -loop.step : loop.step;
    const step =
      size === 1n
        ? `${name}${loop.step < 0n ? "--" : "++"}`
        : `${name} ${loop.step < 0n ? "-=" : "+="} ${literalText(type, size, true)}`;
    const also = loop.also === null ? "" : this.#operand(loop.also);
    const test = `${name} ${sign} ${to}${also === "" ? "" : ` && ${also}`}`;
    const start = `let ${name}: ${type.name} = ${from};`;
    const mark = labelText(label);
    switch (form) {
      case "for":
        return `${mark}for (${start} ${test}; ${step}) ${this.#block(body)}`;
      case "while":
        return `${start} ${mark}while (${test}) ${this.#block(body, `${step};`)}`;
      case "do":
        return `${start} ${mark}do ${this.#block(body, `${step};`)} while (${test});`;
      case "forever": {
        const ends = `${name} ${negated[sign] ?? "==="} ${to}${also === "" ? "" : ` || !${also}`}`;
        this.#depth++;
        const inner = this.#statements(body.body);
        const indent = "  ".repeat(this.#depth);
        this.#depth--;
        return `${start} ${mark}while (true) {\n${indent}if (${ends}) break;\n${inner}${indent}${step};\n${"  ".repeat(this.#depth)}}`;
      }
      case "range":
        return `${mark}for (const ${name} of range(${from}, ${to}, ${literalText(type, loop.step, true)})) ${this.#block(body)}`;
      case "callback":
        return `loop(${to}, (${name}) => ${this.#block(body)});`;
    }
  }

  #condition(expression: Expression): string {
    return expression.kind === "truth" ? this.#top(expression.value) : this.#top(expression);
  }

  /** A condition before a `?`. */
  #test(expression: Expression): string {
    return this.#operand(expression.kind === "truth" ? expression.value : expression);
  }

  /** The expression where nothing stands beside it. */
  #top(expression: Expression): string {
    const text = this.#operand(expression);
    // TypeScript takes the `<` of `a << b, (c > (d))` for the start of type arguments.
    return enclosed.has(expression.kind) && !/ <<?=? /.test(text) ? text.slice(1, -1) : text;
  }

  #operand(expression: Expression): string {
    switch (expression.kind) {
      case "literal":
        return literalText(expression.type, expression.value, expression.bare);
      case "variable":
        return this.#name(expression.name);
      case "read":
        return this.#place(expression.place);
      case "unary":
        return `(${expression.sign}${this.#operand(expression.value)})`;
      case "binary":
      case "compare":
      case "logical":
        return `(${this.#operand(expression.left)} ${expression.sign} ${this.#operand(expression.right)})`;
      case "convert":
        return `${expression.type.kind === "enum" ? "of" : ""}${expression.type.name}(${this.#top(expression.value)})`;
      case "not":
        return `(!${this.#operand(expression.value)})`;
      case "truth":
        return `(${this.#operand(expression.value)} !== ${isBig(expression.value.type) ? "0n" : "0"})`;
      case "ternary":
        return `(${this.#test(expression.test)} ? ${this.#operand(expression.yes)} : ${this.#operand(expression.no)})`;
      case "choose":
        return `${expression.name}(${this.#top(expression.left)}, ${this.#top(expression.right)})`;
      case "update": {
        const target = this.#target(expression.target);
        return expression.prefix ? `(${expression.sign}${target})` : `(${target}${expression.sign})`;
      }
      case "call":
        return `${this.#name(expression.name)}(${this.#given(expression.given)})`;
      case "lookup": {
        const path = expression.path.map((name) => name).join(".");
        return `(${this.#name(expression.map)}.get(${this.#made(expression.key)})?.${path} ?? ${this.#operand(expression.otherwise)})`;
      }
      case "generic": {
        const { type, test, yes, no } = expression;
        return `pick<${typeText(type)}>(${this.#operand(test)}, ${this.#top(yes)}, ${this.#top(no)})`;
      }
      case "element": {
        const { of, index, otherwise } = expression;
        return `(elementAt(${this.#place(of)}, ${this.#top(index)})?.value ?? ${this.#operand(otherwise)})`;
      }
      case "has":
        return `${this.#name(expression.map)}.has(${this.#made(expression.key)})`;
      case "packetLength":
        return "ctx.length";
    }
  }

  #target(target: Target): string {
    return target.kind === "variable" ? this.#name(target.name) : this.#place(target);
  }

  #place({ root, steps }: Place): string {
    const path = steps.map((step) =>
      step.kind === "field" ? `.${step.name}` : `[${this.#top(step.index)}]`,
    );
    return `${this.#name(root)}${path.join("")}`;
  }

  #making(making: Making): string {
    switch (making.kind) {
      case "fields": {
        if (making.type.kind === "array")
          return `[${making.parts.map(({ value }) => this.#made(value)).join(", ")}]`;
        return `{ ${making.parts.map(({ name, value }) => `${name}: ${this.#made(value)}`).join(", ")} }`;
      }
      case "copy":
        return `copyOf(${this.#place(making.of)})`;
      case "zeroed":
        return `zeroed<${typeText(making.type)}>()`;
      case "spread":
        return `{ ...${this.#place(making.of)}, ${making.parts.map(({ name, value }) => `${name}: ${this.#top(value)}`).join(", ")} }`;
      case "made":
        return `${this.#name(making.name)}(${this.#given(making.given)})`;
    }
  }

  #made(made: Made): string {
    if (made.kind === "place") return this.#place(made);
    return isMaking(made) ? this.#making(made) : this.#top(made);
  }

  #given(given: readonly Given[]): string {
    const texts = given.map((item) => {
      if (item.kind !== "closure") return this.#made(item);
      const result = item.result === null ? "" : `return ${this.#top(item.result)};`;
      return `(${item.parameters.join(", ")}) => ${this.#braces(item.body, result)}`;
    });
    return texts.join(", ");
  }
}

/** Kinds of expressions that lose their parentheses where nothing stands beside them. `f(a < b, c > (d))` would be a generic call. */
const enclosed: ReadonlySet<Expression["kind"]> = new Set([
  "binary",
  "logical",
  "not",
  "truth",
  "ternary",
  "update",
  "unary",
  "lookup",
  "element",
]);

/** Whether something makes memory. */
export const isMaking = (made: Made): made is Making =>
  made.kind === "fields" ||
  made.kind === "copy" ||
  made.kind === "zeroed" ||
  made.kind === "spread" ||
  made.kind === "made";

const labelText = (label: string | null): string => (label === null ? "" : `${label}: `);

function mapText({ name, form, key, value, entries }: MapTree): string {
  const types =
    form === "ArrayMap" || form === "PerCpuArrayMap"
      ? typeText(value)
      : `${typeText(key)}, ${typeText(value)}`;
  return `  static readonly ${name} = new ${form}<${types}>({ maxEntries: ${entries} });\n`;
}

function declaration(type: Type): string {
  if (type.kind === "enum") {
    const members = type.members.map(({ name, value }) => `${name} = ${value}`);
    // TypeScript narrows a variable to the member that it is given, but not to what a function gives.
    return `enum ${type.name} { ${members.join(", ")} }\nfunction of${type.name}(e: ${type.name}): ${type.name} { return e; }\n`;
  }
  if (type.kind !== "struct") return "";
  const fields = type.fields.map(({ name, type: field, width }) =>
    width === undefined ? `${name}: ${typeText(field)};` : `${name}: Bits<${typeText(field)}, ${width}>;`,
  );
  return `interface ${type.name}${type.packed ? " extends Packed" : ""} { ${fields.join(" ")} }\n`;
}
