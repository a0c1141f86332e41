/** What a training run needs of memory, as a section of `explain`. */
import type { TrainingMemory } from '../lower/training-memory.js';
import { bytes } from '../support/units.js';

export function explainMemory(memory: TrainingMemory): string {
  const { carried, masks, fed, values, engine, update, start, step, checkpoint } = memory;
  const rows: readonly (readonly [string, number, string])[] = [
    ['step', step, 'of a training step at its peak'],
    ['  weights', carried, 'weights, moments and recurrent state'],
    ['  masks', masks, 'of pruned weights'],
    ['  fed', fed, 'tokens and random draws, of this step and the next'],
    ['  values', values, 'intermediate values alive at once'],
    ['  engine', engine, 'kept by onnxruntime for later steps'],
    ['  update', update, 'kept by onnxruntime for gradients and changes of weights'],
    ['  start', start, 'the values that the run starts from, for its first steps'],
    ['checkpoint', checkpoint, 'more while one is written'],
  ];
  const width = Math.max(...rows.map(([, value]) => bytes(value).length));
  const lines = rows.map(([name, value, what]) => `  ${name.padEnd(10)}  ${bytes(value).padStart(width)}  ${what}\n`);
  return `memory\n${lines.join('')}`;
}
