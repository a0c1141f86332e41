import { describe, expect, it } from 'vitest';
import { differentiate } from '../autodiff/differentiate.js';
import { finiteDifferences } from '../autodiff/finite-differences.js';
import { Builder } from '../graph/builder.js';
import { evaluate, type Feed } from '../graph/evaluate.js';
import type { Graph, OpOf, Value } from '../graph/ops.js';
import { fillUniform, streamKey } from '../tensor/random.js';
import { formatShape, size } from '../tensor/shape.js';
import { graphInputs } from './drop-unused.js';
import { trainingPasses } from './passes.js';
import { runPasses } from './run-passes.js';

interface Network {
  readonly layers: number;
  readonly vocabulary: number;
  readonly hidden: number;
  readonly steps: number;
  readonly batch: number;
  /** x W and its bias inside each time step instead of once for all. */
  readonly stepwise?: boolean;
  /** Weights stored (4 H, n), as the methods store them. */
  readonly rows?: boolean;
}

interface Trained {
  readonly graph: Graph;
  readonly weights: readonly string[];
}

/** h and c of one LSTM layer, unrolled: (steps * batch, n) -> (steps * batch, H). */
function layer(g: Builder, net: Network, name: string, x: Value, weights: string[]): Value {
  const { hidden: H, steps, batch, rows = false, stepwise = false } = net;
  const weight = (part: string, n: number): Value => {
    weights.push(`${name}.${part}`);
    return g.input(`${name}.${part}`, rows ? [4 * H, n] : [n, 4 * H]);
  };
  const [W, U] = [weight('W', g.shape(x)[1]!), weight('U', H)];
  weights.push(`${name}.b`);
  const b = g.input(`${name}.b`, [4 * H]);
  const share = (v: Value): Value => g.add(g.matmul(v, W, { transposeB: rows }), b);
  const whole = stepwise ? undefined : share(x);
  let h = g.input(`${name}.h`, [batch, H]);
  let c = g.input(`${name}.c`, [batch, H]);
  const outputs: Value[] = [];
  for (let t = 0; t < steps; t++) {
    const now = whole === undefined ? share(g.slice(x, 0, t * batch, batch)) : g.slice(whole, 0, t * batch, batch);
    const z = g.add(now, g.matmul(h, U, { transposeB: rows }));
    const [i, f, o, u] = g.split(z, 1, 4) as readonly [Value, Value, Value, Value];
    c = g.add(g.mul(g.sigmoid(f), c), g.mul(g.sigmoid(i), g.tanh(u)));
    h = g.mul(g.sigmoid(o), g.tanh(c));
    outputs.push(h);
  }
  return g.concat(outputs, 0);
}

/** Loss and the gradients of all weights of a word-level language model. */
function languageModel(net: Network): Trained {
  const { vocabulary, hidden: H, steps, batch } = net;
  const g = new Builder();
  const weights = ['table', 'logits.W', 'logits.b'];
  const ids = (name: string): Value => g.input(name, [steps * batch], 'int32');
  let x = g.gather(g.input('table', [vocabulary, H]), ids('words'));
  for (let l = 0; l < net.layers; l++) x = layer(g, net, `rnn${l}`, x, weights);
  const product = g.matmul(x, g.input('logits.W', [vocabulary, H]), { transposeB: true });
  const logits = g.add(product, g.input('logits.b', [vocabulary]));
  const loss = g.div(g.sum(g.crossEntropy(logits, ids('labels'))), g.constant(steps * batch));
  const byName = new Map(g.ops.flatMap((op, v) => (op.kind === 'input' ? [[op.attrs.name, v] as const] : [])));
  const found = differentiate(
    g,
    loss,
    weights.map((name) => byName.get(name)!),
  );
  const outputs = weights.map((name) => [`d ${name}`, found.get(byName.get(name)!)!] as const);
  return { graph: g.finish({ loss, ...Object.fromEntries(outputs) }), weights };
}

function feedOf(graph: Graph, vocabulary: number): Feed {
  const tensors = graphInputs(graph).map(({ attrs: { name, type }, shape }) => {
    const data = new Float64Array(size(shape));
    fillUniform(data, 0.8, streamKey(11, name));
    const ids = Int32Array.from(data, (x) => Math.floor(((x + 0.8) / 1.6) * vocabulary));
    return [name, { shape, data: type === 'int32' ? ids : data }] as const;
  });
  return Object.fromEntries(tensors) as Feed;
}

