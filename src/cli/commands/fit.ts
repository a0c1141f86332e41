/** `rnnc fit`: given weights to the weights of a compressed program, without training. */
import { dirname, join, resolve } from 'node:path';
import { Diagnostics } from '../../diagnostics/diagnostic.js';
import { fitModel } from '../../fit/fit-model.js';
import { fitTable } from '../../report/fit-table.js';
import { Fault } from '../../support/fault.js';
import { keepFitted, readWords } from '../build-folder.js';
import { type Command, sharedOptions, UsageError } from '../command.js';
import { shortPath } from '../files.js';
import { readGivenWeights } from '../given-weights.js';
import { openProgram, printDiagnostics } from '../program.js';

export const fitCommand: Command = {
  name: 'fit',
  summary: 'fit a program to given weights, without training',
  operands: '[model.cmp]',
  most: 1,
  options: {
    from: { type: 'string', value: 'FILE', doc: 'safetensors file of the dense weights' },
    out: sharedOptions.out,
    format: sharedOptions.format,
    quiet: sharedOptions.quiet,
  },
  details: [
    'Writes build/<model>/weights.safetensors, which `rnnc emit` takes and `start = "..."` goes on from, and prints',
    'how far each fitted matrix is from the given one. Names in the file are paths of the program (`rnn1.W`,',
    '`rnn1.bias`, `embed.table`), or those of PyTorch (`rnn.weight_ih_l0`, `embedding.weight`, `linear.bias`); gates',
    'are put in order, the two biases of a PyTorch cell added. `hlf` is fitted only with `permute=yes`.',
  ].join('\n'),
  examples: ['rnnc fit model.cmp --from trained.safetensors'],
  run: async (invocation) => {
    const named = invocation.text('from');
    if (named === undefined) throw new UsageError('`fit` needs weights', 'give them by --from weights.safetensors');
    const opened = openProgram(invocation);
    if (opened === undefined) return 1;
    const from = resolve(invocation.folder, named);
    const given = readGivenWeights(from, 'fit to');
    const diagnostics = new Diagnostics();
    const fitted = fitModel(opened.model, given, diagnostics.report);
    printDiagnostics(invocation, diagnostics.all);
    if (fitted === undefined) return 1;
    const words = readWords(dirname(from));
    if (resolve(from) === resolve(join(opened.buildFolder, 'weights.safetensors'))) {
      throw new Fault('fit/same-file', `${from} would be written over`, 'choose another folder with --out');
    }
    keepFitted(opened, fitted.weights, words);
    const { terminal } = invocation;
    if (invocation.text('format') === 'json') {
      terminal.print(JSON.stringify({ model: opened.model.name, units: fitted.units }));
      return 0;
    }
    if (!invocation.flag('quiet')) terminal.write(fitTable(fitted.units));
    terminal.print(`${shortPath(invocation.folder, opened.buildFolder)}/weights.safetensors: fitted to ${named}`);
    return 0;
  },
};
