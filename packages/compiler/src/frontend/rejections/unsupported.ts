/** Why a construct of TypeScript is not kernel code, and what to write instead. */
import ts from "#typescript";
import type { Code } from "../../diagnostics/codes.js";
import { reject } from "./rejection.js";

const K = ts.SyntaxKind;
type Row = readonly [code: Code, message: string, help: string | null];

const text: Row = ["WG1003", "text is not made at run time in BPF", "use CString<N> and string literals"];
const closure: Row = [
  "WG1005",
  "a function is not a value in BPF",
  "write a plain function at the top of a file and call it by name",
];
const exception: Row = [
  "WG1006",
  "there are no exceptions in BPF",
  "return a value that says what went wrong",
];
const asynchronous: Row = ["WG1007", "a BPF program does not wait", null];
const spread: Row = [
  "WG1001",
  "spread needs a heap, which BPF does not have",
  "name the fields or arguments one by one",
];

const rows: ReadonlyMap<ts.SyntaxKind, Row> = new Map<ts.SyntaxKind, Row>([
  [K.TemplateExpression, text],
  [K.TaggedTemplateExpression, text],
  [
    K.RegularExpressionLiteral,
    [
      "WG1003",
      "there are no regular expressions in BPF",
      'compare with text.equals("…") or text.startsWith("…")',
    ],
  ],
  [K.ArrowFunction, closure],
  [K.FunctionExpression, closure],
  [
    K.FunctionDeclaration,
    [
      "WG1005",
      "a function inside a function is a closure, which BPF does not have",
      "move it to the top of the file and pass what it needs",
    ],
  ],
  [K.ClassExpression, ["WG1004", "a class inside a function has no meaning in BPF", null]],
  [K.ClassDeclaration, ["WG1004", "a class inside a function has no meaning in BPF", null]],
  [
    K.NewExpression,
    [
      "WG1004",
      "new makes an object on a heap, which BPF does not have",
      "use a struct: const key: Key = { … }",
    ],
  ],
  [K.ThrowStatement, exception],
  [K.TryStatement, exception],
  [K.AwaitExpression, asynchronous],
  [K.YieldExpression, asynchronous],
  [K.SpreadElement, spread],
  [K.SpreadAssignment, spread],
  [
    K.DeleteExpression,
    ["WG1001", "fields cannot be deleted from memory", "the delete method of a map removes an entry"],
  ],
  [K.TypeOfExpression, ["WG1001", "types are not known at run time in BPF", null]],
  [K.VoidExpression, ["WG1001", "void has no meaning in BPF", "write the expression as a statement"]],
  [K.InKeyword, ["WG1017", "fields are not looked up by name at run time", null]],
  [K.InstanceOfKeyword, ["WG1001", "types are not known at run time in BPF", null]],
  [
    K.NonNullExpression,
    [
      "WG1020",
      "the verifier wants to see the check for null, not a promise",
      "write if (x === null) return …",
    ],
  ],
  [
    K.TypeAssertionExpression,
    [
      "WG1012",
      "a cast is taken on trust, which kernel memory does not allow",
      "convert numbers with u8(…) and the like",
    ],
  ],
  [
    K.ThisKeyword,
    ["WG1001", "this is no value in kernel code", "name static members of the class: this.member"],
  ],
  [K.ForInStatement, ["WG1017", "the fields of a struct are not enumerated", "name them one by one"]],
  [K.DebuggerStatement, ["WG1001", "there is no debugger in BPF", null]],
  [K.AsteriskAsteriskToken, ["WG1001", "** is not an operation of BPF", "multiply, or shift: 1 << n"]],
  [K.AsteriskAsteriskEqualsToken, ["WG1001", "** is not an operation of BPF", "multiply, or shift: 1 << n"]],
  [
    K.ArrayLiteralExpression,
    ["WG1001", "destructuring is not compiled yet", "assign the elements one by one"],
  ],
  [
    K.ObjectLiteralExpression,
    ["WG1001", "destructuring is not compiled yet", "assign the fields one by one"],
  ],
  [K.GetAccessor, ["WG1001", "a field of a struct is memory, not a function", "give it a value"]],
  [K.SetAccessor, ["WG1001", "a field of a struct is memory, not a function", "give it a value"]],
  [K.MethodDeclaration, ["WG1001", "a field of a struct is memory, not a function", "give it a value"]],
]);

/** The kind of node in words: "get accessor". */
const describe = (node: ts.Node): string =>
  ts.SyntaxKind[node.kind].replace(/(?!^)[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).toLowerCase();

/** Rejects a node that has no meaning in BPF, or none yet. */
export function unsupported(node: ts.Node): never {
  const [code, message, help] = rows.get(node.kind) ?? [
    "WG1001",
    `${ts.tokenToString(node.kind) ?? describe(node)} is not in the kernel language`,
    null,
  ];
  return reject(node, code, message, help);
}
