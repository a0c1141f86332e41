/** `bidirectional=yes`: PyTorch's numbers, the layers it makes, and what is refused. */
import { describe, expect, it } from 'vitest';
import { findEngine } from '../src/engines/engines.js';
import { evaluate, type Feed } from '../src/graph/evaluate.js';
import { draw } from '../src/layers/test-support.js';
import { lowerPrediction, lowerTraining } from '../src/lower/training.js';
import { inputName, valueOutput } from '../src/lower/training-graph.js';
import { checkText, modelOf, written } from './support/check-text.js';
import { prunedWeights, trainingDistances } from './support/program-checks.js';

const program = (layer: string, rules = '', more = ''): string => `language 1
model tiny {
  x   = features(3)
  rnn = ${layer}
}
compress { ${rules} }
${more}
`;

/**
 * torch 1.13, float64: nn.RNN, nn.GRU, nn.LSTM(3, 2, bidirectional=True), 3 steps, batch 2, zero state. weight_ih,
 * weight_hh, bias_ih, bias_hh are sin(12.9898 (i + 1) + 78.233 s) with s = 1, 2, 9, 7 (bias_hh 0 but in nn.GRU), and
 * 20 more for the reverse direction; the input s = 5.
 */
const torch = [
  {
    layer: 'rnn(x, 2, bidirectional=yes)',
    y: [
      0.075216878223, -0.641757301239, 0.255904652047, 0.729042471564, 0.937302643387, 0.980042573893, 0.974364292324,
      0.995769919858, 0.945891565164, 0.994285406958, 0.96871486082, 0.968197215324, 0.465432213174, 0.986736878858,
      0.375001639383, 0.611934394403, -0.551036982792, -0.035271481299, -0.702103798491, -0.867163703071,
      0.292793458955, 0.485480292217, 0.046792306581, -0.503319575617,
    ],
  },
  {
    layer: 'gru(x, 2, reset_after=yes, bidirectional=yes)',
    y: [
      0.188215234858, -0.03608839505, 0.064233357196, 0.557757553155, -0.00849063024, 0.391046667973, 0.107623559106,
      0.326095566925, 0.090402824003, 0.565821418795, -0.032180725569, 0.646991944041, 0.006303375802, 0.210532950914,
      0.150507537619, -0.179326996616, 0.166836533978, 0.538167113961, 0.112811232542, -0.025738941577, 0.162583110529,
      0.157249239898, 0.161143972162, -0.057696573388,
    ],
  },
  {
    layer: 'lstm(x, 2, bidirectional=yes, merge=concat)',
    y: [
      0.059983433746, -0.046549580309, 0.025416737763, 0.193805700428, -0.049644716571, 0.191603849885, 0.218370101436,
      0.126460284332, -0.255284244257, 0.257765466053, -0.355544416644, 0.189714439713, 0.037182459745, 0.178806080122,
      0.207401771191, -0.099547433655, 0.01020100816, 0.237250268986, 0.018993904711, -0.087666004011, 0.064594361401,
      0.049778248711, 0.058502007598, -0.076189848676,
    ],
  },
];

/** Stored as input and state apart, so that tensors are those of PyTorch. */
const apart = 'rnn.input: dense()  rnn.recurrent: dense()';

/** The seed of a tensor's values: `rnn.backward.recurrent.W` -> 22. */
function seedOf(path: string): number {
  const kinds: readonly (readonly [string, number])[] = [
    ['input.W', 1],
    ['recurrent.W', 2],
    ['recurrent_bias', 7],
    ['bias', 9],
  ];
  const [, seed] = kinds.find(([end]) => path.endsWith(end))!;
  return seed + (path.includes('backward') ? 20 : 0);
}

/** (steps, batch, width) of the last layer. */
function predicted(text: string): Float64Array {
  const step = lowerPrediction(modelOf(text), { steps: 3, batch: 2 });
  expect(step.carried).toEqual([]);
  const feed: Feed = {
    ...Object.fromEntries(step.parameters.map(({ name, shape }) => [name, draw(shape, seedOf(name))])),
    [inputName('x')]: draw([6, 3], 5),
  };
  return evaluate(step.graph, feed)[valueOutput('rnn')]!.data;
}

