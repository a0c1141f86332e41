/**
 * The time between two training steps, when the engine waits for the host: data, masks, random draws, metrics, beside
 * the time of a step. A real run of the LSTM language model with doped Kronecker products, co-matrix row dropout and a
 * sparsity schedule whose masks are chosen anew every few steps. After `npm run build`:
 * node benchmarks/train/host.mjs [--hidden 650 --unroll 35] [--steps 20] [--every 10] [--threads 2] [--json]
 * With --json the last line holds the numbers, in milliseconds.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compile, compileEvaluation, compileTraining } from '../../dist/compile.js';
import { loadCorpus } from '../../dist/data/load.js';
import { findEngine } from '../../dist/engines/engines.js';
import { train } from '../../dist/train/trainer.js';

const { values } = parseArgs({
  options: {
    hidden: { type: 'string', default: '650' },
    unroll: { type: 'string', default: '35' },
    steps: { type: 'string', default: '20' },
    every: { type: 'string', default: '10' },
    threads: { type: 'string', default: '2' },
    json: { type: 'boolean', default: false },
  },
});
const factors = { 200: 'dkp(B=10x20, C=20x20)', 650: 'dkp(B=13x65, C=50x20)' };
/** As many words as a generated source may have. */
const vocabulary = 4000;
const text = `model host {
  tokens = ids(vocab=${vocabulary})
  embed  = embedding(tokens, ${values.hidden})
  rnn1   = lstm(embed, ${values.hidden})
  rnn2   = lstm(rnn1, ${values.hidden})
  next   = softmax(rnn2, ${vocabulary})
}
compress { rnn1, rnn2: ${factors[values.hidden]} to 25x }
train {
  data       = generated(order=1, vocab=${vocabulary}, tokens=60000, batch=20, unroll=${values.unroll})
  optimizer  = sgd(clip=5)
  sparsity   = cubic(from=0 epochs, to=1 epochs, every=${values.every} steps)
  regularize = cmr(p=50%, until=sparsity(90%))
  epochs     = 2
}
`;

/** An engine whose runs note when they begin and end. */
function watched(engine, runs) {
  const watch = (session) => ({
    set: (...given) => session.set(...given),
    get: (name) => session.get(name),
    close: () => session.close(),
    run: async (feeds) => {
      const begin = performance.now();
      const outputs = await session.run(feeds);
      runs.push({ begin, end: performance.now() });
      return outputs;
    },
  });
  return { ...engine, load: async (...given) => watch(await engine.load(...given)) };
}

const { model } = compile(
  'host.cmp',
  () => text,
  ({ message }) => {
    throw new Error(message);
  },
);
const { training, pools } = model;
const runs = [];
const folder = mkdtempSync(join(tmpdir(), 'rnnc-host-'));
try {
  await train({
    training,
    pools,
    graphs: {
      step: (steps) => compileTraining(model, false, undefined, steps),
      coMatrix: (steps) => compileTraining(model, true, undefined, steps),
      evaluation: (steps) => compileEvaluation(model, steps),
    },
    engine: watched(findEngine('onnxruntime'), runs),
    threads: Number(values.threads),
    corpus: loadCorpus(training.loader, { programFolder: '.', vocabulary, seed: 1, needs: ['train'] }),
    folder,
    identity: { program: 'host', compiler: 'host' },
    resume: false,
    shouldStop: () => runs.length > Number(values.steps),
  });
} finally {
  rmSync(folder, { recursive: true });
}
// The first step is the engine's own preparation.
const steps = runs.slice(1);
const gaps = steps.slice(1).map(({ begin }, i) => begin - steps[i].end);
const busy = steps.reduce((sum, { begin, end }) => sum + end - begin, 0);
const show = (milliseconds) => `${milliseconds.toFixed(2)} ms`;
const median = [...gaps].sort((a, b) => a - b)[gaps.length >> 1];
console.log(`H=${values.hidden}, T=${values.unroll}: ${steps.length} steps of ${show(busy / steps.length)} on average`);
const longest = Math.max(...gaps);
console.log(`  between two steps: median ${show(median)}, longest ${show(longest)} (new masks)`);
const share = (every) => `${((100 * (median + longest / every) * steps.length) / busy).toFixed(2)}%`;
console.log(
  `  host time / step time: ${share(100)} with new masks every 100 steps (<= 5%), ${share(values.every)} here`,
);
if (values.json) {
  console.log(
    JSON.stringify({
      step: busy / steps.length,
      median,
      masks: longest,
      share: (median + longest / 100) / (busy / steps.length),
    }),
  );
}
