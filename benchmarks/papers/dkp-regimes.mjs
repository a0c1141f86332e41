/**
 * `npm run table:dkp-regimes -- --data DIR`: [D] table 2 and figures 2 and 3 in small. The small PTB language model on
 * the first 300,000 training tokens, its LSTMs stored by a Kronecker product alone (104.2x) and by doped Kronecker
 * products of the same factors (30x) under every regime of the paper, beside the dense model. Stops and goes on: the
 * same command skips what is finished. Writes table.md, table.json, curves.csv and curves.svg to --out.
 *
 * Options: --data DIR  --out DIR  --tokens N  --epochs N  --from SHARE  --to SHARE  --hold SHARE  --jobs N  --threads N
 *          --seed N  --only NAME,...  --print
 * --from and --to say between which shares of the run the overlays are pruned, --hold for which share the learning rate
 * stays at 1.0 before it is halved seven times at equal distances. The defaults scale the medium model's run down, whose
 * rate falls while its overlays are pruned ([D] figure 2).
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { cutText } from './cut-text.mjs';
import { metricsOf, resultOf, runPrograms } from './run-programs.mjs';
import { svgChart } from './svg-chart.mjs';

const { values: options } = parseArgs({
  options: {
    data: { type: 'string' },
    out: { type: 'string', default: 'build/dkp-regimes' },
    tokens: { type: 'string', default: '300000' },
    epochs: { type: 'string', default: '6' },
    from: { type: 'string', default: '0.1' },
    to: { type: 'string', default: '0.8' },
    hold: { type: 'string', default: '0.3' },
    jobs: { type: 'string', default: '2' },
    threads: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    print: { type: 'boolean', default: false },
  },
});
const [tokens, epochs, jobs, threads, seed] = ['tokens', 'epochs', 'jobs', 'threads', 'seed'].map((name) => {
  const value = Number(options[name]);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`--${name} is a whole number above 0, found ${options[name]}`);
});
const [from, to, hold] = ['from', 'to', 'hold'].map((name) => {
  const share = Number(options[name]);
  if (share >= 0 && share <= 1) return (share * epochs).toFixed(2);
  throw new Error(`--${name} is a share of the run from 0 to 1, found ${options[name]}`);
});
const out = resolve(options.out);

const batch = 20;
const unroll = 20;
const factors = 'B=10x25, C=20x16';
const overlay = `dkp(${factors}`;

/** Pruned over the same share of the run for all. */
const sparsity = `cubic(from=${from} epochs, to=${to} epochs, every=50 steps)`;
/** Seven halvings between the end of the hold and the end of the run. */
const halving = ((epochs - Number(hold)) / 7.01).toFixed(2);
const turns = 'alternate  = bcd(every=100 steps)';

/** Perplexities of [D] table 2 for the medium model, for the order. */
const regimes = [
  { name: 'dense', title: 'dense', paper: 82.04 },
  { name: 'kp', title: 'kp alone', rule: `kp(${factors})`, paper: 104.061 },
  { name: 'dkp_plain', title: 'dkp, plain (1)', rule: `${overlay}) to 30x`, pruned: true, paper: 150.737 },
  { name: 'dkp_2a', title: 'dkp, 2a', rule: `${overlay}, form=2a) to 30x`, pruned: true, paper: 138.31 },
  { name: 'dkp_2b', title: 'dkp, 2b', rule: `${overlay}, form=2b) to 30x`, pruned: true, paper: 123.835 },
  {
    name: 'dkp_2a_bcd',
    title: 'dkp, 2a + BCD',
    rule: `${overlay}, form=2a) to 30x`,
    pruned: true,
    more: turns,
    paper: 100.37,
  },
  {
    name: 'dkp_2b_bcd',
    title: 'dkp, 2b + BCD',
    rule: `${overlay}, form=2b) to 30x`,
    pruned: true,
    more: turns,
    paper: 101.987,
  },
  {
    name: 'dkp_cmr',
    title: 'dkp, CMR',
    rule: `${overlay}) to 30x`,
    pruned: true,
    more: 'regularize = cmr(p=50%, until=sparsity(90%))',
    paper: 95.382,
  },
];

const programOf = ({ name, rule, pruned, more }) => `language 1

model ${name} {
  tokens = ids(vocab=10000)
  embed  = embedding(tokens, 200)
  rnn1   = lstm(embed, 200)
  rnn2   = lstm(rnn1, 200)
  next   = softmax(rnn2, 10000)
}
${rule === undefined ? '' : `\ncompress {\n  rnn1, rnn2: ${rule}\n}\n`}
train {
  data       = text("data", batch=${batch}, unroll=${unroll})
  init       = uniform(0.1)
  optimizer  = sgd(clip=5)
  lr         = decay(1.0, by=1/2, every=${halving} epochs, after=${hold} epochs)
  epochs     = ${epochs}
${pruned ? `  sparsity   = ${sparsity}\n` : ''}${more === undefined ? '' : `  ${more}\n`}  seed       = ${seed}
}

emit c {}
`;

