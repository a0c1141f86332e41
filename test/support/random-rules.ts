/** Random rules of random programs: a method with arguments that fit its place, a goal, a number format. */
import { type Dice, divisors } from './dice.js';

/** What a rule stores. */
export interface Site {
  readonly gates: number;
  /** Whether the gates may stand in one matrix; those of a gru read different vectors. */
  readonly stacks: boolean;
  /** Of one gate. */
  readonly rows: number;
  readonly columns: number;
  readonly softmax: boolean;
  /** Rows looked up by id. */
  readonly table?: true;
  /** Hidden units of the whole layer can be fewer. */
  readonly shrinks?: true;
}

/** What rules have asked for, which `train` must know. */
export interface Written {
  readonly rules: string[];
  /** Methods of the rules. */
  readonly methods: Stored[];
}

/** What a rule stores its weights by. */
export interface Stored {
  readonly method: string;
  /** Whether `distort` may project onto it. */
  readonly projects: boolean;
}

/** What rules are drawn from. */
export interface RuleDice {
  readonly dice: Dice;
  /** Whether this program has goals. */
  readonly goals: boolean;
  /** Layers may get fewer hidden units, so that no rule can know the sizes of its matrix. */
  readonly shrinks: boolean;
  /** What the forms of dkp cost: a layer has one price for all its rules. */
  readonly penalty: readonly string[];
}

type Rows = Pick<Site, 'rows' | 'columns'>;
const shape = (rows: number, columns: number): string => `${rows}x${columns}`;

/** A format of integers with what shares a scale. */
const integers = (dice: Dice): readonly [word: string, per: readonly string[]] => [
  dice.pick(['int8', 'int4', 'int3']),
  dice.pick([[], ['per=row'], ['per=tensor'], [`per=group(${dice.pick([1, 2, 3, 5, 8, 16, 32])})`]]),
];
const call = (word: string, args: readonly string[]): string =>
  args.length === 0 ? word : `${word}(${args.join(', ')})`;

/** A number format of a rule; groups of pruned values are known only at the end. */
export function formatOf(dice: Dice, pruned: boolean): string {
  if (dice.chance(25)) return dice.pick(['float16', 'bfloat16', 'float32']);
  const [word, per] = integers(dice);
  const late = (pruned && per.some((p) => p.includes('group'))) || dice.chance(25);
  if (late) return call(word, [...per, 'train=no']);
  const kind = dice.below(100);
  return call(word, [...per, ...(kind < 10 ? ['train=yes'] : kind < 40 ? ['scales=learned'] : [])]);
}

/** What `emit.weights` may be. */
export function emittedFormat(dice: Dice): string {
  if (dice.chance(40)) return dice.pick(['float16', 'bfloat16', 'float32']);
  return call(...integers(dice));
}

function goalOf(dice: Dice, { gates, rows, columns, table }: Site): string {
  const kind = table === true ? dice.between(1, 3) : dice.below(4);
  if (kind === 0) return `${dice.pick(['1.2x', '1.5x', '2x', '10/3x'])} macs`;
  const bytes = 4 * gates * rows * columns + 64;
  if (kind === 1) return `${Math.ceil((bytes * dice.between(30, 110)) / 100)} B`;
  return dice.pick(['1.2x', '1.5x', '2x', '10/3x', '5x', '8x']);
}

/** A block that fills all gates below each other; or every gate, where input and state may be stored apart. */
function blockOf(dice: Dice, { gates, stacks, rows, columns }: Site): string {
  const side = (extent: number): number => dice.pick(divisors(extent).filter((d) => d <= 32));
  return stacks ? shape(side(gates * rows), side(columns)) : shape(side(rows), 1);
}

/** Two to four shapes whose product is a matrix. */
function factorsOf(dice: Dice, { rows, columns }: Rows, count: number): readonly string[] {
  const factors: string[] = [];
  let [m, n] = [rows, columns];
  for (let left = count; left > 1; left--) {
    const [m1, n1] = [dice.pick(divisors(m)), dice.pick(divisors(n))];
    factors.push(shape(m1, n1));
    [m, n] = [m / m1, n / n1];
  }
  return [...factors, shape(m, n)];
}

const named = (factors: readonly string[]): string[] => factors.map((factor, i) => `${'BCDE'[i]}=${factor}`);

function formOf({ dice, penalty }: RuleDice): readonly string[] {
  const form = dice.pick(['', '', 'form=1', 'form=2a', 'form=2b']);
  return form.includes('=2') ? [form, ...penalty] : [form].filter((text) => text !== '');
}

/** The largest rank that some cut of a tensor train can have, at most 3. */
function trainRank(shapes: readonly string[]): number {
  const sizes = shapes.map((text) => text.split('x').reduce((product, side) => product * Number(side), 1));
  const product = (of: readonly number[]): number => of.reduce((a, b) => a * b, 1);
  const cuts = sizes.slice(1).map((_, k) => Math.min(product(sizes.slice(0, k + 1)), product(sizes.slice(k + 1))));
  return Math.min(3, ...[Math.max(...cuts)]);
}

type Arguments = (dice: Dice, site: Rows, open: boolean) => readonly string[];

