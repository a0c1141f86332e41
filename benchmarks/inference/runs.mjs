/**
 * `npm run bench:runs`: cycles of one step of a `_run` of 10 steps over those of `_step`, for every form of the layer
 * that `subjects.mjs` names and for its number formats: what working in blocks of steps gains. Counted under emulation
 * and modelled, as `bench:inference` does. Options: --only "NAME;..."; --target neon|c; --cpu; --hidden UNITS;
 * --compiler.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { hasDots } from '../../dist/kernels/cores.js';
import { compilers, countEmitted, out } from './measure.mjs';
import { emitForm } from './subjects.mjs';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    target: { type: 'string', default: 'neon' },
    cpu: { type: 'string', default: 'cortex-a73' },
    hidden: { type: 'string', default: '650' },
    compiler: { type: 'string', default: 'gcc' },
  },
});

const models = ['cortex-a57', 'cortex-a53', 'neoverse-n1'];
const factor = Number(options.hidden) / 650;
const scaled = (rule) => (factor === 1 ? rule : rule.replaceAll(/\(.*?\)/g, ''));

/** The compress rule and the number format of each row. */
const rows = [
  ['dense', ''],
  ...['float16', 'bfloat16', 'int8', 'int4', 'int3'].map((weights) => [`dense, ${weights}`, '', { weights }]),
  ['dense, int8 in integers', '', { weights: 'int8', arithmetic: 'integer' }],
  ...['int8', 'int4'].map((weights) => [
    `dense of each half, ${weights} in integers`,
    'rnn.input: dense  rnn.recurrent: dense',
    { weights, arithmetic: 'integer' },
  ]),
  ['lmf to 10x', 'rnn: lmf to 10x'],
  ['lmf to 10x, float16', 'rnn: lmf to 10x', { weights: 'float16' }],
  ['hlf to 10x', 'rnn: hlf(k=1) to 10x'],
  ['prune to 10x', 'rnn: prune to 10x'],
  ['prune to 10x, blocks of 8x4', 'rnn: prune(block=8x4) to 10x'],
  ['prune to 10x, float16', 'rnn: prune to 10x', { weights: 'float16' }],
  ['prune of each half to 10x', 'rnn.input: prune to 10x  rnn.recurrent: prune to 10x'],
  [
    'prune of each half to 10x, blocks of 8x2',
    'rnn.input: prune(block=8x2) to 10x  rnn.recurrent: prune(block=8x2) to 10x',
  ],
  [
    'prune of each half to 10x, float16',
    'rnn.input: prune to 10x  rnn.recurrent: prune to 10x',
    { weights: 'float16' },
  ],
  ['kp', scaled('rnn: kp(B=13x65, C=50x20)')],
  ['kp, float16', scaled('rnn: kp(B=13x65, C=50x20)'), { weights: 'float16' }],
  ['dkp to 25x', scaled('rnn: dkp(B=13x65, C=50x20) to 25x')],
  [
    'dkp of each half to 25x',
    scaled('rnn.input: dkp(B=13x26, C=50x25) to 25x  rnn.recurrent: dkp(B=13x26, C=50x25) to 25x'),
  ],
  ['tt', 'rnn: tt to 10x'],
  ['circulant, blocks of 50', 'rnn: circulant(block=50)'],
];

const { hidden, target, cpu, compiler } = options;
if (!(compiler in compilers)) throw new Error(`--compiler is one of ${Object.keys(compilers).join(', ')}`);
const wanted = rows.filter(([name]) => options.only === undefined || options.only.split(';').includes(name));

async function cyclesOf(what, [name, rule, settings]) {
  const folder = join(out, 'runs', `${name} ${what} ${hidden} ${target} ${cpu}`.replaceAll(/[^a-z0-9.-]+/g, '_'));
  const { sources, steps } = emitForm(folder, rule, { what, hidden: Number(hidden), target, cpu, ...settings });
  const { cycles } = await countEmitted(folder, sources, {
    compiler,
    cpu,
    models,
    ...(hasDots(cpu) ? { emulated: 'max' } : {}),
  });
  return models.map((model) => cycles[model] / steps);
}

const kilo = (cycles) => (cycles / 1000).toFixed(cycles < 1e5 ? 1 : 0);
console.log(
  `| ${hidden} units, ${target}, ${compiler}, -mcpu=${cpu} | A57 model: step, k | run, k | run / step | A53 | N1 |`,
);
console.log('|---|---|---|---|---|---|');
for (const row of wanted) {
  const [step, run] = [await cyclesOf('step', row), await cyclesOf('run', row)];
  const ratios = models.map((_, i) => (run[i] / step[i]).toFixed(2));
  console.log(`| ${row[0]} | ${kilo(step[0])} | ${kilo(run[0])} | ${ratios.join(' | ')} |`);
}
