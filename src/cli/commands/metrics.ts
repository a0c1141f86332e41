/** `rnnc metrics`: what a run logged, for people and for TensorBoard. */
import { join, resolve } from 'node:path';
import { Fault } from '../../support/fault.js';
import { encodeEvents } from '../../targets/tensorboard/encode-events.js';
import { type MetricsLine, readMetrics } from '../../train/metrics.js';
import { scalarsOf } from '../../train/scalars.js';
import { type Command, type Invocation, sharedOptions } from '../command.js';
import { makeFolder, readTextIfThere, shortPath, writeWhole } from '../files.js';
import { openProgram } from '../program.js';

function writeEvents(invocation: Invocation, named: string, lines: readonly MetricsLine[]): void {
  const folder = resolve(invocation.folder, named);
  makeFolder(folder);
  const scalars = scalarsOf(lines);
  const path = join(folder, 'events.out.tfevents.0.rnnc');
  writeWhole(path, encodeEvents(scalars));
  invocation.terminal.print(`${shortPath(invocation.folder, path)}: ${scalars.length} scalars`);
}

export const metricsCommand: Command = {
  name: 'metrics',
  summary: 'what a run logged, as lines or as TensorBoard event files',
  operands: '[model.cmp]',
  most: 1,
  options: {
    tensorboard: { type: 'string', value: 'DIR', doc: 'write an event file there, for `tensorboard --logdir DIR`' },
    out: sharedOptions.out,
    format: sharedOptions.format,
  },
  details: [
    'Prints build/<model>/training/metrics.jsonl, one JSON object a line: steps with loss, perplexity, gradient norm,',
    'sparsity, rate and speed; epochs with the perplexities of train and valid; warnings; the test at the end. The run',
    'may still be going on. Its log keeps no clock, so that in TensorBoard the axis to choose is the step.',
  ].join('\n'),
  examples: ['rnnc metrics model.cmp', 'rnnc metrics model.cmp --tensorboard runs/model'],
  run: async (invocation) => {
    const opened = openProgram(invocation);
    if (opened === undefined) return 1;
    const path = join(opened.buildFolder, 'training', 'metrics.jsonl');
    const text = readTextIfThere(path);
    if (text === undefined) throw new Fault('metrics/none', `there is no ${path}`, 'run `rnnc train` first');
    const lines = readMetrics(text);
    const folder = invocation.text('tensorboard');
    if (folder !== undefined) writeEvents(invocation, folder, lines);
    else for (const line of lines) invocation.terminal.print(JSON.stringify(line));
    return 0;
  },
};