const names = options.only?.split(',');
const programs = regimes
  .filter(({ name }) => names === undefined || names.includes(name))
  .map((regime) => ({ name: regime.name, text: programOf(regime) }));

const number = (value) => (value === undefined ? '' : value.toFixed(2));

function tableText(rows, cut) {
  const head = [
    `Small PTB model (2 LSTMs of 200, vocabulary 10,000), the first ${cut.tokens.toLocaleString('en')} training tokens, ` +
      `${epochs} epochs, pruned from epoch ${from} to ${to}, ` +
      `learning rate 1.0 for ${hold} epochs, then halved every ${halving}, batch ${batch}, unroll ${unroll}, seed ${seed}, ${threads} thread${threads === 1 ? '' : 's'} a run.`,
    '',
    '| training | train | valid | test | best epoch | minutes | [D] table 2 (medium, 100x) |',
    '|---|---|---|---|---|---|---|',
  ];
  const lines = rows.map(({ title, paper, result }) => {
    if (result === undefined) return `| ${title} | | | not finished | | | ${paper} |`;
    const { train, valid, test, keptEpoch, seconds } = result;
    const minutes = (seconds / 60).toFixed(1);
    return `| ${title} | ${number(train)} | ${number(valid)} | ${number(test)} | ${keptEpoch} | ${minutes} | ${paper} |`;
  });
  return `${[...head, ...lines].join('\n')}\n`;
}

function writeResults(cut) {
  const rows = regimes.map((regime) => ({ ...regime, result: resultOf(out, regime.name) }));
  const logs = regimes.map(({ name, title }) => ({
    name,
    title,
    steps: metricsOf(out, name).filter(({ kind }) => kind === 'step'),
  }));
  writeFileSync(join(out, 'table.md'), tableText(rows, cut));
  writeFileSync(
    join(out, 'table.json'),
    `${JSON.stringify({ tokens: cut.tokens, epochs, batch, unroll, seed, threads, rows }, undefined, 2)}\n`,
  );
  const csv = logs.flatMap(({ name, steps }) =>
    steps.map((s) => [name, s.step, s.epoch, s.perplexity.toFixed(4), s.sparsity.toFixed(6), s.lr].join(',')),
  );
  writeFileSync(join(out, 'curves.csv'), `run,step,epoch,train_perplexity,sparsity,lr\n${csv.join('\n')}\n`);
  writeChart(logs.filter(({ steps }) => steps.length > 1));
}

/** Perplexity over windows of a tenth of an epoch: single lines of the log are noisy. */
function smooth(steps, windowSteps) {
  const points = [];
  let [nats, weight] = [0, 0];
  steps.forEach(({ step, loss }, i) => {
    const share = step - (steps[i - 1]?.step ?? 0);
    [nats, weight] = [nats + loss * share, weight + share];
    if (weight < windowSteps && i + 1 < steps.length) return;
    points.push([step, Math.exp(nats / weight)]);
    [nats, weight] = [0, 0];
  });
  return points;
}

function writeChart(logs) {
  if (logs.length === 0) return;
  const perEpoch = tokens / batch / unroll;
  const panels = [
    {
      title: 'training perplexity',
      log: true,
      most: 1000,
      series: logs.map(({ title, steps }) => ({ name: title, points: smooth(steps, perEpoch / 10) })),
    },
    {
      title: 'sparsity of what is pruned',
      least: 0,
      most: 1,
      series: logs.map(({ title, steps }) => ({ name: title, points: steps.map((s) => [s.step, s.sparsity]) })),
    },
  ];
  writeFileSync(join(out, 'curves.svg'), svgChart({ panels, across: 'steps' }));
}

async function main() {
  if (options.print) {
    for (const { text } of programs) console.log(text);
    return 0;
  }
  if (options.data === undefined) throw new Error('give the text with --data DIR');
  mkdirSync(out, { recursive: true });
  const data = join(out, 'data');
  const cut = cutText(resolve(options.data), data, tokens);
  const settings = { out, data, threads, jobs, after: () => writeResults(cut) };
  const { failed, stopped } = await runPrograms(settings, programs);
  writeResults(cut);
  console.log(
    tableText(
      regimes.map((r) => ({ ...r, result: resultOf(out, r.name) })),
      cut,
    ),
  );
  for (const line of failed) console.error(line);
  return stopped ? 130 : failed.length > 0 ? 1 : 0;
}

process.exitCode = await main();
