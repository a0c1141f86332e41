/**
 * The emitted tfjs folder in a real browser: a headless Chromium opens it from a server of this test, offline. Twenty
 * steps with pruning and co-matrix dropout end at the weights that the same steps give under Node.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserParts } from '../src/cli/browser-parts.js';
import { untrainedWeights } from '../src/cli/build-folder.js';
import { emitBlockOf, emitModel } from '../src/cli/emit-model.js';
import { type Compiled, compile, compileEvaluation, compilePrediction, compileTraining } from '../src/compile.js';
import { loadCorpus } from '../src/data/load.js';
import { findEngine } from '../src/engines/engines.js';
import type { Model } from '../src/model/model.js';
import { readSafetensors } from '../src/targets/safetensors/read.js';
import type { Weights } from '../src/tensor/tensor.js';
import { decodeCheckpoint } from '../src/train/checkpoint.js';
import { evaluatePerplexity } from '../src/train/evaluate.js';
import { train } from '../src/train/trainer.js';
import { findChromium, type Visit, visit } from './support/browser.js';

const steps = 20;
const home = mkdtempSync(join(tmpdir(), 'rnnc-browser-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** The quickstart, with every schedule pressed into twenty steps. */
const program = readFileSync(join(import.meta.dirname, '../examples/quickstart.cmp'), 'utf8')
  .replace(/tokens=200_000/, 'tokens=8_000')
  .replace(/lr .*=.*/, 'lr = decay(0.01, by=1/2, every=5 steps, after=10 steps)')
  .replace(/sparsity .*=.*/, 'sparsity = cubic(from=4 steps, to=16 steps, every=4 steps)')
  .replace(/epochs .*=.*/, 'epochs = 2');

const textProgram = `language 1
model words {
  tokens = ids(vocab=12)
  embed  = embedding(tokens, 8)
  rnn    = lstm(embed, 8)
  next   = softmax(rnn, 12)
}
train {
  data      = text("nowhere", batch=2, unroll=5)
  optimizer = sgd(clip=5)
  lr        = 0.5
  epochs    = 1
}
`;

function compiled(text: string): Model {
  const { model } = compile(
    'model.cmp',
    () => text,
    (d) => expect(d.severity).not.toBe('error'),
  ) as Compiled;
  return model;
}

function emitTo(folder: string, model: Model): void {
  for (const { path, contents } of emitModel(
    model,
    emitBlockOf(model, 'tfjs'),
    untrainedWeights(model),
    browserParts(),
  )) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), contents);
  }
}

/** The weights after `steps` updates of `rnnc train`. */
async function weightsUnderNode(model: Model, engine: string): Promise<Weights> {
  const training = model.training!;
  const folder = join(home, engine);
  let made = 0;
  await train({
    training,
    pools: model.pools,
    graphs: {
      step: () => compileTraining(model, false),
      coMatrix: () => compileTraining(model, true),
      evaluation: () => compileEvaluation(model),
    },
    engine: findEngine(engine)!,
    threads: 1,
    corpus: loadCorpus(training.loader, { programFolder: '.', vocabulary: 50, seed: training.seed }),
    folder,
    identity: { program: 'p'.repeat(64), compiler: '0' },
    resume: false,
    progress: ({ kind }) => {
      if (kind === 'step') made++;
    },
    shouldStop: () => made === steps,
  });
  const { tensors, position } = decodeCheckpoint(readFileSync(join(folder, 'checkpoint.rnnc')), 'checkpoint');
  expect(position.step).toBe(steps);
  return tensors;
}

function furthest(found: Weights, expected: Weights): number {
  let most = 0;
  for (const [name, { shape, data }] of found) {
    const other = expected.get(name)!;
    expect(other.shape).toEqual(shape);
    data.forEach((value, i) => {
      most = Math.max(most, Math.abs(value - other.data[i]!));
    });
  }
  return most;
}

/** The program in the README of the emitted folder, with fewer steps. */
function readmeScript(): string {
  const [, code] = /```js\n([\s\S]*?)```/.exec(readFileSync(join(home, 'page/README.md'), 'utf8'))!;
  expect(code).toContain('[200, 50]');
  return code!
    .replace('[200, 50]', '[4, 2]')
    .replace(/import (\{.*?\}) from '\.(.*?)'/, "const $1 = await import('/page$2')");
}

