/** A whole training step, several times over with carried weights: engines agree with the oracle and repeat exactly. */
import { describe, expect, test } from 'vitest';
import type { Session } from '../../src/engines/engine.js';
import { engineNames, findEngine } from '../../src/engines/engines.js';
import { evaluate, type Feed } from '../../src/graph/evaluate.js';
import { encodeOnnx, readOnnx } from '../../src/targets/onnx/encode-onnx.js';
import { printOnnx } from '../../src/targets/onnx/print-onnx.js';
import { graphToOnnx } from '../../src/targets/onnx/to-onnx.js';
import { encodeTfjs } from '../../src/targets/tfjs/encode-tfjs.js';
import { printTfjs } from '../../src/targets/tfjs/print-tfjs.js';
import { graphToTfjs } from '../../src/targets/tfjs/to-tfjs.js';
import type { Tensor } from '../../src/tensor/tensor.js';
import { languageModel } from './language-model.js';

const model = languageModel();
const runs = 4;

async function start(engine: string): Promise<Session> {
  const session = await findEngine(engine)!.load(model.graph, { threads: 2, carries: model.carries });
  for (const [name, tensor] of Object.entries(model.initial)) session.set(name, tensor);
  return session;
}

interface History {
  readonly losses: readonly number[];
  readonly weights: readonly (readonly number[])[];
}

async function train(engine: string): Promise<History> {
  const session = await start(engine);
  const losses: number[] = [];
  for (let t = 0; t < runs; t++) {
    const outputs = await session.run(model.feeds(t));
    expect(Object.keys(outputs)).toEqual(['loss']);
    losses.push(outputs['loss']!.data[0]!);
  }
  const weights: number[][] = [];
  for (const name of Object.keys(model.initial)) weights.push([...(await session.get(name)).data]);
  await session.close();
  return { losses, weights };
}

function trainOracle(): History {
  let carried: Feed = Object.fromEntries(
    Object.entries(model.initial).map(([name, { shape, data }]) => [name, { shape, data: Float64Array.from(data) }]),
  );
  const losses: number[] = [];
  for (let t = 0; t < runs; t++) {
    const outputs = evaluate(model.graph, { ...carried, ...(model.feeds(t) as Feed) });
    losses.push(outputs['loss']!.data[0]!);
    carried = Object.fromEntries([...model.carries].map(([output, input]) => [input, outputs[output]!]));
  }
  return { losses, weights: Object.keys(model.initial).map((name) => [...carried[name]!.data]) };
}

const expectClose = (found: readonly number[], expected: readonly number[]): void => {
  expected.forEach((value, i) => {
    expect(Math.abs(found[i]! - value)).toBeLessThan(1e-4 * Math.max(1, Math.abs(value)));
  });
};

const oracle = trainOracle();

test('the loss falls', () => {
  expect(oracle.losses.at(-1)!).toBeLessThan(oracle.losses[0]!);
});

// Those that rnnc brings: the others need a device, a browser or a package of the user's.
for (const name of ['onnxruntime', 'tfjs-wasm', 'tfjs-cpu']) {
  describe(name, () => {
    test('says its version', async () => {
      const { available, detail } = await findEngine(name)!.available();
      expect(available).toBe(true);
      expect(detail).toMatch(/\d+\.\d+/);
    });

    test('trains as the oracle does', async () => {
      const { losses, weights } = await train(name);
      expectClose(losses, oracle.losses);
      for (const [i, values] of oracle.weights.entries()) expectClose(weights[i]!, values);
    });

    test('repeats itself bit by bit', async () => {
      expect(await train(name)).toEqual(await train(name));
    });

    test('keeps what it is given, and gives copies', async () => {
      const session = await start(name);
      const given: Tensor = { shape: [4 * 5], data: new Float32Array(20).fill(0.25) };
      session.set('first.bias', given);
      await session.run(model.feeds(0));
      await session.run(model.feeds(1));
      expect([...given.data]).toEqual(new Array(20).fill(0.25));
      const copy = await session.get('first.bias');
      copy.data.fill(99);
      expect((await session.get('first.bias')).data[0]).not.toBe(99);
      await session.close();
    });
  });
}

test('engines are found by name and alias', () => {
  const own = ['onnxruntime', 'tfjs-wasm', 'tfjs-cpu', 'tfjs-node', 'tfjs-webgpu', 'tfjs-webgl'];
  expect(engineNames).toEqual([...own, 'tfjs']);
  expect(findEngine('tfjs')?.name).toBe('tfjs-wasm');
  expect(findEngine('tfjs-nod')).toBeUndefined();
});

test('text of the targets does not change from one writing to the next', () => {
  const other = languageModel().graph;
  expect(printOnnx(graphToOnnx(other))).toBe(printOnnx(graphToOnnx(model.graph)));
  expect(printTfjs(graphToTfjs(other))).toBe(printTfjs(graphToTfjs(model.graph)));
  expect(encodeTfjs(graphToTfjs(other))).toBe(encodeTfjs(graphToTfjs(model.graph)));
});

test('an ONNX file reads back as it was written', () => {
  const written = graphToOnnx(model.graph);
  expect(printOnnx(readOnnx(encodeOnnx(written)))).toBe(printOnnx(written));
  const ops = written.nodes.map((node) => node.op);
  // Of two threads that add to one row, one loses: rows are written, each once.
  const scattered = written.nodes.filter((node) => node.op === 'ScatterND');
  expect(scattered.map(({ attributes }) => attributes)).toEqual([{}]);
  expect(ops).not.toContain('Transpose');
  expect(ops).not.toContain('Slice');
  expect(ops.filter((op) => op === 'LogSoftmax')).toHaveLength(1);
});
