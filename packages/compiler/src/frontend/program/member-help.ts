/** Members that a type does not have: what they are called here, or which there are. */
import ts from "#typescript";

/** Members that other libraries have, by the name of the type. */
const members: readonly {
  readonly type: RegExp;
  readonly names: readonly string[];
  readonly help: string;
}[] = [
  {
    type: /Map$/,
    names: ["update", "insert", "put", "add", "store"],
    help: 'set(key, value) inserts or replaces; set(key, value, "create") only inserts',
  },
  { type: /Map$/, names: ["lookup", "find", "getPtr"], help: "get(key) is the value in place, or null" },
  { type: /Map$/, names: ["remove", "erase"], help: "delete(key) removes an entry" },
  {
    type: /Map$/,
    names: ["size", "length", "keys", "values", "entries"],
    help: "for (const [key, value] of map) walks the entries",
  },
  {
    type: /^RingBuffer$/,
    names: ["push", "send", "emit", "write", "add", "perfSubmit", "perf_submit"],
    help: "output(record) copies a record; reserve() gives one to fill in place, for submit(record)",
  },
  {
    type: /^FixedArray$/,
    names: [
      "map",
      "forEach",
      "reduce",
      "filter",
      "some",
      "every",
      "find",
      "findIndex",
      "indexOf",
      "includes",
      "fill",
    ],
    help: "for (const x of array) walks the elements, for (const [i, x] of array.entries()) with their places",
  },
  {
    type: /^FixedArray$/,
    names: ["push", "pop", "shift", "unshift", "splice", "concat", "slice"],
    help: "a FixedArray has all its elements from the start: keep in a variable how many are in use",
  },
  {
    type: /^CString$/,
    names: ["includes", "indexOf", "endsWith", "match", "slice", "substring", "split", "trim", "charAt"],
    help: "text is compared with equals(…) and startsWith(…), and its bytes are text[i]",
  },
  { type: /^Ref$/, names: ["valueOf", "get", "read", "deref"], help: "the number is .value" },
  {
    type: /^XdpContext$/,
    names: ["data", "dataEnd", "data_end", "packet"],
    help: "ctx.at<EthHdr>(0) is the header at an offset of the packet, or null where the packet ends before",
  },
  {
    type: /(?:)/,
    names: ["submit", "discard", "commit"],
    help: "a record is given back to its ring buffer: Class.events.submit(record), or discard(record)",
  },
  {
    type: /^XdpContext$/,
    names: ["len", "size", "byteLength"],
    help: "ctx.length is the packet's length in bytes",
  },
];

/** What to write instead of a member that other libraries have; null for other members. */
export const memberHelp = (type: string, name: string): string | null =>
  members.find((row) => row.type.test(type) && row.names.includes(name))?.help ?? null;

/** So many fields are told; of a type with more, the editor's list is the better place. */
const mostFields = 12;

/** The fields of the struct whose member is named at `start`; null where that is nothing of the kind. */
export function fieldsHelp(checker: ts.TypeChecker, file: ts.SourceFile, start: number): string | null {
  const access = accessAt(file, start);
  if (access === null) return null;
  const type = checker.getNonNullableType(checker.getTypeAtLocation(access.expression));
  // A pointer into the kernel is its struct and a mark.
  const struct = type.isIntersection() ? type.types.find((part) => isKernelType(checker, part)) : type;
  const name = struct?.isClassOrInterface() === true ? struct.symbol.name : "__";
  if (struct === undefined || name.startsWith("__")) return null;
  const properties = checker.getPropertiesOfType(struct);
  const fields = properties.filter(
    ({ escapedName, flags }) => !isMark(escapedName) && flags & ts.SymbolFlags.Property,
  );
  if (fields.length === 0 && isKernelType(checker, struct))
    return `${name} is declared by name only: give it to npx xtask codegen as well`;
  if (fields.length === 0 || fields.length > mostFields) return null;
  return `${name} has ${fields.map((field) => field.name).join(", ")}`;
}

const isKernelType = (checker: ts.TypeChecker, type: ts.Type): boolean =>
  type.isClassOrInterface() &&
  checker.getPropertiesOfType(type).some(({ escapedName }) => String(escapedName).startsWith("__@KERNEL@"));

const isMark = (name: ts.__String): boolean => String(name).startsWith("__@");

function accessAt(file: ts.SourceFile, start: number): ts.PropertyAccessExpression | null {
  const find = (node: ts.Node): ts.PropertyAccessExpression | null => {
    if (start < node.getFullStart() || start >= node.getEnd()) return null;
    if (ts.isPropertyAccessExpression(node) && node.name.getStart(file) === start) return node;
    return ts.forEachChild(node, (child) => find(child) ?? undefined) ?? null;
  };
  return find(file);
}
