/**
 * Functions that only unsound code calls. Functions are lowered when a call of them is; where the call is left out because of
 * TypeScript's errors, its callee is lowered all the same, so that the mistakes in it are told.
 */
import ts from "#typescript";
import { decoratorsOf } from "../classes/decorators.js";
import type { ClassState, FunctionEntry } from "../state.js";
import { nodesIn } from "../unsound/declarations.js";
import { isLeftOut } from "../unsound/unsound.js";
import { noSubstitution } from "../values/substitution.js";
import { calledFunction, type FunctionWithBody, isOfKernel } from "./called-functions.js";
import { freshName, nameOfFunction } from "./entries.js";
import { formOf } from "./forms.js";
import { registerOfResolved, signatureOf } from "./signatures.js";

/** The sound functions that the class's unsound programs call, directly or through other unsound functions. */
export function calleesOfUnsound(owner: ClassState): readonly FunctionWithBody[] {
  const { unsound } = owner.kernel;
  if (unsound === null) return [];
  const programs = owner.declaration.members.filter(
    (member) => unsound.declarations.has(member) && decoratorsOf(owner, member).length > 0,
  );
  const seen = new Set<ts.Node>(programs);
  const found: FunctionWithBody[] = [];
  for (const caller of seen)
    for (const node of nodesIn(caller)) {
      const callee = ts.isCallExpression(node) ? calledFunction(owner, node) : null;
      if (callee === null || seen.has(callee) || isOfKernel(owner, callee)) continue;
      if (unsound.declarations.has(callee)) seen.add(callee);
      if (!isLeftOut(owner.kernel, callee)) found.push(callee);
    }
  return found;
}

/** Queues a function unless it was lowered, or its code depends on how it is called. */
export function queueAlone(owner: ClassState, declaration: FunctionWithBody): void {
  if (owner.functions.has(declaration) || (declaration.typeParameters ?? []).length > 0) return;
  const { parameters, result, copies } = signatureOf(owner, declaration);
  const takesFunction = parameters.some(({ type }) => type === null);
  const takesContext = parameters.some(({ type }) => type?.kind === "context");
  const isPut = takesFunction || (takesContext && registerOfResolved(result) === "ptr" && !copies);
  if (isPut || parameters.length + (copies ? 1 : 0) > 5) return;
  const name = nameOfFunction(declaration);
  const entry: FunctionEntry = {
    name: freshName(owner, name),
    title: name,
    declaration,
    section: null,
    callees: new Set(),
    types: noSubstitution,
    form: formOf(owner, declaration),
    caller: null,
  };
  owner.functions.set(declaration, entry);
  owner.queue.push(entry);
}