it.each(torch)('$layer gives the numbers of PyTorch', ({ layer, y }) => {
  const found = predicted(program(layer, apart));
  expect(found.length).toBe(y.length);
  for (const [i, value] of y.entries()) expect(found[i]).toBeCloseTo(value, 11);
});

it('merge=sum adds the directions up', () => {
  const both = predicted(program(torch[0]!.layer, apart));
  const sum = predicted(program('rnn(x, 2, bidirectional=yes, merge=sum)', apart));
  const wanted = Array.from(
    sum,
    (_, i) => both[4 * Math.floor(i / 2) + (i % 2)]! + both[4 * Math.floor(i / 2) + 2 + (i % 2)]!,
  );
  for (const [i, value] of wanted.entries()) expect(sum[i]).toBeCloseTo(value, 12);
});

const layersOf = (text: string) =>
  modelOf(text)
    .layers.slice(1)
    .map(({ name, kind, inputs, shape, units }) => [
      name,
      kind,
      inputs.join(),
      shape.signal.kind === 'vector' ? shape.signal.width : 0,
      units.map(({ path }) => path).join(),
    ]);

describe('the layers of a definition', () => {
  it('are both directions and what joins them, of every layer of a stack', () => {
    expect(layersOf(program('lstm(x, 4, bidirectional=yes, layers=2, dropout=50%)', 'rnn.1: lmf(r=1)'))).toEqual([
      ['rnn.1.forward', 'lstm', 'x', 4, 'rnn.1.forward'],
      ['rnn.1.backward', 'lstm', 'x', 4, 'rnn.1.backward'],
      ['rnn.1', 'concat', 'rnn.1.forward,rnn.1.backward', 8, ''],
      ['rnn.2.forward', 'lstm', 'rnn.1', 4, 'rnn.2.forward'],
      ['rnn.2.backward', 'lstm', 'rnn.1', 4, 'rnn.2.backward'],
      ['rnn.2', 'concat', 'rnn.2.forward,rnn.2.backward', 8, ''],
    ]);
  });

  it('are selected together, each for its own goal, or by direction', () => {
    const { layers, pools } = modelOf(program('gru(x, 8, bidirectional=yes, merge=sum)', 'rnn: prune() to 4x'));
    expect(layers.at(-1)!.shape.signal).toEqual({ kind: 'vector', width: 8, perStep: true });
    // 288 parameters each, 24 of them biases: 72 are left, 48 of them values.
    expect(pools.map(({ layers: [name], kept }) => [name, kept])).toEqual([
      ['rnn.forward', 48],
      ['rnn.backward', 48],
    ]);
    expect(layersOf(program('rnn(x, 4, bidirectional=yes)', 'rnn.backward.input: lmf(r=1)')).map((l) => l[4])).toEqual([
      'rnn.forward',
      'rnn.backward.input,rnn.backward.recurrent',
      '',
    ]);
  });
});

it('trains: the gradient reaches both directions', () => {
  const model = modelOf(`language 1
model tiny {
  x     = features(3)
  rnn   = gru(x, 4, bidirectional=yes)
  class = softmax(rnn, 3)
}`);
  const { parameters, graph } = lowerTraining(model, { steps: 3, batch: 2, cmr: false });
  const names = parameters.map(({ name }) => name);
  expect(names).toContain('rnn.forward.bias');
  expect(names).toContain('rnn.backward.n.W');
  expect(names.every((name) => graph.outputs[`${name}.next`] !== undefined)).toBe(true);
});

