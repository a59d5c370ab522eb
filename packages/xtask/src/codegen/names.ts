/** Names of the kernel as names of TypeScript. */

/** What a type may not be called (TypeScript's keywords and the names of its own types). */
const reservedTypes = new Set(
  (
    "any as async await bigint boolean break case catch class const continue debugger declare default delete do else enum " +
    "export extends false finally for function if implements import in instanceof interface intrinsic let never new null number object " +
    "package private protected public return static string super switch symbol this throw true try type typeof undefined " +
    "unknown var void while with yield"
  ).split(" "),
);

/** What generated files import from @waggle/kernel, or rely on: no kernel type may take these names in one. */
export const importable = [
  "be16",
  "be32",
  "be64",
  "Bits",
  "CString",
  "FixedArray",
  "i16",
  "i32",
  "i64",
  "i8",
  "KernelFunction",
  "KernelPtr",
  "KernelStruct",
  "KernelUnion",
  "Packed",
  "Ref",
  "TracepointCommon",
  "u16",
  "u32",
  "u64",
  "u8",
  "Union",
  "UserPtr",
] as const;

/** One of `importable`. */
export type Importable = (typeof importable)[number];

const taken = new Set<string>([...importable, ...reservedTypes]);

/** The name of a declaration: the kernel's, with "_" behind it where TypeScript has another use for it. */
export function typeName(kernelName: string): string {
  const name = kernelName.replace(/[^\w$]/g, "_").replace(/^(?=\d)/, "_");
  return taken.has(name) ? `${name}_` : name;
}

/** The name of a property, quoted where it is no identifier. */
export function propertyName(kernelName: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(kernelName) ? kernelName : JSON.stringify(kernelName);
}
