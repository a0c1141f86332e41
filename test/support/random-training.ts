/** Random `train` blocks of random programs. */
import type { Dice } from './dice.js';
import type { ModelWriter, Task } from './random-models.js';
import type { Stored, Written } from './random-rules.js';

/** Larger epsilons than the usual ones: where a gradient is nothing but rounding, these rules would magnify it. */
function optimizerOf(dice: Dice): string {
  const own = {
    sgd: '',
    momentum: 'momentum=0.8',
    adam: 'epsilon=1e-3',
    adamw: 'epsilon=1e-3',
    adagrad: 'epsilon=1e-3',
    rmsprop: `epsilon=1e-3${dice.pick(['', ', momentum=0.5'])}`,
    adadelta: 'epsilon=1e-3',
  };
  const kind = dice.pick(Object.keys(own) as (keyof typeof own)[]);
  const clip = dice.maybe(60, () => `clip=${dice.pick([0.25, 5])}`);
  const decay = dice.maybe(30, () => 'weight_decay=0.01');
  return `${kind}(${[own[kind], ...clip, ...decay].filter((s) => s !== '').join(', ')})`;
}

/** Two epochs. */
const rates = [
  '0.25',
  'decay(0.25, by=1/2, every=1 epoch)',
  'linear(0.5, 0.1, to=2 epochs)',
  'cubic(0.5, 0.1, from=1 epoch, to=2 epochs)',
  'steps([0.5, 0.25], at=[1 epoch])',
  'piecewise([0.5, 0.25], at=[0 epochs, 2 epochs])',
];
const sparsities = [
  'cubic(from=3 steps, to=1 epoch, every=5 steps)',
  'linear(from=0 steps, to=1 epoch, every=2 steps)',
  'steps([0%], at=[1 epoch], every=3 steps)',
  'piecewise([0%], at=[0 epochs, 1 epoch])',
];

function loaderOf(dice: Dice, task: Task, vocabulary: number): string {
  // Many samples at once are worth more ops: factors are then applied one after the other.
  const batch = dice.chance(25) ? dice.pick([48, 100]) : dice.between(1, 3);
  const steps = dice.between(1, 4);
  if (task !== 'stream') return `${task}("folder", batch=${batch}, max_steps=${steps}, buckets=1)`;
  return `generated(order=1, vocab=${vocabulary}, tokens=2000, batch=${batch}, unroll=${steps})`;
}

/** The p of `cmr`. */
const kept = [
  ...['30%', '50%', '70%', '50%, until=sparsity(20%)', '30%, until=sparsity(20%)'],
  ...['linear(30%, 100%, to=1 epoch)', 'steps([50%, 100%], at=[1 epoch])', 'cubic(60%, 90%, to=sparsity(20%))'],
];
const squares = [
  ...['1e-3', '1e-3', 'linear(1e-3, 1e-4, to=2 epochs)', 'steps([1e-3, 1e-4], at=[1 epoch])'],
  ...['piecewise([1e-4, 1e-3], at=[0 epochs, 1 epoch])', 'cubic(1e-3, 1e-5, to=1 epoch)'],
];
const drops = ['30%', 'linear(0%, 50%, to=1 epoch)', 'steps([20%, 40%], at=[1 epoch])'];

/** What is projected and what is left to be trained as it is stored. */
function distortOf(dice: Dice, { methods }: Written): { line: readonly string[]; rest: readonly Stored[] } {
  const refused = methods.filter(({ projects }) => !projects).map(({ method }) => method);
  const projected = methods.map(({ method }) => method).filter((method) => !refused.includes(method));
  if (projected.length === 0 || !dice.chance(20)) return { line: [], rest: methods };
  const every = `every=${dice.pick(['3 steps', '1 epoch'])}`;
  if (refused.length === 0 && dice.chance(30)) return { line: [`distort = distort(${every})`], rest: [] };
  const method = dice.pick(projected);
  return { line: [`distort = distort(${method}, ${every})`], rest: methods.filter((m) => m.method !== method) };
}

/** The lines of the block. */
export function trainingLines(dice: Dice, task: Task, { vocabulary, written, lines }: ModelWriter): readonly string[] {
  const { line: distort, rest } = distortOf(dice, written);
  const doped = rest.some(({ method }) => method === 'dkp');
  const pruned = doped || rest.some(({ method }) => method === 'prune');
  const cmr = doped ? dice.maybe(60, () => `cmr(p=${dice.pick(kept)})`) : [];
  const regularizers = [...cmr, ...dice.maybe(30, () => `l2(${dice.pick(squares)})`)];
  const dropping = lines.some((line) => line.includes('dropout='));
  const rate = pruned && dice.chance(15) ? 'linear(0.5, 0.1, to=sparsity(20%))' : dice.pick(rates);
  return [
    `data = ${loaderOf(dice, task, vocabulary)}`,
    `init = uniform(${dice.pick([0.05, 0.3, 1])})`,
    `optimizer = ${optimizerOf(dice)}`,
    `lr = ${rate}`,
    'epochs = 2',
    ...(pruned ? [`sparsity = ${dice.pick(sparsities)}`] : []),
    ...(dropping ? dice.maybe(25, () => `dropout = ${dice.pick(drops)}`) : []),
    ...distort,
    ...(doped ? dice.maybe(40, () => `alternate = bcd(every=3 steps${dice.pick(['', ', first=overlay'])})`) : []),
    ...(regularizers.length > 0 ? [`regularize = [${regularizers.join(', ')}]`] : []),
  ];
}
