/**
 * `npm run table:iso-parameters -- --data DIR`: every method at the same budget. The small PTB language model with its
 * LSTMs five times smaller (--factor), by each method that the compiler solves, beside the dense model. Stops and goes
 * on: the same command skips what is finished. Writes table.md and table.json to --out.
 *
 * Options: --data DIR  --out DIR  --factor N  --tokens N (default: all)  --epochs N  --jobs N  --threads N  --seed N
 *          --only NAME,...  --print
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { compile } from '../../dist/compile.js';
import { summarize, totals } from '../../dist/model/summary.js';
import { cutText } from './cut-text.mjs';
import { resultOf, runPrograms } from './run-programs.mjs';

const { values: options } = parseArgs({
  options: {
    data: { type: 'string' },
    out: { type: 'string', default: 'build/iso-parameters' },
    factor: { type: 'string', default: '5' },
    tokens: { type: 'string' },
    epochs: { type: 'string', default: '13' },
    jobs: { type: 'string', default: '2' },
    threads: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    print: { type: 'boolean', default: false },
  },
});
const [epochs, jobs, threads, seed] = ['epochs', 'jobs', 'threads', 'seed'].map((name) => {
  const value = Number(options[name]);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`--${name} is a whole number above 0, found ${options[name]}`);
});
const factor = Number(options.factor);
if (!(factor > 1)) throw new Error(`--factor is a number above 1, found ${options.factor}`);
const tokens = options.tokens === undefined ? Number.MAX_SAFE_INTEGER : Number(options.tokens);
if (!(tokens > 0)) throw new Error(`--tokens is a whole number above 0, found ${options.tokens}`);
const out = resolve(options.out);

const goal = `to ${factor}x`;
const both = 'rnn1, rnn2';
/** [H] treats the input and the recurrent matrix each. */
const apart = 'rnn1.input, rnn1.recurrent, rnn2.input, rnn2.recurrent';

const methods = [
  { name: 'dense' },
  { name: 'prune', rule: `${both}: prune ${goal}`, pruned: true },
  { name: 'hlf', rule: `${apart}: hlf ${goal}` },
  { name: 'lmf', rule: `${apart}: lmf ${goal}` },
  { name: 'small', rule: `${both}: small ${goal}` },
  { name: 'circulant', rule: `${both}: circulant ${goal}` },
  { name: 'hkp', rule: `${both}: hkp ${goal}` },
  // At 1.0 three cores in a row diverge.
  { name: 'tt', rule: `${both}: tt ${goal}`, rate: '0.5' },
  { name: 'kp', rule: `${both}: kp ${goal}` },
  { name: 'dkp', rule: `${both}: dkp ${goal}`, pruned: true, more: 'regularize = cmr(p=50%, until=sparsity(60%))' },
];

/** Dense for a thirteenth of the run, final after three fifths of it. */
const sparsity = `cubic(from=${(epochs / 13).toFixed(2)} epochs, to=${(0.6 * epochs).toFixed(2)} epochs, every=50 steps)`;

/** The recipe of Zaremba et al. 2014 for the small model, the rate halved after the first third. */
const programOf = ({ name, rule, pruned, more, rate = '1.0' }) => `language 1

model iso_${name} {
  tokens = ids(vocab=10000)
  embed  = embedding(tokens, 200)
  rnn1   = lstm(embed, 200)
  rnn2   = lstm(rnn1, 200)
  next   = softmax(rnn2, 10000)
}
${rule === undefined ? '' : `\ncompress {\n  ${rule}\n}\n`}
train {
  data       = text("data", batch=20, unroll=20)
  init       = uniform(0.1)
  optimizer  = sgd(clip=5)
  lr         = decay(${rate}, by=1/2, every=1 epoch, after=${Math.ceil(epochs / 3)} epochs)
  epochs     = ${epochs}
${pruned ? `  sparsity   = ${sparsity}\n` : ''}${more === undefined ? '' : `  ${more}\n`}  seed       = ${seed}
}

emit c {}
`;

