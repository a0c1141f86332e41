/** Emitted files are complete: another program loads them, feeds what the signature names, and gets the oracle's values. */
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { findEngine } from '../../src/engines/engines.js';
import { Builder } from '../../src/graph/builder.js';
import { evaluate, type Feed } from '../../src/graph/evaluate.js';
import type { StepGraph } from '../../src/lower/training-graph.js';
import { emitOnnx } from '../../src/targets/onnx/emit-onnx.js';
import type { OutputFile } from '../../src/targets/output-file.js';
import { emitTfjs } from '../../src/targets/tfjs/emit-tfjs.js';
import type { Tensor, Weights } from '../../src/tensor/tensor.js';
import { ids, wave } from './op-cases.js';

const require = createRequire(import.meta.url);

/** An embedding, a state that is carried, a masked matrix and a softmax; as a training or a prediction step. */
function smallStep(trains: boolean): StepGraph {
  const g = new Builder();
  const x = g.gather(g.input('embed.table', [7, 3]), g.input('data.tokens', [2], 'int32'));
  const h = g.tanh(g.add(x, g.input('state.rnn.h', [2, 3])));
  const w = g.input('next.W', [5, 3]);
  const y = g.softmax(g.matmul(h, w, { transposeB: true }));
  const outputs = { 'value.next': y, 'state.rnn.h.next': h };
  const moved = { 'next.W.next': g.sub(w, g.mul(w, g.mul(g.input('mask.next.W', [5, 3]), g.input('lr', [])))) };
  const facts = { bound: 0.1, value: 0, patch: undefined };
  return {
    graph: g.finish(trains ? { ...outputs, ...moved } : outputs),
    steps: 1,
    batch: 2,
    parameters: [
      { ...facts, name: 'embed.table', shape: [7, 3], mask: undefined },
      { ...facts, name: 'next.W', shape: [5, 3], mask: 'mask.next.W' },
    ],
    carried: [{ name: 'state.rnn.h', shape: [2, 3], role: 'state' }],
    draws: [],
    data: [{ name: 'data.tokens', layer: 'tokens', role: 'input', type: 'int32', shape: [2] }],
    trains,
  };
}

const weights: Weights = new Map(
  [['embed.table', wave([7, 3], 1)] as const, ['next.W', wave([5, 3], 2)] as const].map(([name, { shape, data }]) => [
    name,
    { shape, data: Float32Array.from(data) },
  ]),
);
const feeds: Readonly<Record<string, Tensor>> = {
  'data.tokens': ids(6, 2),
  'state.rnn.h': wave([2, 3], 3),
  'mask.next.W': wave([5, 3], 4),
  lr: { shape: [], data: Float32Array.of(0.5) },
};

const fileOf = (files: readonly OutputFile[], path: string): string | Uint8Array =>
  files.find((f) => f.path === path)!.contents;

const signatureIn = (files: readonly OutputFile[], path: string) =>
  JSON.parse(fileOf(files, path) as string) as {
    kind: string;
    inputs: { name: string; role: string }[];
    outputs: { name: string; replaces?: string }[];
  };

function expected(step: StepGraph): Readonly<Record<string, readonly number[]>> {
  const outputs = evaluate(step.graph, { ...feeds, ...Object.fromEntries(weights) } as Feed);
  return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, [...data]]));
}

function expectValues(found: Readonly<Record<string, ArrayLike<number>>>, step: StepGraph): void {
  for (const [name, values] of Object.entries(expected(step))) {
    values.forEach((value, i) => {
      expect(found[name]![i]).toBeCloseTo(value, 5);
    });
  }
}

const given = (names: readonly { readonly name: string }[]): [string, Tensor][] =>
  names.map(({ name }) => [name, feeds[name] ?? weights.get(name)!]);

test('the signature says what every input and output is for', () => {
  const signature = signatureIn(emitOnnx(smallStep(true), 'train'), 'train/signature.json');
  expect(signature.kind).toBe('train');
  expect(signature.inputs.map((i) => `${i.name}: ${i.role}`)).toEqual([
    'embed.table: parameter',
    'data.tokens: input',
    'state.rnn.h: state',
    'next.W: parameter',
    'mask.next.W: mask',
    'lr: scalar',
  ]);
  expect(signature.outputs.map((o) => `${o.name} -> ${o.replaces}`)).toEqual([
    'value.next -> undefined',
    'state.rnn.h.next -> state.rnn.h',
    'next.W.next -> next.W',
  ]);
});

for (const trains of [true, false]) {
  const kind = trains ? 'training' : 'prediction';

  test(`an emitted ONNX ${kind} step runs on onnxruntime`, async () => {
    const step = smallStep(trains);
    const files = emitOnnx(step, 'folder', weights);
    const { inputs } = signatureIn(files, 'folder/signature.json');
    const ort = await import('onnxruntime-node');
    const session = await ort.InferenceSession.create(fileOf(files, 'folder/model.onnx') as Uint8Array);
    expect([...session.inputNames].sort()).toEqual(inputs.map((i) => i.name).sort());
    const tensors = given(inputs).map(([name, { data, shape }]) => [
      name,
      data instanceof Int32Array ? new ort.Tensor('int32', data, shape) : new ort.Tensor('float32', data, shape),
    ]);
    const outputs = await session.run(Object.fromEntries(tensors));
    expectValues(Object.fromEntries(Object.entries(outputs).map(([n, t]) => [n, t.data as Float32Array])), step);
  });

  test(`an emitted tfjs ${kind} step loads as a graph model`, async () => {
    const step = smallStep(trains);
    const files = emitTfjs(step, 'folder', weights);
    const { inputs } = signatureIn(files, 'folder/signature.json');
    expect((await findEngine('tfjs-cpu')!.available()).available).toBe(true);
    const tf = require('@tensorflow/tfjs-core') as typeof import('@tensorflow/tfjs-core');
    const converter = require('@tensorflow/tfjs-converter') as typeof import('@tensorflow/tfjs-converter');
    const json = JSON.parse(fileOf(files, 'folder/model.json') as string);
    const weightData = (fileOf(files, 'folder/weights.bin') as Uint8Array<ArrayBuffer>).buffer;
    const { modelTopology, signature, weightsManifest } = json;
    const artifacts = { modelTopology, signature, weightSpecs: weightsManifest[0].weights, weightData };
    const model = await converter.loadGraphModel({ load: () => Promise.resolve(artifacts) });
    const tensors = given(inputs).map(([name, { data, shape }]) => [
      name,
      tf.tensor(data, [...shape], data instanceof Int32Array ? 'int32' : 'float32'),
    ]);
    const names = Object.keys(step.graph.outputs);
    const outputs = model.execute(Object.fromEntries(tensors), names) as import('@tensorflow/tfjs-core').Tensor[];
    expectValues(Object.fromEntries(names.map((name, i) => [name, outputs[i]!.dataSync()])), step);
  });
}
