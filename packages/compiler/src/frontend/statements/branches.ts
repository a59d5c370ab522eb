/** if. */

import ts from "#typescript";
import { lowerCondition } from "../expressions/conditions.js";
import type { FactKey, FunctionState } from "../state.js";
import type { Range } from "../values/value.js";
import { type Facts, joinFacts, withOuterFacts } from "./assigned-facts.js";
import { collectFacts } from "./facts.js";
import { doesExit } from "./loop-source.js";
import { attempt, lowerBlock, lowerStatement } from "./statements.js";

/** Both branches are lowered even when the condition is rejected, so that their mistakes are told too. */
export function lowerIf(fn: FunctionState, node: ts.IfStatement): void {
  const { builder } = fn;
  const [then, otherwise, join] = [builder.block(), builder.block(), builder.block()];
  attempt(fn, node.expression, () =>
    lowerCondition(fn, node.expression, then, node.elseStatement === undefined ? join : otherwise),
  );
  const { expression, thenStatement, elseStatement } = node;
  const otherFacts = withOuterFacts(fn, factsOf(fn, expression, false));
  const paths: Facts[] = [];
  const branch = (statement: ts.Statement, outcome: boolean): void => {
    const facts = lowerBranch(fn, statement, factsOf(fn, expression, outcome));
    if (!doesExit(statement)) paths.push(facts);
    builder.jump(join);
  };
  builder.switchTo(then);
  branch(thenStatement, true);
  if (elseStatement === undefined) paths.push(otherFacts);
  else {
    builder.switchTo(otherwise);
    branch(elseStatement, false);
  }
  builder.switchTo(join);
  joinFacts(fn, node, paths);
}

function factsOf(fn: FunctionState, condition: ts.Expression, outcome: boolean): Map<FactKey, Range> {
  const facts = new Map<FactKey, Range>();
  collectFacts(fn, condition, outcome, facts);
  return facts;
}

/** Lowers a branch; what is known at its end. */
function lowerBranch(fn: FunctionState, statement: ts.Statement, facts: Map<FactKey, Range>): Facts {
  if (ts.isBlock(statement)) {
    lowerBlock(fn, statement.statements, facts);
    return facts;
  }
  fn.facts.push(facts);
  lowerStatement(fn, statement);
  fn.facts.pop();
  return facts;
}
