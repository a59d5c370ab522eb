/** Fixes of declarations: modifiers, types without a width, and what a kernel class needs. */
import ts from "#typescript";
import type { Edit, Fix } from "../../diagnostics/diagnostic.js";
import type { FixContext } from "./context.js";
import { around, fix, insert, remove, replace } from "./context.js";
import { importEdits } from "./imports.js";

const isMember = (node: ts.Node): node is ts.MethodDeclaration | ts.PropertyDeclaration =>
  ts.isMethodDeclaration(node) || ts.isPropertyDeclaration(node);

const has = (node: ts.HasModifiers, kind: ts.SyntaxKind): boolean =>
  ts.getModifiers(node)?.some((modifier) => modifier.kind === kind) === true;

/** Puts the modifiers that are missing before a member's name, `static` before `readonly`. */
function modify(
  context: FixContext,
  member: ts.MethodDeclaration | ts.PropertyDeclaration,
  wanted: string,
): Fix[] {
  const { source } = context;
  const { StaticKeyword, ReadonlyKeyword } = ts.SyntaxKind;
  const isStatic = has(member, StaticKeyword);
  const words = wanted
    .split(" ")
    .filter(
      (word) => !(word === "static" && isStatic) && !(word === "readonly" && has(member, ReadonlyKeyword)),
    );
  const readonlyAt = ts.getModifiers(member)?.find(({ kind }) => kind === ReadonlyKeyword);
  const at = words[0] === "static" && readonlyAt !== undefined ? readonlyAt : member.name;
  return words.length === 0
    ? []
    : fix(
        `Make ${member.name.getText(source)} ${words.join(" ")}`,
        insert(context, at.getStart(source), `${words.join(" ")} `),
      );
}

/** The member that the diagnostic stands in. */
export function makeMember(context: FixContext, wanted: string): Fix[] {
  const member = around(context.node, isMember);
  return member === null ? [] : modify(context, member, wanted);
}

/** The member of a class that an expression names. */
export function makeNamedReadonly(context: FixContext): Fix[] {
  const { node, checker, source } = context;
  const declaration = checker.getSymbolAtLocation(
    ts.isPropertyAccessExpression(node) ? node.name : node,
  )?.valueDeclaration;
  const isHere = declaration?.getSourceFile() === source;
  return declaration !== undefined && isHere && ts.isPropertyDeclaration(declaration)
    ? modify(context, declaration, "readonly")
    : [];
}

/** Removes a modifier with the space after it. */
function withoutModifier(context: FixContext, node: ts.HasModifiers, kind: ts.SyntaxKind): Edit[] {
  const modifier = ts.getModifiers(node)?.find((item) => item.kind === kind);
  if (modifier === undefined) return [];
  const rest = /^\s*/.exec(context.source.text.slice(modifier.getEnd()))?.[0].length ?? 0;
  return [remove(context, modifier.getStart(context.source), modifier.getEnd() + rest)];
}

/** `async f(): Promise<T>` becomes `f(): T`. */
export function removeAsync(context: FixContext): Fix[] {
  const callable = around(
    context.node,
    (node): node is ts.MethodDeclaration | ts.FunctionDeclaration =>
      ts.isMethodDeclaration(node) || ts.isFunctionDeclaration(node),
  );
  if (callable === null) return [];
  const { type } = callable;
  const inner =
    type !== undefined && ts.isTypeReferenceNode(type) && type.typeName.getText() === "Promise"
      ? type.typeArguments?.[0]
      : undefined;
  return fix(
    "Remove async",
    withoutModifier(context, callable, ts.SyntaxKind.AsyncKeyword),
    type === undefined || inner === undefined ? [] : replace(context, type, inner.getText()),
  );
}

/** A `@config` field that is readonly. */
export function removeReadonly(context: FixContext): Fix[] {
  const member = around(context.node, ts.isPropertyDeclaration);
  return member === null
    ? []
    : fix("Remove readonly", withoutModifier(context, member, ts.SyntaxKind.ReadonlyKeyword));
}

/** A class that user space cannot find. */
export function exportClass(context: FixContext): Fix[] {
  const { source } = context;
  const declaration = around(context.node, ts.isClassDeclaration);
  if (declaration === null) return [];
  const keyword = declaration.getChildren(source).find(({ kind }) => kind === ts.SyntaxKind.ClassKeyword);
  const isDefault = has(declaration, ts.SyntaxKind.DefaultKeyword);
  if (isDefault)
    return fix("Remove default", withoutModifier(context, declaration, ts.SyntaxKind.DefaultKeyword));
  const isExported = has(declaration, ts.SyntaxKind.ExportKeyword);
  return keyword === undefined || isExported
    ? []
    : fix(
        `Export ${declaration.name?.text ?? "the class"}`,
        insert(context, keyword.getStart(source), "export "),
      );
}

/** A method that was meant as a program: `@xdp()` before it. */
export function decorate(context: FixContext, decorator: string, name: string): Fix[] {
  const member = around(context.node, isMember);
  return member === null
    ? []
    : fix(
        `Write ${decorator}`,
        insert(context, member.getStart(context.source), `${decorator} `),
        importEdits(context, name, "value"),
      );
}