const products = (graph: Graph): readonly OpOf<'matmul'>[] => graph.ops.filter((op) => op.kind === 'matmul');
const printedShapes = (ops: readonly OpOf<'matmul'>[]): string[] => ops.map((op) => formatShape(op.shape)).sort();

const small = { layers: 2, vocabulary: 7, hidden: 3, steps: 4, batch: 2 };
const variants: readonly (readonly [string, Network])[] = [
  ['x W for all steps at once', small],
  ['x W at each step', { ...small, stepwise: true }],
  ['weights by rows', { ...small, rows: true }],
  ['weights by rows, at each step', { ...small, rows: true, stepwise: true }],
  ['batch 1', { ...small, batch: 1, rows: true }],
  ['one step', { ...small, steps: 1 }],
];

describe('the gradient of an unrolled LSTM language model', () => {
  it.each(variants)('agrees with finite differences before and after the passes: %s', (_, net) => {
    const { graph, weights } = languageModel(net);
    const feed = feedOf(graph, net.vocabulary);
    const before = evaluate(graph, feed);
    const after = evaluate(runPasses(graph, trainingPasses), feed);
    for (const name of weights) {
      const numeric = finiteDifferences(graph, 'loss', feed, name);
      numeric.forEach((d, i) => {
        expect(Math.abs(before[`d ${name}`]!.data[i]! - d), `${name}[${i}] before`).toBeLessThan(1e-8);
        expect(Math.abs(after[`d ${name}`]!.data[i]! - d), `${name}[${i}] after`).toBeLessThan(1e-8);
      });
    }
  });

  it.each([
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ])('is one product per weight after the passes (by rows: %s, stepwise: %s)', (rows, stepwise) => {
    const net = { layers: 2, vocabulary: 53, hidden: 5, steps: 9, batch: 3, rows, stepwise };
    const graph = runPasses(languageModel(net).graph, trainingPasses);
    const byWeight = products(graph).filter((op) => op.attrs.transposeA);
    const weight = rows ? '20x5' : '5x20';
    expect(printedShapes(byWeight)).toEqual([weight, weight, weight, weight, '53x5'].sort());
    // Every one contracts all time steps at once.
    for (const op of byWeight) expect(graph.ops[op.inputs[0]!]!.shape[0]).toBe(27);
    // Forward and backward of x W (two layers) and the logits, and h U per step, the first h being given.
    const others = products(graph).length - byWeight.length;
    expect(others).toBe(stepwise ? 2 * 9 + 2 * 9 + 1 + 1 + 2 * (9 + 8) : 2 + 2 + 1 + 1 + 2 * (9 + 8));
  });

  it('adds up nothing as large as a whole sequence, and concatenates the gate gradients once per layer', () => {
    const net = { layers: 2, vocabulary: 53, hidden: 5, steps: 9, batch: 3, rows: true };
    const graph = runPasses(languageModel(net).graph, trainingPasses);
    const isWhole = (shape: readonly number[]): boolean => shape[0] === 27 && shape[1] === 20;
    const whole = graph.ops.filter((op) => isWhole(op.shape));
    const kinds = whole.map((op) => op.kind).sort();
    // Per layer: x W and its bias, the gate gradients, and the factors of these.
    expect(kinds).toEqual(['add', 'add', 'concat', 'concat', 'concat', 'concat', 'matmul', 'matmul']);
    expect(graph.ops.some((op) => op.kind === 'pad' || op.kind === 'transpose')).toBe(false);
  });

  it('grows linearly in the number of steps', () => {
    const opsAt = (steps: number): number =>
      runPasses(languageModel({ ...small, rows: true, steps }).graph, trainingPasses).ops.length;
    const [a, b, c] = [opsAt(10), opsAt(20), opsAt(30)];
    expect(c! - b!).toBe(b! - a!);
  });

  it('is within reach at 200 steps and 4 layers', () => {
    const { graph } = languageModel({ layers: 4, vocabulary: 11, hidden: 2, steps: 200, batch: 2, rows: true });
    expect(graph.ops.length).toBeGreaterThan(40_000);
    const after = runPasses(graph, trainingPasses);
    expect(products(after).filter((op) => op.attrs.transposeA)).toHaveLength(9);
  }, 60_000);
});
