/** How deep nodes of the syntax tree are inside of each other, found without recursion. */
import ts from "#typescript";

/** A node and how many are around it. */
export interface DeepNode {
  readonly node: ts.Node;
  readonly depth: number;
}

/** The nodes of a tree in the order of the source, outer ones first. */
export function* nodesOf(root: ts.Node): Generator<DeepNode> {
  const rest: DeepNode[] = [{ node: root, depth: 0 }];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    yield next;
    const children: DeepNode[] = [];
    const depth = next.depth + 1;
    ts.forEachChild(next.node, (node) => void children.push({ node, depth }));
    for (const child of children.reverse()) rest.push(child);
  }
}

/** The first node that more than `limit` are around; null when there is none. */
export function firstDeeperThan(root: ts.Node, limit: number): ts.Node | null {
  for (const { node, depth } of nodesOf(root)) if (depth > limit) return node;
  return null;
}

/** The first of the deepest nodes. */
export function deepestIn(root: ts.Node): DeepNode {
  let found: DeepNode = { node: root, depth: 0 };
  for (const next of nodesOf(root)) if (next.depth > found.depth) found = next;
  return found;
}