/** A decorator that takes arguments is called: `@xdp` becomes `@xdp()`. */
export function callDecorator(context: FixContext, name: string): Fix[] {
  const decorator = around(context.node, ts.isDecorator);
  return decorator === null ? [] : fix(`Write @${name}()`, insert(context, decorator.getEnd(), "()"));
}

/** A program without its context. */
export function addParameter(context: FixContext, parameter: string): Fix[] {
  const method = around(context.node, ts.isMethodDeclaration);
  const [, type] = parameter.match(/: (\w+)/) ?? [];
  if (method === null || method.parameters.length > 0 || type === undefined) return [];
  const open = method.getChildren(context.source).find(({ kind }) => kind === ts.SyntaxKind.OpenParenToken);
  return open === undefined
    ? []
    : fix(
        `Add the parameter ${parameter}`,
        insert(context, open.getEnd(), parameter),
        importEdits(context, type, "type"),
      );
}

/** A parameter that may be left out: `b: u32 = 0` for `b?: u32`. */
export function giveDefault(context: FixContext, text: string): Fix[] {
  const parameter = around(context.node, ts.isParameter);
  return parameter === null ? [] : fix(`Write ${text}`, replace(context, parameter, text));
}

const widths = { number: ["u32", "i32", "u64"], bigint: ["u64", "i64"] } as const;

/** `number` and `bigint` where a width is needed: in the type that is there, in the struct that is named, or as the result. */
export function giveWidth(context: FixContext, plain: "number" | "bigint"): Fix[] {
  const { node, checker, source } = context;
  const kind = plain === "number" ? ts.SyntaxKind.NumberKeyword : ts.SyntaxKind.BigIntKeyword;
  // A struct with one field of no width mostly has more of them.
  const struct = around(node, ts.isPropertySignature)?.parent;
  let places = keywords(struct ?? node, kind);
  if (places.length === 0 && ts.isTypeNode(node)) {
    const symbol =
      checker.getTypeFromTypeNode(node).getSymbol() ?? checker.getTypeFromTypeNode(node).aliasSymbol;
    places = (symbol?.declarations ?? [])
      .filter((at) => at.getSourceFile() === source)
      .flatMap((at) => keywords(at, kind));
  }
  const names = plain === "number" ? widths.number.slice(0, 2) : widths.bigint;
  if (places.length > 0) {
    return names.flatMap((name) =>
      fix(
        `Write ${name}`,
        places.map((place) => replace(context, place, name)),
        importEdits(context, name, "type"),
      ),
    );
  }
  const callable = around(node, ts.isFunctionLike);
  const hasBody =
    callable !== null && "body" in callable && callable.name === node && callable.type === undefined;
  const close = callable?.getChildren(source).find((child) => child.kind === ts.SyntaxKind.CloseParenToken);
  if (!hasBody || close === undefined) return [];
  return names.flatMap((name) =>
    fix(
      `Declare the result as ${name}`,
      insert(context, close.getEnd(), `: ${name}`),
      importEdits(context, name, "type"),
    ),
  );
}

function keywords(node: ts.Node, kind: ts.SyntaxKind): ts.Node[] {
  const found: ts.Node[] = [];
  const visit = (at: ts.Node): void => {
    // The body of a function has types of its own.
    if (ts.isBlock(at)) return;
    if (at.kind === kind) found.push(at);
    ts.forEachChild(at, visit);
  };
  visit(node);
  return found;
}

/** `as const` after the object of a constant. */
export function asConst(context: FixContext): Fix[] {
  const { node, checker, source } = context;
  let base: ts.Node = node;
  while (ts.isPropertyAccessExpression(base) || ts.isElementAccessExpression(base)) base = base.expression;
  const declaration = checker.getSymbolAtLocation(base)?.valueDeclaration;
  const isOurs = declaration?.getSourceFile() === source && ts.isVariableDeclaration(declaration);
  return isOurs && declaration.initializer !== undefined && declaration.type === undefined
    ? fix("Write as const", insert(context, declaration.initializer.getEnd(), " as const"))
    : [];
}

/** A field that is optional. */
export function removeQuestionMark(context: FixContext, owner: string, name: string): Fix[] {
  const { source } = context;
  const marks = source.statements.flatMap((statement) => {
    const members =
      ts.isInterfaceDeclaration(statement) && statement.name.text === owner
        ? statement.members
        : ts.isTypeAliasDeclaration(statement) &&
            statement.name.text === owner &&
            ts.isTypeLiteralNode(statement.type)
          ? statement.type.members
          : [];
    return members.flatMap((member) =>
      ts.isPropertySignature(member) &&
      member.name.getText(source) === name &&
      member.questionToken !== undefined
        ? [member.questionToken]
        : [],
    );
  });
  return fix(
    "Remove the question mark",
    marks.map((mark) => remove(context, mark.getStart(source), mark.getEnd())),
  );
}
