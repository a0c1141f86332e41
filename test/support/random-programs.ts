/**
 * Random small programs as text: all layers, methods, number formats, selectors, rankings, goals, optimizers, schedules,
 * projections and emit settings, sizes that are 1, prime or multiples of a tile. A seed always gives the same program. Goals may ask for
 * more than tiny matrices can give; everything else is legal by construction.
 */
import { Dice } from './dice.js';
import { ModelWriter, type Task } from './random-models.js';
import { emittedFormat } from './random-rules.js';
import { trainingLines } from './random-training.js';

export const cores = ['cortex-a53', 'cortex-a73', 'cortex-a55', 'cortex-a7', 'cortex-a9', 'cortex-a15'] as const;

type Lines = readonly [head: string, lines: readonly string[]];

function emits(dice: Dice, model: ModelWriter, arithmetic: Dice): readonly Lines[] {
  const weights = dice.maybe(35, () => `weights = ${emittedFormat(dice)}`);
  const integers = weights.some((line) => /int[48]/.test(line)) ? ['integer'] : [];
  const products = arithmetic.chance(60) ? integers.map((word) => `arithmetic = ${word}`) : [];
  const length = model.bothWays ? ['max_steps = 4'] : [];
  const rest = [`activation = ${dice.pick(['exact', 'std', 'fast'])}`, ...weights, ...products, ...length];
  const both: Lines[] = [
    ['emit neon', [`cpu = ${dice.pick(cores)}`, ...rest]],
    ['emit c', rest],
  ];
  return dice.chance(50) ? both : both.reverse();
}

/** The text of the program with this number; a later attempt gives another one. */
export function randomProgram(seed: number, attempt = 0): string {
  const dice = new Dice(seed, attempt === 0 ? 'random program' : `random program, attempt ${attempt}`);
  const task = dice.pick<Task>(['stream', 'stream', 'stream', 'tagged', 'classified', 'none']);
  const goals = dice.chance(60);
  const shrinks = goals && dice.chance(15);
  const model = new ModelWriter({ dice, goals, shrinks, penalty: dice.maybe(40, () => 'penalty=1e-3') }, task);
  const { rules } = model.written;
  const blocks: readonly Lines[] = [
    ['model tiny', model.lines],
    ...(rules.length > 0 ? [['compress', rules] as const] : []),
    ...(task === 'none' ? [] : [['train', trainingLines(dice, task, model)] as const]),
    ...emits(dice, model, new Dice(seed, `arithmetic, attempt ${attempt}`)),
  ];
  const texts = blocks.map(([head, lines]) => `${head} {\n${lines.map((line) => `  ${line}\n`).join('')}}\n`);
  return `language 1\n\n${texts.join('\n')}`;
}