const text = 'the cat sat on the mat\nthe dog sat on the cat\n'.repeat(3);

const script = (): string => `
  const { createTrainer, createPredictor } = await import('/page/rnnc-model.js');
  const trainer = await createTrainer();
  const results = [];
  const evaluations = [await trainer.evaluate()];
  for (let i = 0; i < ${steps}; i++) {
    results.push(await trainer.update());
    if (i === 9 || i === ${steps - 1}) evaluations.push(await trainer.evaluate());
  }
  await post('/weights', await trainer.save());
  await post('/best', await trainer.save('best'));
  const byTensors = await createPredictor({ weights: await trainer.weights('best') });
  const byFile = await createPredictor({ weights: await trainer.save('best') });
  const wrong = await createPredictor({ weights: new Map() }).then(() => 'taken', (error) => error.message);
  const best = { byTensors: [...await byTensors.predict([0, 7, 3])], byFile: [...await byFile.predict([0, 7, 3])] };
  await byTensors.close();
  await byFile.close();
  await post('/evaluated', JSON.stringify({ evaluations, best: trainer.best, shares: best, wrong }));
  const { backend, stepsPerEpoch, totalSteps, bestPerplexity } = trainer;
  await trainer.close();
  await post('/training', JSON.stringify({ backend, stepsPerEpoch, totalSteps, bestPerplexity, results }));

  const run = async (options, updates) => {
    const opened = await createTrainer(options);
    for (let i = 0; i < updates; i++) await opened.update();
    const [weights, checkpoint] = [await opened.save(), await opened.checkpoint()];
    await opened.close();
    return { weights, checkpoint };
  };
  const whole = await run({}, 24);
  const first = await run({}, 9);
  const second = await run({ checkpoint: first.checkpoint }, 15);
  const altered = first.checkpoint.slice();
  altered[500] ^= 1;
  const damaged = await createTrainer({ checkpoint: altered }).then(() => 'taken', (error) => error.message);
  const same = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);
  await post('/resumed', JSON.stringify({
    weights: same(whole.weights, second.weights),
    checkpoint: same(whole.checkpoint, second.checkpoint),
    moved: !same(whole.weights, first.weights),
    damaged,
  }));

  const predictor = await createPredictor();
  const shares = await predictor.predict([0, 7, 3]);
  const plain = await createPredictor({ backend: 'cpu' });
  const onCpu = await plain.predict([0, 7, 3]);
  await post('/predicted', JSON.stringify({ wasm: [...shares], cpu: [...onCpu], backends: [predictor.backend, plain.backend] }));

  const logged = [];
  {
    const console = { log: (...values) => logged.push(values) };
${readmeScript()}
  }
  await post('/readme', JSON.stringify(logged.map((values) => values.map((v) => v.length ?? v))));

  const words = await import('/words/rnnc-model.js');
  const refused = await words.createTrainer().then(() => 'taken', (error) => error.message);
  const reader = await words.createTrainer({ text: ${JSON.stringify(text)} });
  const losses = [];
  for (let i = 0; i < 3 * reader.stepsPerEpoch; i++) losses.push((await reader.update()).loss);
  await post('/text', JSON.stringify({ refused, losses, words: reader.words, stepsPerEpoch: reader.stepsPerEpoch }));
  const held = await words.createTrainer({ text: ${JSON.stringify(text)}, validation: 0.3, validationTokens: 12 });
  const before = await held.evaluate();
  for (let i = 0; i < 12; i++) await held.update();
  await post('/held', JSON.stringify({ before, after: await held.evaluate(), stepsPerEpoch: held.stepsPerEpoch }));

  const frame = document.createElement('iframe');
  frame.style = 'width: 900px; height: 800px';
  frame.src = '/page/index.html';
  document.body.append(frame);
  await new Promise((resolve) => frame.addEventListener('load', resolve));
  const inside = (id) => frame.contentDocument.getElementById(id);
  const until = async (holds) => {
    while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  await until(() => !inside('toggle').disabled);
  const canvas = inside('curve');
  const pixels = () => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.join();
  const blank = pixels();
  inside('toggle').click();
  // The end of the first epoch.
  await until(() => inside('best').textContent !== '-' || inside('state').className === 'bad');
  inside('toggle').click();
  await until(() => !inside('restart').disabled || inside('state').className === 'bad');
  inside('ask').requestSubmit();
  await until(() => inside('answers').children.length > 0 || inside('state').className === 'bad');
  await post('/index', JSON.stringify({
    state: inside('state').textContent,
    step: Number(inside('step').textContent),
    loss: Number(inside('loss').textContent),
    drawn: pixels() !== blank,
    valid: Number(inside('valid').textContent),
    best: inside('best').textContent,
    save: inside('save').textContent,
    asked: inside('asked').textContent,
    answers: [...inside('answers').children].map((row) => row.firstChild.textContent),
  }));
  const stoppedAt = Number(inside('step').textContent);
  const again = new Promise((resolve) => frame.addEventListener('load', resolve, { once: true }));
  frame.contentWindow.location.reload();
  await again;
  await until(() => !inside('toggle').disabled);
  const offered = inside('start').value;
  inside('toggle').click();
  await until(() => Number(inside('step').textContent) > 0 || inside('state').className === 'bad');
  await post('/reloaded', JSON.stringify({
    offered,
    stoppedAt,
    step: Number(inside('step').textContent),
    state: inside('state').textContent,
    best: inside('best').textContent,
  }));
`;

