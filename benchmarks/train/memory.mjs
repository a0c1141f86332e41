/**
 * The memory that the compiler predicts for a training step beside what a process really grows by when it loads and
 * runs the step. Each model runs in a process of its own. After `npm run build`:
 * node benchmarks/train/memory.mjs [--models dense-200x20,dkp-650x35] [--engine onnxruntime]
 *
 * A model is METHOD-HxT, with optional parts behind: `-4` layers, `-33000` words (a number above 100), `-adam`.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    models: {
      type: 'string',
      default:
        'dense-100x10,dense-200x20,dense-200x40,dense-650x35,dense-200x100-4,dense-200x20-adam,dkp-200x20,dkp-650x35,dense-100x200-1-1000',
    },
    engine: { type: 'string', default: 'onnxruntime' },
    one: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const dist = resolve(import.meta.dirname, '../../dist');

/** Kronecker factors of (H, 2H). */
const factors = { 100: 'B=10x20, C=10x10', 200: 'B=10x20, C=20x20', 650: 'B=13x65, C=50x20', 1500: 'B=30x60, C=50x50' };

/** dense-200x20-4-adam -> what it says. */
function describe(name) {
  const [method, size, ...rest] = name.split('-');
  const [width, steps] = size.split('x').map(Number);
  const numbers = rest.map(Number).filter((n) => !Number.isNaN(n));
  return {
    method,
    width,
    steps,
    layers: numbers.find((n) => n <= 100) ?? 2,
    words: numbers.find((n) => n > 100) ?? 10_000,
    optimizer: rest.includes('adam') ? 'adam' : 'sgd',
  };
}

function program({ method, width, steps, layers, words, optimizer }) {
  const names = Array.from({ length: layers }, (_, i) => `rnn${i + 1}`);
  const stack = names.map((name, i) => `  ${name} = lstm(${names[i - 1] ?? 'embed'}, ${width})`).join('\n');
  const compressed = method === 'dkp';
  return `model memory {
  tokens = ids(vocab=${words})
  embed  = embedding(tokens, ${width})
${stack}
  next   = softmax(${names.at(-1)}, ${words})
}
${compressed ? `compress { ${names.join(', ')}: dkp(${factors[width]}) to 25x }` : ''}
train {
  data      = text("anywhere", batch=20, unroll=${steps})
  optimizer = ${optimizer}(clip=5)
  ${optimizer === 'adam' ? 'lr = 0.001' : ''}
  epochs    = 4
  ${compressed ? 'sparsity = cubic(from=1 epoch, to=3 epochs, every=100 steps)\n  regularize = cmr(p=50%, until=sparsity(90%))' : ''}
}
`;
}

/** Any words do: a step takes the same memory whatever they are. */
const words = ({ batch, unroll }) => ({ kind: 'generated', order: 1, vocabulary: 50, tokens: 50_000, batch, unroll });

/** Bytes in memory now, and the most there ever were. */
function memory() {
  const status = readFileSync('/proc/self/status', 'utf8');
  const of = (name) => 1024 * Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)[1]);
  return { now: of('VmRSS'), most: of('VmHWM') };
}

/** The growth of this process over one model. */
async function measure(name) {
  const load = (path) => import(`${dist}/${path}`);
  const [{ compile, compileTraining }, { findEngine }, { trainingMemory }, { measureEngine }] = await Promise.all(
    ['compile.js', 'engines/engines.js', 'lower/training-memory.js', 'train/engine-speed.js'].map(load),
  );
  const compiled = (described) => {
    const messages = [];
    const result = compile(
      'memory.cmp',
      () => program(described),
      (d) => messages.push(d.message),
    );
    if (result === undefined) throw new Error(messages.join('; '));
    return result.model;
  };
  const described = describe(name);
  const model = compiled(described);
  const engine = findEngine(values.engine);
  const common = { engine, threads: 2, forSeconds: 0.1 };
  // What the engine and the program take whatever the size is must not count: a tiny step runs first.
  const tiny = compiled(describe('dense-8x2'));
  await measureEngine({ ...common, step: compileTraining(tiny, false), loader: words(tiny.training.loader) });
  const step = compileTraining(model, described.method === 'dkp');
  globalThis.gc?.();
  const before = memory();
  const predicted = trainingMemory(step, engine.memory).step;
  await measureEngine({ ...common, step, loader: words(model.training.loader) });
  return { name, predicted, measured: memory().most - before.now };
}

if (values.one !== undefined) console.log(JSON.stringify(await measure(values.one)));
else {
  if (!values.json) {
    console.log(`${values.engine}; MB`);
    console.log(['model', 'predicted', 'measured growth', 'measured / predicted'].join('\t'));
  }
  for (const name of values.models.split(',')) {
    const own = ['--expose-gc', import.meta.filename, '--one', name, '--engine', values.engine];
    const row = JSON.parse(execFileSync(process.execPath, own, { encoding: 'utf8' }).trim().split('\n').at(-1));
    const megabytes = (bytes) => (bytes / 1e6).toFixed(1);
    if (values.json) console.log(JSON.stringify(row));
    else
      console.log(
        [row.name, megabytes(row.predicted), megabytes(row.measured), (row.measured / row.predicted).toFixed(2)].join(
          '\t',
        ),
      );
  }
}
