/** The training steps that are measured: programs in the language, compiled by this compiler, with values to run on. */
import { compile, compileTraining } from '../../dist/compile.js';
import { onProcessor } from '../../dist/engines/onnxruntime/loaded-model.js';
import { toPieces } from '../../dist/engines/onnxruntime/stored-pieces.js';
import { lowerTraining } from '../../dist/lower/training.js';
import { pieceNames } from '../../dist/passes/carried-pieces.js';
import { runPasses } from '../../dist/passes/run-passes.js';
import { fillKeep, fillUniform, streamKey } from '../../dist/tensor/random.js';
import { size } from '../../dist/tensor/shape.js';

export const vocabulary = 10_000;
export const batch = 20;
/** The two sizes of the PTB models of Zaremba et al. 2014: hidden units and unrolled steps. */
export const sizes = [
  { hidden: 200, steps: 20 },
  { hidden: 650, steps: 35 },
];

/** Kronecker factors of each size; B (x) C is (hidden, 2 hidden). */
const factors = { 200: 'dkp(B=10x20, C=20x20)', 650: 'dkp(B=13x65, C=50x20)' };

function programText(hidden, steps, compressed) {
  const compress = compressed ? `compress { rnn1, rnn2: ${factors[hidden]} to 25x }` : '';
  const regularize = `sparsity = cubic(from=2 epochs, to=20 epochs, every=100 steps)
    regularize = cmr(p=50%, until=sparsity(90%))`;
  return `model bench {
    tokens = ids(vocab=${vocabulary})
    embed  = embedding(tokens, ${hidden})
    rnn1   = lstm(embed, ${hidden})
    rnn2   = lstm(rnn1, ${hidden})
    next   = softmax(rnn2, ${vocabulary})
  }
  ${compress}
  train {
    data      = text("ptb", batch=${batch}, unroll=${steps})
    init      = uniform(0.05)
    optimizer = sgd(clip=5)
    lr        = constant(1)
    epochs    = 39
    ${compressed ? regularize : ''}
  }`;
}

function checkedModel(hidden, steps, compressed) {
  const text = programText(hidden, steps, compressed);
  const messages = [];
  const compiled = compile(
    'bench.cmp',
    () => text,
    (d) => messages.push(d.message),
  );
  if (compiled === undefined) throw new Error(messages.join('; '));
  return compiled.model;
}

/** The compiled step, dense or as doped Kronecker products with co-matrix row dropout. */
export const compileStep = (hidden, steps, compressed) =>
  compileTraining(checkedModel(hidden, steps, compressed), compressed);

/** The same with these passes in place of the compiler's own. */
export function lowerStep(hidden, steps, compressed, passes) {
  const step = lowerTraining(checkedModel(hidden, steps, compressed), { steps, batch, cmr: compressed });
  return { ...step, graph: runPasses(step.graph, passes) };
}

const drawn = (name, shape, fill) => {
  const data = new Float32Array(size(shape));
  fill(data, streamKey(1, name));
  return { shape, data };
};

/** Start values of parameters, masks and state by name. */
export function initialValues(step) {
  const values = new Map();
  for (const { name, shape, bound, value, mask } of step.parameters) {
    values.set(
      name,
      drawn(name, shape, (data, key) => (bound > 0 ? fillUniform(data, bound, key) : data.fill(value))),
    );
    if (mask !== undefined)
      values.set(
        mask,
        drawn(mask, shape, (data) => data.fill(1)),
      );
  }
  for (const { name, shape } of step.carried)
    values.set(
      name,
      drawn(name, shape, () => {}),
    );
  return values;
}

/**
 * What is fed at each step to a model of so many `words`. They repeat as in text: the k-th is drawn 1 / k times as
 * often as the first, which makes some 400 of 700 different (362 in Penn Treebank), 254 of 400 (232).
 */
export function feedsOf(step, words = vocabulary) {
  const feeds = { lr: { shape: [], data: Float32Array.of(1) } };
  for (const { name, shape } of step.data) {
    const draws = drawn(name, shape, (data, key) => fillUniform(data, 0.5, key)).data;
    feeds[name] = { shape, data: Int32Array.from(draws, (x) => Math.floor(words ** (x + 0.5)) - 1) };
  }
  for (const { name, shape } of step.draws) feeds[name] = drawn(name, shape, (data, key) => fillKeep(data, 0.5, key));
  return feeds;
}

/** Output -> input of everything that stays in the engine. */
export function carriesOf(step) {
  const names = [...step.parameters.map((p) => p.name), ...step.carried.map((c) => c.name)];
  return new Map(names.map((name) => [`${name}.next`, name]));
}

/** The step as the processor runs it: its ONNX model, and all inputs of one run by name, as onnxruntime has them. */
export function nativeStep(step) {
  const { onnx, forms } = onProcessor(step.graph, carriesOf(step));
  const given = { ...Object.fromEntries(initialValues(step)), ...feedsOf(step) };
  const stored = Object.entries(given).flatMap(([name, tensor]) => {
    const form = forms.get(name);
    if (form === undefined) return [[name, tensor]];
    const pieces = toPieces(form, tensor);
    return pieceNames(form, name).map((piece, i) => [piece, pieces[i]]);
  });
  return { onnx, inputs: new Map(stored) };
}

/** A loaded session with all its values set. */
export async function startStep(engine, step, threads) {
  const session = await engine.load(step.graph, { threads, carries: carriesOf(step) });
  for (const [name, tensor] of initialValues(step)) session.set(name, tensor);
  return session;
}

/** Floating-point operations of the dense step: forward and twice that backward, matrix products only. */
export const stepOperations = (hidden, steps) => 6 * (2 * 8 * hidden * hidden + hidden * vocabulary) * steps * batch;
