/**
 * Finds elementwise ops that every time step does for itself although nothing in the sequence waits for them: groups
 * of like ops, all of whose operands are known before the first result is read. Finds only; `batch-steps` writes.
 */
import type { Graph, Op, Value } from '../graph/ops.js';
import { sameShape, size } from '../tensor/shape.js';

/** Ops that become one, in the order of time. */
export interface Group {
  readonly members: readonly Value[];
  /** The op after which all operands are known. */
  readonly after: Value;
}

/** Fewer steps than this are left as they are. */
const fewestSteps = 8;
/** Elements from which a single op costs more than starting it. */
const largeOp = 2 ** 15;

const elementwise: ReadonlySet<string> = new Set([
  ...['sub', 'mul', 'div', 'max', 'neg', 'exp', 'log', 'sqrt', 'abs', 'tanh', 'sigmoid', 'relu', 'step', 'sign'],
]);

const isSmall = (op: Op): boolean => op.shape.length > 1 && size(op.shape) <= largeOp;

/**
 * What each value is, without saying at which step: numbers that are equal for the same expression of what a step
 * begins with. Carried values, known by their shape only, and sums of products with the same weights are beginnings.
 */
function rolesOf({ ops }: Graph): readonly number[] {
  const numbers = new Map<string, number>();
  const roles: number[] = [];
  const rowsOrProduct = (v: Value): boolean => {
    const op = ops[v]!;
    return op.kind === 'matmul' || (op.kind === 'slice' && op.attrs.axis === 0);
  };
  const textOf = (op: Op): string => {
    const [first, second] = op.inputs;
    if (op.kind === 'constant') return `constant ${op.attrs.value}`;
    if (op.kind === 'matmul') return `product ${second}`;
    if (op.kind === 'slice')
      return op.attrs.axis === 0 ? `rows of ${first}` : `part ${op.attrs.axis} ${op.attrs.start} ${roles[first!]}`;
    if (op.kind === 'add') {
      const known = op.inputs.filter(rowsOrProduct).map((i) => roles[i]);
      return known.length === 0 ? 'carried' : `sum ${known.sort().join(' ')}`;
    }
    return elementwise.has(op.kind) ? `${op.kind} ${op.inputs.map((i) => roles[i]).join(' ')}` : 'carried';
  };
  for (const op of ops) {
    const text = `${textOf(op)} ${op.shape.join('x')}`;
    const number = numbers.get(text) ?? numbers.size;
    numbers.set(text, number);
    roles.push(number);
  }
  return roles;
}

/** Operands that every member has as its own must have the shape of the result; one that all share must only fit. */
function mayStack(ops: readonly Op[], members: readonly Value[]): boolean {
  const first = ops[members[0]!]!;
  return first.inputs.every((operand, at) => {
    const shape = ops[operand]!.shape;
    if (members.every((v) => ops[v]!.inputs[at] === operand))
      return shape.length < first.shape.length || shape[0] === 1;
    return members.every((v) => sameShape(ops[ops[v]!.inputs[at]!]!.shape, first.shape));
  });
}

/** Like ops, by role. */
function candidates(graph: Graph): Value[][] {
  const roles = rolesOf(graph);
  const byRole = new Map<number, Value[]>();
  graph.ops.forEach((op, v) => {
    if (!elementwise.has(op.kind) || !isSmall(op)) return;
    const members = byRole.get(roles[v]!);
    if (members === undefined) byRole.set(roles[v]!, [v]);
    else members.push(v);
  });
  const given = new Set(Object.values(graph.outputs));
  return [...byRole.values()].filter(
    (members) => members.length >= fewestSteps && !members.some((v) => given.has(v)) && mayStack(graph.ops, members),
  );
}

/** When values are known, where the ops of a group wait for each other: indices of ops; constants always are. */
class Times {
  private readonly ops: readonly Op[];
  private readonly groupOf = new Map<Value, number>();
  private readonly groups: readonly (readonly Value[])[];
  private readonly known: (number | undefined)[];

  constructor(ops: readonly Op[], groups: readonly (readonly Value[])[]) {
    this.ops = ops;
    this.groups = groups;
    this.known = groups.map(() => undefined);
    groups.forEach((members, at) => {
      for (const v of members) this.groupOf.set(v, at);
    });
  }

  /** Infinity for a group that would have to wait for itself. */
  ofGroup(at: number): number {
    const known = this.known[at];
    if (known !== undefined) return known;
    this.known[at] = Number.POSITIVE_INFINITY;
    const operands = this.groups[at]!.flatMap((v) => this.ops[v]!.inputs);
    const time = operands.reduce((latest, v) => Math.max(latest, this.of(v)), 0);
    this.known[at] = time;
    return time;
  }

  of(v: Value): number {
    if (this.ops[v]!.kind === 'constant') return 0;
    const group = this.groupOf.get(v);
    return group === undefined ? v : this.ofGroup(group);
  }

  /** Groups whose results are read before they could be known. */
  late(): ReadonlySet<number> {
    const late = new Set<number>();
    this.groups.forEach((_, at) => {
      if (!Number.isFinite(this.ofGroup(at))) late.add(at);
    });
    this.ops.forEach((op, v) => {
      if (this.groupOf.has(v)) return;
      for (const i of op.inputs) {
        const group = this.groupOf.get(i);
        if (group !== undefined && this.ofGroup(group) >= v) late.add(group);
      }
    });
    return late;
  }
}

/** Where a value stands in the order of time: members of groups are as late as the latest of what they read. */
function moments({ ops }: Graph, grouped: ReadonlySet<Value>): readonly number[] {
  const found: number[] = [];
  ops.forEach((op, v) => {
    const latest = op.inputs.reduce((most, i) => Math.max(most, found[i]!), 0);
    found.push(op.kind === 'constant' ? 0 : grouped.has(v) ? latest : v);
  });
  return found;
}

/** Groups that may each become one op, those that others read first. */
export function findGroups(graph: Graph): readonly Group[] {
  let groups: readonly (readonly Value[])[] = candidates(graph);
  let times = new Times(graph.ops, groups);
  for (let late = times.late(); late.size > 0; late = times.late()) {
    groups = groups.filter((_, at) => !late.has(at));
    times = new Times(graph.ops, groups);
  }
  const when = moments(graph, new Set(groups.flat()));
  return groups
    .map((members, at) => ({
      members: [...members].sort((a, b) => when[a]! - when[b]! || a - b),
      after: times.ofGroup(at),
    }))
    .sort((a, b) => a.after - b.after || a.members[0]! - b.members[0]!);
}