describe('refusals', () => {
  it('a text model would see the answer', () => {
    const { all } = checkText(`language 1
model tiny {
  tokens = ids(vocab=9)
  embed  = embedding(tokens, 4)
  rnn    = lstm(embed, 4, bidirectional=yes)
  next   = softmax(rnn, 9)
}
train { data = generated(vocab=9)  epochs = 1 }
`);
    expect(all.map(written)).toEqual([
      'train/sees-the-answer: `next` predicts the next token of `generated`, but the backward direction of `rnn` has ' +
        'already read it (leave `bidirectional=yes` out of `rnn`) @ rnn    = lstm(embed, 4, bidirectional=yes)',
    ]);
  });

  it('merge= without directions, and a direction of a layer that has one', () => {
    expect(checkText(program('gru(x, 4, merge=sum)')).all.map(written)).toEqual([
      'layer/one-direction: `merge=` joins two directions, but this `gru` walks in one (write `bidirectional=yes` beside ' +
        'it, or leave `merge=` out) @ sum',
    ]);
    expect(checkText(program('gru(x, 4)', 'rnn.forward: lmf(r=1)')).all.map(written)).toEqual([
      'compress/matches-nothing: `rnn.forward` selects no weight (leave `.forward` out, or write `bidirectional=yes` in ' +
        'the layer: it walks in one direction) @ forward',
    ]);
  });
});

it.each(['lstm(x, 4, bidirectional=yes)', 'gru(x, 4, bidirectional=yes, layers=2)'])(
  'sequences of different lengths, side by side, give what each gives alone: %s',
  (layer) => {
    const model = modelOf(program(layer));
    const lengths = [4, 2];
    /** Values of the last layer, for sequences that fill the first of `steps` steps. */
    const run = (steps: number, which: readonly number[]): Float64Array => {
      const batch = which.length;
      const step = lowerPrediction(model, { steps, batch, padded: true });
      const x = new Float64Array(steps * batch * 3);
      const present = new Float64Array(steps * batch);
      for (const [b, sequence] of which.entries()) {
        const { data } = draw([4, 3], 50 + sequence);
        for (let t = 0; t < steps; t++) {
          // What lies behind the end must not matter.
          for (let j = 0; j < 3; j++) x[(t * batch + b) * 3 + j] = t < lengths[sequence]! ? data[t * 3 + j]! : 9;
          present[t * batch + b] = t < lengths[sequence]! ? 1 : 0;
        }
      }
      const parameters = step.parameters.map(({ name, shape }) => [name, draw(shape, name.length)] as const);
      const fed = { [inputName('x')]: { shape: [steps * batch, 3], data: x } };
      const feed = { ...Object.fromEntries(parameters), ...fed, present: { shape: [steps * batch], data: present } };
      return evaluate(step.graph, feed)[valueOutput(model.outputs[0]!)]!.data;
    };
    const both = run(4, [0, 1]);
    for (const sequence of [0, 1]) {
      const alone = run(lengths[sequence]!, [sequence]);
      for (let t = 0; t < lengths[sequence]!; t++) {
        const wanted = alone.subarray(t * 8, (t + 1) * 8);
        expect([...both.subarray((t * 2 + sequence) * 8, (t * 2 + sequence + 1) * 8)]).toEqual([...wanted]);
      }
    }
  },
);

describe('a training step on every engine', () => {
  const engines = ['onnxruntime', 'tfjs-wasm'].map((name) => findEngine(name)!);

  it.each([
    ['lstm(x, 5, bidirectional=yes, dropout=50%)', 'rnn: dkp(B=1x2, C=5x4, sparsity=50%)'],
    ['gru(x, 4, bidirectional=yes, merge=sum, layers=2)', 'rnn.1: lmf(r=1)'],
    ['gru(x, 4, bidirectional=yes, reset_after=yes)', 'rnn.forward: kp()  rnn.backward.input: prune(sparsity=50%)'],
    ['rnn(x, 7, bidirectional=yes, activation=relu)', ''],
  ])('%s, %s', async (layer, rules) => {
    const model = modelOf(`language 1
model tiny {
  x     = features(3)
  rnn   = ${layer}
  class = softmax(rnn, 3)
}
compress { ${rules} }`);
    const distances = await trainingDistances(model, prunedWeights(model, 1), false, engines);
    expect(distances.filter(({ share }) => !(share <= 1))).toEqual([]);
  });
});
