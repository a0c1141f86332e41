/** `rnnc train`: from data to weights. */
import { scoreText } from '../../report/progress.js';
import { type Command, sharedOptions, trainingOptions } from '../command.js';
import { shortPath } from '../files.js';
import { openProgram } from '../program.js';
import { trainToWeights } from '../train-to-weights.js';

export const trainCommand: Command = {
  name: 'train',
  summary: 'train a program; resumes where it stopped',
  operands: '[model.cmp]',
  most: 1,
  options: {
    data: sharedOptions.data,
    restart: { type: 'boolean', doc: 'begin anew, even when there is a checkpoint' },
    ...trainingOptions,
  },
  details: [
    'Writes checkpoints and metrics.jsonl to build/<model>/training/ and, when the run is finished, the weights to',
    'build/<model>/weights.safetensors. Ctrl-C stops after the step with a checkpoint; the same command goes on from',
    'it, bit for bit as if it had never stopped. A finished run is not repeated unless --restart is given.',
    'With --tensorboard DIR the metrics also grow as an event file in DIR/<model>, for `tensorboard --logdir DIR`.',
    '',
    'Runs are deterministic by default: one program, data and seed give the same weights, bit for bit, on one engine',
    'of one version (onnxruntime on the processor, tfjs-wasm, tfjs-cpu). Not so tfjs-node and onnxruntime with',
    '--provider cuda or webgpu: a run says so when it starts, and --deterministic refuses them.',
  ].join('\n'),
  examples: ['rnnc train model.cmp --data path/to/text'],
  run: async (invocation) => {
    const opened = openProgram(invocation);
    if (opened === undefined) return 1;
    const outcome = await trainToWeights(invocation, opened);
    if (outcome === undefined) return 1;
    const { terminal } = invocation;
    if (!outcome.finished) {
      terminal.print('stopped; the same command goes on from the checkpoint');
      return 130;
    }
    const { valid, test } = outcome;
    const scores = [
      ...(valid === undefined ? [] : [`valid ${scoreText(valid)}`]),
      ...(test === undefined ? [] : [`test ${scoreText(test)}`]),
    ];
    terminal.print(
      `${shortPath(invocation.folder, opened.buildFolder)}/weights.safetensors: perplexity ${scores.join(', ')}`,
    );
    return 0;
  },
};
