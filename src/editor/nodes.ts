/** Finding what stands at a place of the text: the nodes of the tree around it, outermost first. */
import type { Node, Program } from '../syntax/ast.js';

type Found = Pick<Node, 'kind' | 'span'>;

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'kind' in value && 'span' in value;

/** The nodes directly inside one, in the order of its fields. */
function children(node: Found): readonly Node[] {
  return Object.values(node).flatMap((value: unknown) =>
    Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : [],
  );
}

/** Nodes of `path` that hold `offset`, from the item inwards; an end touches. */
export function nodesAt(program: Program, path: string, offset: number): readonly Node[] {
  const holds = ({ span }: Found): boolean => span.source.path === path && span.start <= offset && offset <= span.end;
  const chain: Node[] = [];
  let inside: Node | undefined = program.items.find(holds);
  while (inside !== undefined) {
    chain.push(inside);
    inside = children(inside).find(holds);
  }
  return chain;
}

/** Every node of a program, outer before inner. */
export function allNodes(program: Program): readonly Node[] {
  const visit = (node: Node): readonly Node[] => [node, ...children(node).flatMap(visit)];
  return program.items.flatMap(visit);
}
