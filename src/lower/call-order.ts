/**
 * What has to come before what among the calls of one loop over time steps, and which calls one step cannot make before
 * the step before it has made its own. Looks at buffers only; knows no layer.
 */
import type { KernelCall } from '../kernels/calls.js';
import type { Buffer } from '../kernels/planner.js';
import { usesOf } from '../kernels/uses.js';
import type { PlanState } from './inference-plan.js';

export interface CallOrder {
  /** By call: the calls behind it in the same step that read, overwrite or add to what it touches. */
  readonly after: readonly (readonly number[])[];
  /** By call: the calls behind it that read what it writes. */
  readonly readers: readonly (readonly number[])[];
  /** By call: the circle over steps that it is part of, as the number of one of its calls; undefined outside of any. */
  readonly circles: readonly (number | undefined)[];
}

const meet = (a: Buffer, b: Buffer): boolean =>
  a.id === b.id && a.offset < b.offset + b.size && b.offset < a.offset + a.size;

const anyMeet = (as: readonly Buffer[], bs: readonly Buffer[]): boolean => as.some((a) => bs.some((b) => meet(a, b)));

/** Groups of calls that can be reached from each other (Tarjan), each by the number of one of its calls. */
function groupsOf(edges: readonly (readonly number[])[]): readonly number[] {
  const [index, low, group] = [edges.map(() => -1), edges.map(() => 0), edges.map(() => -1)];
  const stack: number[] = [];
  let next = 0;
  const visit = (node: number): void => {
    index[node] = next;
    low[node] = next++;
    stack.push(node);
    for (const to of edges[node]!) {
      if (index[to] === -1) visit(to);
      if (group[to] === -1) low[node] = Math.min(low[node]!, low[to]!);
    }
    if (low[node] !== index[node]) return;
    let member: number;
    do {
      member = stack.pop()!;
      group[member] = node;
    } while (member !== node);
  };
  edges.forEach((_, node) => {
    if (index[node] === -1) visit(node);
  });
  return group;
}

/** Calls that touch a state each, by state: both who reads it before the step and who writes it in the step. */
function touchers(calls: readonly KernelCall[], states: readonly PlanState[]): readonly (readonly number[])[] {
  return states.map(({ now, next }) =>
    calls.flatMap((call, i) => {
      const { reads, writes } = usesOf(call);
      return reads.some(({ id }) => id === now.id) || writes.some(({ id }) => id === next.id) ? [i] : [];
    }),
  );
}

/** The order of one loop's calls. Whoever touches a state is part of a circle with all others that do. */
export function callOrder(calls: readonly KernelCall[], states: readonly PlanState[]): CallOrder {
  const uses = calls.map(usesOf);
  const behind = (at: number, related: (later: number) => boolean): number[] =>
    calls.flatMap((_, i) => (i > at && related(i) ? [i] : []));
  const readers = uses.map(({ writes }, at) => behind(at, (i) => anyMeet(writes, uses[i]!.reads)));
  const after = uses.map(({ reads, writes }, at) =>
    behind(at, (i) => anyMeet(writes, uses[i]!.reads) || anyMeet([...reads, ...writes], uses[i]!.writes)),
  );
  const touching = touchers(calls, states);
  const edges = after.map((next) => [...next]);
  for (const members of touching)
    members.forEach((member, i) => {
      if (members.length > 1) edges[member]!.push(members[(i + 1) % members.length]!);
    });
  const groups = groupsOf(edges);
  const carried = new Set(touching.flat().map((i) => groups[i]!));
  return { after, readers, circles: groups.map((group) => (carried.has(group) ? group : undefined)) };
}
