/** `rnnc schedule`: the whole timetable of a run, before it is trained. */
import { batchesOf } from '../../data/load.js';
import { trainedModel } from '../../model/distortion.js';
import { checkScheduleAgainst } from '../../model/run-length.js';
import { timetableText } from '../../report/timetable-text.js';
import { makeTimetable } from '../../train/timetable.js';
import { type Command, type Invocation, sharedOptions } from '../command.js';
import { type Opened, openProgram, printDiagnostics } from '../program.js';
import { reported } from '../terminal.js';
import { openCorpus, trainingOf } from '../train-model.js';

/** As the data says, unless it is given. */
function stepsPerEpoch(invocation: Invocation, opened: Opened): number {
  const given = invocation.integer('steps-per-epoch');
  if (given !== undefined) return given;
  const { loader, seed } = trainingOf(opened);
  return batchesOf(openCorpus(invocation, opened, ['train']), loader, seed).count;
}

export const scheduleCommand: Command = {
  name: 'schedule',
  summary: 'the timetable of a run: rate, sparsity, masks, turns, and when each target is met',
  operands: '[model.cmp]',
  most: 1,
  options: {
    data: sharedOptions.data,
    'steps-per-epoch': { type: 'string', value: 'N', doc: 'in place of reading the data' },
    out: sharedOptions.out,
    format: sharedOptions.format,
  },
  details: [
    'A row for the start of every epoch and every moment at which a schedule starts or ends: what holds after that',
    'many steps, and the rate of the step that follows. Below, for each layer with pruned weights, the steps at which',
    'its masks are made and the one from which it has its final count. A schedule that ends after the run is an error.',
  ].join('\n'),
  examples: ['rnnc schedule model.cmp', 'rnnc schedule model.cmp --steps-per-epoch 2323 --format json'],
  run: async (invocation) => {
    const opened = openProgram(invocation);
    if (opened === undefined) return 1;
    const training = trainingOf(opened);
    const steps = stepsPerEpoch(invocation, opened);
    const found = checkScheduleAgainst(training, steps);
    printDiagnostics(invocation, found);
    if (found.some(({ severity }) => severity === 'error')) return 1;
    const { pools, layers } = trainedModel(opened.model);
    const doped = layers.filter(({ units }) => units.some((u) => u.weight.method === 'dkp')).map(({ name }) => name);
    const timetable = makeTimetable(training, pools, steps, doped);
    const { terminal } = invocation;
    if (invocation.text('format') === 'json') terminal.print(JSON.stringify(timetable, undefined, 2));
    else terminal.print(reported(terminal, timetableText(timetable).trimEnd()));
    return 0;
  },
};