const chromium = findChromium();
if (chromium === undefined) console.warn('test/browser.test.ts: no chromium on this machine, its tests are left out');

describe.runIf(chromium !== undefined)('in Chromium', () => {
  const model = compiled(program);
  let seen: Visit;
  const json = (path: string) => JSON.parse(seen.posted.get(path)!.toString());

  beforeAll(async () => {
    emitTo(join(home, 'page'), model);
    emitTo(join(home, 'words'), compiled(textProgram));
    seen = await visit(chromium!, home, script());
  }, 150_000);

  it('trains: the loss falls and every schedule runs its course', () => {
    const { backend, stepsPerEpoch, totalSteps, results, bestPerplexity } = json('/training');
    expect({ backend, stepsPerEpoch, totalSteps }).toEqual({ backend: 'wasm', stepsPerEpoch: 20, totalSteps: 40 });
    expect(results[0].loss).toBeCloseTo(Math.log(50), 1);
    const losses: number[] = results.map(({ loss }: { loss: number }) => loss);
    const mean = (part: readonly number[]): number => part.reduce((a, b) => a + b) / part.length;
    expect(mean(losses.slice(-5))).toBeLessThan(mean(losses.slice(0, 5)) - 0.1);
    expect(results.at(-1).learningRate).toBe(0.0025);
    const pool = model.pools[0]!;
    expect(results.at(-1).sparsity).toBeCloseTo(1 - pool.kept / pool.elements, 9);
    expect(bestPerplexity).toBeGreaterThan(1);
    expect(seen.missing).toEqual([]);
  });

  for (const engine of ['tfjs-wasm', 'onnxruntime'])
    it(`ends at the weights of Node on ${engine}`, async () => {
      const { tensors } = readSafetensors(seen.posted.get('/weights')!);
      const expected = await weightsUnderNode(model, engine);
      expect(tensors.size).toBe(compileTraining(model, true).parameters.length);
      const distance = furthest(tensors, expected);
      if (process.env['SHOW']) console.warn(engine, distance);
      expect(distance).toBeLessThan(1e-4);
    });

  it('goes on from a checkpoint to the same bits, and refuses a damaged one', () => {
    const { weights, checkpoint, moved, damaged } = json('/resumed');
    expect({ weights, checkpoint, moved }).toEqual({ weights: true, checkpoint: true, moved: true });
    expect(damaged).toMatch(/cut short or altered/);
  });

  it('keeps the run of index.html over a reload', () => {
    const { offered, stoppedAt, step, state, best } = json('/reloaded');
    expect(best).toBe(json('/index').best);
    expect(offered).toBe('kept');
    expect(step, state).toBeGreaterThan(stoppedAt);
    expect(step, state).toBeLessThan(stoppedAt + 10);
  });

  it('evaluates: held-out loss falls as Node measures it, and the best weights predict', async () => {
    const { evaluations, best, shares, wrong } = json('/evaluated');
    const [before, half, after] = evaluations;
    expect([before.step, half.step, after.step]).toEqual([0, 10, 20]);
    expect(before.loss).toBeCloseTo(Math.log(50), 1);
    expect(after.loss).toBeLessThan(before.loss - 0.1);
    expect([before.kept, half.kept, after.kept], 'kept behind the last pruning').toEqual([false, false, true]);
    expect(best).toEqual(after);
    const { tensors: weights } = readSafetensors(seen.posted.get('/best')!);
    expect(weights).toEqual(readSafetensors(seen.posted.get('/weights')!).tensors);
    const corpus = loadCorpus(model.training!.loader, { programFolder: '.', vocabulary: 50, seed: 1 });
    if (corpus.kind !== 'streams') expect.unreachable('a stream');
    const graph = compileEvaluation(model);
    const options = { graph, engine: findEngine('onnxruntime')!, threads: 1, weights, start: corpus.start };
    const score = await evaluatePerplexity({ ...options, stream: corpus.splits.get('valid')! });
    expect(after.tokens).toBe(800);
    expect(after.perplexity).toBeCloseTo(score!.perplexity, 3);
    expect(shares.byFile).toEqual(shares.byTensors);
    expect(shares.byTensors.reduce((a: number, b: number) => a + b)).toBeCloseTo(1, 5);
    expect(shares.byTensors).not.toEqual(json('/predicted').wasm);
    expect(wrong).toMatch(/of another program/);
  });

  it('runs the program of its README', () => {
    const logged = json('/readme');
    expect(logged.map(([step]: number[]) => step)).toEqual([2, 4, 50]);
  });

  it('predicts as Node does, on both backends', async () => {
    const { wasm, cpu, backends } = json('/predicted');
    expect(backends).toEqual(['wasm', 'cpu']);
    const { weights } = untrainedWeights(model);
    const step = compilePrediction(model);
    const carries = new Map(step.carried.map(({ name }) => [`${name}.next`, name]));
    const session = await findEngine('tfjs-wasm')!.load(step.graph, { threads: 1, carries });
    for (const { name } of step.parameters) session.set(name, weights.get(name)!);
    for (const { name, shape } of step.carried)
      session.set(name, { shape, data: new Float32Array(shape[0]! * shape[1]!) });
    let last: readonly number[] = [];
    for (const id of [0, 7, 3]) {
      const results = await session.run({ 'data.tokens': { shape: [1], data: Int32Array.of(id) } });
      last = [...results['value.next']!.data];
    }
    await session.close();
    expect(last.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
    last.forEach((share, id) => {
      expect(wasm[id]).toBeCloseTo(share, 6);
      expect(cpu[id]).toBeCloseTo(share, 6);
    });
  });

  it('trains a model of text on text that it is given', () => {
    const { refused, losses, words, stepsPerEpoch } = json('/text');
    expect(refused).toMatch(/trained on text, and none was given/);
    expect(words).toEqual(['the', 'cat', 'sat', 'on', '<eos>', 'mat', 'dog', '<unk>']);
    expect(stepsPerEpoch).toBe(4);
    expect(losses.at(-1)).toBeLessThan(losses[0]);
  });

  it('holds out a part of the text', () => {
    const { before, after, stepsPerEpoch } = json('/held');
    expect([before.tokens, after.tokens]).toEqual([12, 12]);
    expect(after.loss).toBeLessThan(before.loss);
    expect(after.kept).toBe(true);
    expect(stepsPerEpoch).toBe(2);
  });

  it('shows the training in index.html', () => {
    const { state, step, loss, drawn } = json('/index');
    expect(state).toBe('paused');
    expect(step).toBeGreaterThanOrEqual(20);
    expect(loss).toBeGreaterThan(0);
    expect(drawn).toBe(true);
  });

  it('shows the validation in index.html, and asks the best weights', () => {
    const { valid, best, save, asked, answers } = json('/index');
    expect(valid).toBeGreaterThan(1);
    expect(best).toBe(`${valid.toFixed(2)}, 20`);
    expect(save).toBe('Save best weights');
    expect(asked).toMatch(/step 20 of this run/);
    expect(answers).toHaveLength(5);
    for (const word of answers) expect(word).toMatch(/^(<eos>|w\d+)$/);
  });
});
