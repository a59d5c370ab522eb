/**
 * Mistakes that follow from others. What a statement tells of its variables is not known when TypeScript has found a mistake in it and it is
 * left out: a loop that they end, or an index that they bound, would be refused only because of that.
 */
import ts from "#typescript";
import type { Code } from "../../diagnostics/codes.js";
import type { FunctionState } from "../state.js";
import { symbolOf } from "../state.js";

/** The codes that say that something is not known: no end of a loop, no bound of an index, no range of a number. */
const unproved: ReadonlySet<string> = new Set<Code>(["WG1010", "WG1011", "WG2002", "WG2016"]);

/** Whether the mistake `code`, found in `node`, may follow from a statement that was left out before. */
export function isFollowUp({ owner, builder }: FunctionState, node: ts.Node, code: string): boolean {
  if (!builder.abandoned || !unproved.has(code)) return false;
  const variables = variablesIn(node);
  return owner.leftOut
    .map(outermostStatement)
    .some((statement) => [...variablesIn(statement)].some((variable) => variables.has(variable)));

  function variablesIn(root: ts.Node): Set<ts.Symbol> {
    const found = new Set<ts.Symbol>();
    const visit = (each: ts.Node): void => {
      const symbol = ts.isIdentifier(each) ? symbolOf(owner, each) : null;
      const declaration = symbol?.valueDeclaration;
      if (symbol !== null && declaration !== undefined && ts.isVariableDeclaration(declaration))
        found.add(symbol);
      ts.forEachChild(each, visit);
    };
    visit(root);
    return found;
  }
}

/** The statement of a function's body that the node lies in. */
function outermostStatement(node: ts.Node): ts.Node {
  let outermost = node;
  for (let each = node; each.parent !== undefined && !ts.isFunctionLike(each); each = each.parent)
    if (ts.isStatement(each) && !(ts.isBlock(each) && ts.isFunctionLike(each.parent))) outermost = each;
  return outermost;
}
