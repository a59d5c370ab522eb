/** The running kernel's tracepoints as tracefs describes them (Documentation/trace/events.rst). */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { BpfError, withTracefs } from "@waggle/userspace";
import { propertyName } from "./names.js";
import type { Scope } from "./scope.js";
import { integerName, use } from "./type-text.js";

/** What can be asked of a folder of events. */
export interface EventFolder {
  /** The text of `format`, or null when there is no such event. */
  format(category: string, event: string): string | null;
  /** Every "category/name". */
  names(): readonly string[];
}

/** The tracepoints of a kernel, or why their formats are not known. */
export type TracepointEvents = EventFolder | { readonly unavailable: string };

/**
 * The events of the running kernel, through tracefs where it is mounted and else through a private mount. They are unavailable where
 * tracefs cannot be mounted or read, as for ordinary users.
 *
 * @param search where tracefs may be mounted; the usual places when not given
 */
export function openEvents(search?: readonly string[]): TracepointEvents {
  const withEvents = <T>(use: (folder: string) => T): T =>
    withTracefs((path) => use(join(path, "events")), search);
  try {
    const names = withEvents(eventNames);
    return {
      names: () => names,
      format: (category, event) =>
        names.includes(`${category}/${event}`)
          ? withEvents((folder) => readFileSync(join(folder, category, event, "format"), "utf8"))
          : null,
    };
  } catch (error) {
    if (error instanceof BpfError) return { unavailable: error.message };
    throw error;
  }
}

function eventNames(folder: string): readonly string[] {
  return subfolders(folder).flatMap((category) =>
    subfolders(join(folder, category)).map((name) => `${category}/${name}`),
  );
}

function subfolders(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
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
