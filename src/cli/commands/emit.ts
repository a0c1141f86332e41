/** `rnnc emit`: weights to files of a target. */
import type { EmitTarget } from '../../model/model.js';
import { loadWeights, untrainedWeights } from '../build-folder.js';
import { type Command, sharedOptions } from '../command.js';
import { emitBlockOf } from '../emit-model.js';
import { emitTargets, emittedLine } from '../emit-targets.js';
import { openProgram } from '../program.js';

const targets: readonly EmitTarget[] = ['c', 'neon', 'tfjs', 'onnx'];

export const emitCommand: Command = {
  name: 'emit',
  summary: 'write C, NEON, tfjs or ONNX from trained weights',
  operands: '[model.cmp]',
  most: 1,
  options: {
    target: {
      type: 'string',
      value: 'TARGET',
      doc: 'c, neon, tfjs or onnx (default: every emit block)',
      words: targets,
    },
    untrained: { type: 'boolean', doc: 'seeded weights in place of trained ones; manifest and header say so' },
    out: sharedOptions.out,
    format: sharedOptions.format,
    quiet: sharedOptions.quiet,
  },
  details: [
    'Writes build/<model>/<target>/. Without a file name: the only program, or the only build, of this folder.',
    'Refuses when there are no trained weights, unless --untrained is given.',
  ].join('\n'),
  examples: ['rnnc emit --target neon', 'rnnc emit model.cmp --target c --untrained'],
  run: async (invocation) => {
    const opened = openProgram(invocation);
    if (opened === undefined) return 1;
    const { model } = opened;
    const loaded = invocation.flag('untrained')
      ? untrainedWeights(model)
      : loadWeights(opened, 'run `rnnc train`, or give --untrained');
    const asked = targets.find((t) => t === invocation.text('target'));
    const wanted = asked === undefined ? model.emits : [emitBlockOf(model, asked)];
    const blocks = wanted.length === 0 ? [emitBlockOf(model, 'c')] : wanted;
    const written = emitTargets(invocation, opened, blocks, loaded);
    if (written === undefined) return 1;
    for (const folder of written) {
      if (invocation.text('format') === 'json') invocation.terminal.print(JSON.stringify(folder));
      else if (!invocation.flag('quiet')) invocation.terminal.print(emittedLine(folder));
    }
    return 0;
  },
};
