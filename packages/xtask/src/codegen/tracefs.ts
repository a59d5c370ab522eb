/** The running kernel's tracepoints as tracefs describes them (Documentation/trace/events.rst). */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { propertyName } from "./names.js";
import type { Scope } from "./scope.js";
import { integerName, use } from "./type-text.js";

/** What can be asked of a folder of events. */
export interface EventFolder {
  /** The text of `format`, or null when it is not there or not readable. */
  format(category: string, event: string): string | null;
  /** Every "category/name". */
  names(): readonly string[];
}

const folders = ["/sys/kernel/tracing/events", "/sys/kernel/debug/tracing/events"];

/** The events of the running kernel; null when tracefs is not mounted or not readable, as for ordinary users. */
export function openEvents(candidates: readonly string[] = folders): EventFolder | null {
  for (const folder of candidates) {
    const categories = list(folder);
    if (categories.length === 0) continue;
    return {
      format: (category, event) => {
        const file = join(folder, category, event, "format");
        try {
          return existsSync(file) ? readFileSync(file, "utf8") : null;
        } catch {
          return null;
        }
      },
      names: () =>
        categories.flatMap((category) => list(join(folder, category)).map((name) => `${category}/${name}`)),
    };
  }
  return null;
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch {
    return [];
  }
}

const field = /^\tfield:(.+);\toffset:(\d+);\tsize:(\d+);\tsigned:([01]);$/;

/** An interface with the fields of a `format` file; `name` is that of the interface. */
export function formatDeclaration(scope: Scope, name: string, isSyscall: boolean, format: string): string {
  const lines: string[] = [];
  for (const line of format.split("\n")) {
    const [, declaration, offset, size, signed] = field.exec(line) ?? [];
    if (declaration === undefined || Number(offset) < 8) continue;
    const property = fieldLine(scope, declaration, Number(size), signed === "1", isSyscall);
    if (property !== null) lines.push(property);
  }
  const body = lines.length === 0 ? "{}" : `{\n${lines.join("\n")}\n}`;
  return `/** From ${scope.label}. */\nexport interface ${name} extends ${use(scope, "TracepointCommon")} ${body}\n`;
}

function fieldLine(
  scope: Scope,
  declaration: string,
  size: number,
  signed: boolean,
  isSyscall: boolean,
): string | null {
  const located = /^(__data_loc|__rel_loc) .*?(\w+)$/.exec(declaration);
  if (located !== null) return `  readonly ${located[1]}_${located[2]}: ${use(scope, "u32")};`;
  const [, type = "", label = "", , length] = /^(.*?)(\w+)(\[(\d*)\])?$/.exec(declaration) ?? [];
  if (label === "" || size === 0) return null;
  const text = (): string => {
    if (length !== undefined) {
      const count = Number(length);
      if (/^(const )?char $/.test(type)) return `${use(scope, "CString")}<${count}>`;
      const element = integerName(count === 0 ? 1 : size / count, signed);
      const [name, times] = element === null ? (["u8", size] as const) : ([element, count] as const);
      return `${use(scope, "FixedArray")}<${use(scope, name)}, ${times}>`;
    }
    // What system calls are given is in the memory of the process.
    if (type.includes("*")) return use(scope, isSyscall ? "UserPtr" : "KernelPtr");
    if (/\bbool\b/.test(type)) return "boolean";
    const integer = integerName(size, signed);
    return integer === null
      ? `${use(scope, "FixedArray")}<${use(scope, "u8")}, ${size}>`
      : use(scope, integer);
  };
  return `  readonly ${propertyName(label)}: ${text()};`;
}