/** What the compiler makes of a program: of both LSTMs, and of the whole model. */
function sizesOf(text) {
  const said = [];
  const compiled = compile(
    'iso.cmp',
    () => text,
    (diagnostic) => said.push(diagnostic.message),
  );
  if (compiled === undefined) throw new Error(said.join('\n'));
  const layers = summarize(compiled.model);
  const cells = totals(layers.filter(({ kind }) => kind === 'lstm'));
  const [first] = layers.find(({ kind }) => kind === 'lstm').units;
  const solved = first.arguments.map((a) => `${a.name}=${a.value}`).join(' ');
  const { parameters, bytes, macs } = cells.after;
  return { solved, factor: cells.factor, parameters, bytes, macs, modelParameters: totals(layers).after.parameters };
}

const names = options.only?.split(',') ?? methods.map(({ name }) => name);
const unknown = names.filter((name) => !methods.some((m) => m.name === name));
if (unknown.length > 0) throw new Error(`--only knows ${methods.map((m) => m.name).join(', ')}, not ${unknown}`);
const chosen = methods
  .filter(({ name }) => names.includes(name))
  .map((method) => ({ ...method, build: `iso_${method.name}`, text: programOf(method) }));

const rowsOf = () =>
  chosen.map(({ name, rule, rate, build, text }) => {
    const { program: _, name: __, ...result } = resultOf(out, build) ?? {};
    return { name, rule: rule ?? '', rate: rate ?? '1.0', seed, program: text, ...sizesOf(text), ...result };
  });

const count = (value) => value.toLocaleString('en-US');
const perplexity = (value) => (value === undefined ? '' : value.toFixed(2));

function tableText(rows, cut) {
  const head = [
    `Small PTB model (2 LSTMs of 200, vocabulary 10,000), ${count(cut.tokens)} training tokens, ${epochs} epochs, ` +
      `batch 20, unroll 20, seed ${seed}, ${threads} thread${threads === 1 ? '' : 's'} a run. Parameters and bytes are ` +
      'those of both LSTMs; `small` also makes the softmax read fewer inputs. The learning rate is halved every epoch ' +
      `after ${Math.ceil(epochs / 3)}.`,
    '',
    '| rule | solved (first LSTM) | parameters | factor | KB | whole model | rate | valid | test | best epoch | minutes |',
    '|---|---|---|---|---|---|---|---|---|---|---|',
  ];
  const lines = rows.map((row) => {
    const { rule, rate, solved, parameters, bytes, modelParameters, valid, test, keptEpoch, seconds } = row;
    const sizes = [count(parameters), `${row.factor.toFixed(2)}x`, (bytes / 1000).toFixed(0), count(modelParameters)];
    const trained = [perplexity(valid), test === undefined ? 'not finished' : perplexity(test), keptEpoch ?? ''];
    const minutes = seconds === undefined ? '' : (seconds / 60).toFixed(1);
    return `| ${[rule || 'dense', solved, ...sizes, rate, ...trained, minutes].join(' | ')} |`;
  });
  return `${[...head, ...lines].join('\n')}\n`;
}

function writeResults(cut) {
  const rows = rowsOf();
  writeFileSync(join(out, 'table.md'), tableText(rows, cut));
  const facts = { tokens: cut.tokens, epochs, factor, seed, threads, rows };
  writeFileSync(join(out, 'table.json'), `${JSON.stringify(facts, undefined, 2)}\n`);
  return rows;
}

async function main() {
  if (options.print) {
    for (const { text } of chosen) console.log(text);
    return 0;
  }
  if (options.data === undefined) throw new Error('give the text with --data DIR');
  mkdirSync(out, { recursive: true });
  const data = join(out, 'data');
  const cut = cutText(resolve(options.data), data, tokens);
  const programs = chosen.map(({ build, text }) => ({ name: build, text }));
  const settings = { out, data, threads, jobs, after: () => writeResults(cut) };
  const { failed, stopped } = await runPrograms(settings, programs);
  console.log(tableText(writeResults(cut), cut));
  for (const line of failed) console.error(line);
  return stopped ? 130 : failed.length > 0 ? 1 : 0;
}

process.exitCode = await main();