/** Arguments of each method; `open` leaves to a goal what a goal decides. */
const argumentsOf = {
  dense: () => [],
  prune: () => [],
  lmf: (dice, { rows, columns }, open) => (open ? [] : [`r=${dice.between(1, Math.min(rows, columns, 9))}`]),
  hlf: (dice, { rows, columns }, open) => {
    const k = dice.between(1, Math.min(rows - 1, columns, 4));
    const sizes = open ? [`k=${k}`] : [`j=${dice.between(1, rows - k)}`, `k=${k}`];
    return [...sizes, ...dice.maybe(15, () => 'permute=no')];
  },
  kp: (dice, site, open) => {
    if (open || dice.chance(15)) return dice.maybe(50, () => `factors=${dice.between(2, 3)}`);
    const factors = factorsOf(dice, site, dice.pick([2, 2, 3, 4]));
    return dice.chance(20) ? factors : named(factors);
  },
  dkp: (dice, site) => (dice.chance(15) ? [] : named(factorsOf(dice, site, 2))),
  hkp: (dice, { rows, columns }, open) => {
    if (open) return [];
    const upper = dice.between(1, rows - 1);
    return [`rows=${upper}`, ...named(factorsOf(dice, { rows: rows - upper, columns }, 2))];
  },
  tt: (dice, site, open) => {
    const shapes = dice.chance(60) ? factorsOf(dice, site, dice.between(2, 4)) : undefined;
    const ranks = `ranks=${shapes === undefined ? 1 : dice.between(1, trainRank(shapes))}`;
    return [...(shapes === undefined ? [] : [`shapes=[${shapes.join(', ')}]`]), ...(open ? [] : [ranks])];
  },
  circulant: (dice, { rows, columns }, open) => (open ? [] : [`block=${dice.between(1, Math.min(rows, columns))}`]),
  small: () => [],
} satisfies Readonly<Record<string, Arguments>>;
type Method = keyof typeof argumentsOf;

/** Factors that say by themselves which layout they are of, where they fit only one. */
const saysLayout: readonly Method[] = ['kp', 'dkp', 'hkp'];

function methodOf({ dice, ...from }: RuleDice, { softmax, rows, table, shrinks }: Site, goal: boolean): Method {
  if (from.shrinks) return dice.pick(shrinks === true && goal ? ['small', 'small', 'prune'] : ['dense', 'prune']);
  const rich: readonly Method[] = softmax || rows < 2 ? [] : ['hlf', 'hkp'];
  if (table === true) return dice.pick(['dense', 'prune', 'lmf', ...rich.slice(0, 1)] as const);
  const always = ['dense', 'prune', 'prune', 'lmf', 'kp', 'kp', 'dkp', 'dkp', 'dkp', 'tt', 'circulant'] as const;
  return dice.pick([...always, ...rich]);
}

/** What the arguments are of: one gate, or all of them in one matrix. */
const laidOut = (site: Site, stacked: boolean): Site =>
  stacked ? { ...site, rows: site.gates * site.rows, gates: 1 } : site;

/** The part of a rule behind its selector. */
export function methodText(from: RuleDice, site: Site, written: Written): string {
  const { dice } = from;
  if (dice.chance(10)) return formatOf(dice, false);
  const wantsGoal = from.goals && dice.chance(60);
  const kind = methodOf(from, site, wantsGoal);
  const stacked = !from.shrinks && site.stacks && site.gates > 1 && dice.chance(25);
  const of = laidOut(site, stacked);
  const goal = wantsGoal && kind !== 'dense' ? goalOf(dice, site) : undefined;
  const args = argumentsOf[kind](dice, of, goal !== undefined);
  const says = saysLayout.includes(kind) && args.length >= 2 && args.every((arg) => !arg.startsWith('factors'));
  const layout = stacked && !(says && dice.chance(30)) ? ['layout=stacked'] : [];
  const sparse = kind === 'prune' || kind === 'dkp';
  const share = sparse && goal === undefined ? [`sparsity=${dice.pick([0, 30, 50, 81.7, 95, 99])}%`] : [];
  const block = sparse && !from.shrinks ? dice.maybe(40, () => `block=${blockOf(dice, of)}`) : [];
  const form = kind === 'dkp' ? formOf(from) : [];
  const together = goal === undefined ? [] : dice.maybe(20, () => ' together');
  const then = dice.maybe(50, () => ` then ${formatOf(dice, sparse)}`);
  const learns = form.some((arg) => arg.startsWith('form=2')) || then.some((text) => text.includes('learned'));
  const projects = !from.shrinks && kind !== 'dense' && kind !== 'hlf' && !learns;
  written.methods.push({ method: kind, projects });
  const method = `${kind}(${[...args, ...share, ...block, ...form, ...layout].join(', ')})`;
  return `${method}${goal === undefined ? '' : ` to ${goal}`}${[...together, ...then].join('')}`;
}

/** The sizes of what one ranking is over. */
export interface Ranked {
  /** Values in all gates. */
  readonly elements: number;
  /** Divides the rows of every gate. */
  readonly rows: number;
}

/** One ranking over all layers of a rule: the part behind its selectors. */
export function rankedText(from: RuleDice, { elements, rows }: Ranked, written: Written): string {
  const { dice } = from;
  const kind = from.shrinks ? 'prune' : dice.pick(['prune', 'prune', 'dkp']);
  const all = { gates: 1, stacks: false, rows: elements, columns: 1, softmax: false };
  const goal = from.goals && dice.chance(60) ? goalOf(dice, all) : undefined;
  const share = goal === undefined ? [`sparsity=${dice.pick([0, 30, 50, 81.7, 95])}%`] : [];
  const block = from.shrinks ? [] : dice.maybe(40, () => `block=${blockOf(dice, { ...all, rows })}`);
  const form = kind === 'dkp' ? formOf(from) : [];
  written.methods.push({ method: kind, projects: false });
  const then = dice.maybe(40, () => ` then ${formatOf(dice, true)}`);
  const method = `${kind}(${[...share, ...block, ...form, 'ranking=global'].join(', ')})`;
  return `${method}${goal === undefined ? '' : ` to ${goal}`}${then.join('')}`;
}
