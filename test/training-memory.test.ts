/** The memory that is predicted for large models, and that weights which are written in place count once. */
import { expect, it } from 'vitest';
import { type Compiled, compile, compileTraining } from '../src/compile.js';
import { tfjsWasm } from '../src/engines/tfjs/tfjs.js';
import { trainingMemory } from '../src/lower/training-memory.js';

const program = (hidden: number, words: number, steps: number, optimizer: string): string => `model large {
  tokens = ids(vocab=${words})
  embed  = embedding(tokens, ${hidden})
  rnn1   = lstm(embed, ${hidden})
  rnn2   = lstm(rnn1, ${hidden})
  next   = softmax(rnn2, ${words})
}
train {
  data      = text("anywhere", batch=20, unroll=${steps})
  optimizer = ${optimizer}(clip=5)
  lr        = 0.001
  epochs    = 1
}
`;

function memoryOf(
  text: string,
  ...engine: Parameters<typeof trainingMemory> extends [unknown, ...infer R] ? R : never
) {
  const { model } = compile(
    'large.cmp',
    () => text,
    () => undefined,
  ) as Compiled;
  return trainingMemory(compileTraining(model, false), ...engine);
}

const gibibyte = 2 ** 30;

it.each(['sgd', 'adam'])(
  '1500 units, 35 steps and 33,000 words train with %s in 24 GiB, checkpoints included',
  (rule) => {
    const { step, checkpoint } = memoryOf(program(1500, 33_000, 35, rule));
    expect(step + checkpoint).toBeLessThan(24 * gibibyte);
  },
);

it('values that are written in place count once on onnxruntime, all twice on tfjs', () => {
  const [hidden, words] = [8, 50];
  const state = 4 * (4 * 20 * hidden);
  const weights = 4 * (2 * hidden * words + words + 2 * (8 * hidden * hidden + 4 * hidden));
  const text = program(hidden, words, 3, 'adam');
  // The hidden states, half of all states, are still read by the gradients of the weights.
  expect(memoryOf(text).carried).toBe(3 * weights + state + state / 2);
  expect(memoryOf(text, tfjsWasm.memory!).carried).toBe(2 * (3 * weights + state));
});
