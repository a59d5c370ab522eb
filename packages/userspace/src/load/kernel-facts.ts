/** What an object asks of the running kernel beside its types: how it was built, where its symbols lie, which functions it has. */
import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import {
  findType,
  type KernelFactKind,
  type KernelFactType,
  type ObjectSpec,
  type ProgramSpec,
  withKernelFacts,
} from "@waggle/object";
import { asLoadError, LoadError } from "../errors/errors.js";
import { thisMachine } from "../sys/machine.js";
import { kernelTypes } from "./kernel-types.js";

/** The spec with the running kernel's answers in the constants that the programs read. @throws LoadError when the kernel does not tell */
export const answered = (spec: ObjectSpec, programs: readonly ProgramSpec[]): ObjectSpec =>
  asLoadError(() => withKernelFacts(spec, (kind, about, type) => answers[kind](about, type), programs));

type Answer = (about: string, type: KernelFactType) => boolean | number | bigint | string;

const answers: Readonly<Record<KernelFactKind, Answer>> = {
  kconfig: (name, type) =>
    name === "LINUX_KERNEL_VERSION"
      ? asType(String(kernelVersion()), name, type)
      : asType(kernelConfig().get(name), name, type),
  ksym: symbolAddress,
  kfunc: (name) => {
    const types = kernelTypes(`the object asks whether the kernel has the function ${name}`);
    return asLoadError(() => findType(types, "function", name)) !== null;
  },
};

/** `KERNEL_VERSION(a, b, c)` of linux/version.h. */
function kernelVersion(): number {
  const [, major, minor, patch] = /^(\d+)\.(\d+)(?:\.(\d+))?/.exec(thisMachine().release) ?? [];
  return Number(major ?? 0) * 2 ** 16 + Number(minor ?? 0) * 2 ** 8 + Math.min(Number(patch ?? 0), 255);
}

/** Those of this kernel, which stay as they are for as long as it runs. */
let known: ReadonlyMap<string, string> | null = null;

/** Options of the kernel's build by name, as they are written: `y`, `250`, `"text"`. */
function kernelConfig(): ReadonlyMap<string, string> {
  known ??= new Map(
    [...configText().matchAll(/^(CONFIG_\w+)=(.*)$/gm)].map((line) => [line[1] ?? "", line[2] ?? ""]),
  );
  return known;
}

function configText(): string {
  const plain = `/boot/config-${thisMachine().release}`;
  if (existsSync("/proc/config.gz")) return gunzipSync(readFileSync("/proc/config.gz")).toString();
  if (existsSync(plain)) return readFileSync(plain, "utf8");
  throw new LoadError(
    "unsupported-relocation",
    `the object asks how the kernel was built, and neither /proc/config.gz nor ${plain} is there. ` +
      "The first needs a kernel with CONFIG_IKCONFIG_PROC; the second comes with a distribution's kernel.",
  );
}

function asType(
  text: string | undefined,
  name: string,
  type: KernelFactType,
): boolean | number | bigint | string {
  if (type === "text") return text?.replace(/^"(.*)"$/, "$1") ?? "";
  if (type === "boolean") return text !== undefined && text !== "n";
  const number = text === undefined || text === "n" ? "0" : text === "y" || text === "m" ? "1" : text;
  if (!/^-?(\d+|0x[\da-f]+)$/i.test(number))
    throw new LoadError(
      "bad-option",
      `the object asks for ${name} as a number, and this kernel has ${number}.`,
    );
  return type === "number" ? Number(number) : BigInt(number);
}

function symbolAddress(name: string): bigint {
  const address = addressIn(readFileSync("/proc/kallsyms", "utf8"), name);
  if (address === null) return 0n;
  if (/^0+$/.test(address))
    throw new LoadError(
      "unsupported-relocation",
      `the object asks where the kernel's ${name} lies, and /proc/kallsyms hides it. Reading addresses needs CAP_SYSLOG, ` +
        "and kernel.kptr_restrict below 2.",
    );
  return BigInt(`0x${address}`);
}

/** The address of a symbol in the text of /proc/kallsyms, as hexadecimal digits. The name is the object's: it may be any text. */
export function addressIn(text: string, name: string): string | null {
  const end = text.indexOf(` ${name}\n`);
  if (end < 0) return null;
  const line = text.slice(text.lastIndexOf("\n", end) + 1, end);
  return /^([\da-f]+) \w$/.exec(line)?.[1] ?? null;
}
