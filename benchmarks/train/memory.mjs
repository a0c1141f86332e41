/**
 * The memory that the compiler predicts for a training step beside what a process really grows by when it loads and
 * runs the step. Each size runs in a process of its own. After `npm run build`:
 * node benchmarks/train/memory.mjs [--sizes 200x20,650x35] [--engine onnxruntime]
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '100x10,200x20,200x40,650x35' },
    engine: { type: 'string', default: 'onnxruntime' },
    one: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const dist = resolve(import.meta.dirname, '../../dist');

const program = (width, steps) => `model memory {
  tokens = ids(vocab=10000)
  embed  = embedding(tokens, ${width})
  rnn1   = lstm(embed, ${width})
  rnn2   = lstm(rnn1, ${width})
  next   = softmax(rnn2, 10000)
}
train {
  data      = text("anywhere", batch=20, unroll=${steps})
  optimizer = sgd(clip=5)
  epochs    = 1
}
`;

/** Any words do: a step takes the same memory whatever they are. */
const words = ({ batch, unroll }) => ({ kind: 'generated', order: 1, vocabulary: 50, tokens: 50_000, batch, unroll });

/** Bytes in memory now, and the most there ever were. */
function memory() {
  const status = readFileSync('/proc/self/status', 'utf8');
  const of = (name) => 1024 * Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)[1]);
  return { now: of('VmRSS'), most: of('VmHWM') };
}

/** The growth of this process over one size. */
async function measure(size) {
  const [width, steps] = size.split('x').map(Number);
  const load = (path) => import(`${dist}/${path}`);
  const [{ compile, compileTraining }, { findEngine }, { trainingMemory }, { measureEngine }] = await Promise.all(
    ['compile.js', 'engines/engines.js', 'lower/training-memory.js', 'train/engine-speed.js'].map(load),
  );
  const { model } = compile(
    'memory.cmp',
    () => program(width, steps),
    ({ message }) => {
      throw new Error(message);
    },
  );
  const engine = findEngine(values.engine);
  const common = { engine, threads: 2, forSeconds: 0.1 };
  // What the engine and the program take whatever the size is must not count: a tiny step runs first.
  const tiny = compile(
    'tiny.cmp',
    () => program(8, 2),
    () => undefined,
  ).model;
  await measureEngine({ ...common, step: compileTraining(tiny, false), loader: words(tiny.training.loader) });
  const step = compileTraining(model, false);
  globalThis.gc?.();
  const before = memory();
  await measureEngine({ ...common, step, loader: words(model.training.loader) });
  return { size, predicted: trainingMemory(step).step, measured: memory().most - before.now };
}

if (values.one !== undefined) console.log(JSON.stringify(await measure(values.one)));
else {
  const rows = values.sizes.split(',').map((size) => {
    const own = ['--expose-gc', import.meta.filename, '--one', size, '--engine', values.engine];
    return JSON.parse(execFileSync(process.execPath, own, { encoding: 'utf8' }).trim().split('\n').at(-1));
  });
  if (values.json) for (const row of rows) console.log(JSON.stringify(row));
  else {
    console.log('2-layer LSTM, vocabulary 10,000, batch 20; MB');
    console.log(['H x T', 'predicted', 'measured growth', 'measured / predicted'].join('\t'));
    const megabytes = (bytes) => (bytes / 1e6).toFixed(1);
    for (const { size, predicted, measured } of rows)
      console.log([size, megabytes(predicted), megabytes(measured), (measured / predicted).toFixed(2)].join('\t'));
  }
}
