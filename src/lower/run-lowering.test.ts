import { describe, expect, it } from 'vitest';
import { modelOf } from '../../test/support/check-text.js';
import { prunedWeights } from '../../test/support/program-checks.js';
import { inIntegers } from '../../test/support/tiny-plans.js';
import { formatText, type NumberFormat, type Per } from '../tensor/number-format.js';
import { fillUniform, streamKey } from '../tensor/random.js';
import { lowerInference } from './inference.js';
import { runPlan, type StepInput } from './plan-runner.js';
import { runInBlocks } from './test-run.js';

const cells = ['lstm(e, 5)', 'gru(e, 5)', 'gru(e, 5, reset_after=yes)', 'rnn(e, 5)', 'rnn(e, 5, activation=relu)'];
const programs: readonly (readonly [name: string, lines: string])[] = [
  ...cells.map((cell) => [cell, `x = ids(9)\n e = embedding(x, 7)\n r = ${cell}\n y = softmax(r, 9)`] as const),
  ['stacked', 'e = features(7)\n r = lstm(e, 5, layers=3)\n y = dense(r, 2)'],
  ['a cell as the output', 'e = features(7)\n r = gru(e, 5)'],
  [
    'an output that another reads',
    'e = features(7)\n r = lstm(e, 5)\n y = dense(r, 2, activation=relu)\n z = gru(y, 3)',
  ],
  [
    'dense layers between',
    'e = features(7)\n d = dense(e, 4, activation=tanh)\n r = rnn(d, 5)\n s = dense(r, 6)\n t = rnn(s, 3)',
  ],
  ['around a layer', 'e = features(7)\n r = rnn(e, 5)\n j = concat(e, r)\n s = lstm(j, 3)\n y = softmax(s, 2)'],
  ['no cell', 'e = features(7)\n d = dense(e, 4, activation=tanh)\n y = softmax(d, 2)'],
  ['at the end', 'e = features(7)\n r = lstm(e, 5, layers=2)\n l = last(r)\n y = softmax(l, 3)'],
  ['the last itself', 'e = features(7)\n r = lstm(e, 5)\n d = dense(r, 4)\n l = last(d)'],
  ['over time', 'e = features(7)\n r = gru(e, 5)\n d = dense(r, 4)\n m = max_over_time(d)\n y = softmax(m, 3)'],
  ['both directions', 'x = ids(9)\n e = embedding(x, 7)\n r = lstm(e, 5, bidirectional=yes)\n y = softmax(r, 3)'],
  [
    'both directions, stacked',
    'e = features(7)\n r = gru(e, 5, layers=2, bidirectional=yes, merge=sum)\n y = softmax(r, 3)',
  ],
  [
    'both directions, at the end',
    'e = features(7)\n r = rnn(e, 5, bidirectional=yes)\n l = last(r)\n y = softmax(l, 3)',
  ],
];
const rules: readonly (readonly [name: string, text: string])[] = [
  ['dense', ''],
  ['lmf', 'compress { r: lmf(r=2) }'],
  ['hlf', 'compress { r: hlf(j=2, k=1) }'],
  ['tables and cells by hlf', 'compress { e: lmf(r=2)  r: hlf(j=2, k=2) }'],
  ['input only', 'compress { r.input: lmf(r=2) }'],
  ['sparse', 'compress { r.recurrent: prune to 2x }'],
  ['all sparse', 'compress { r: prune to 2x }'],
  ['halves sparse', 'compress { r.input: prune to 2x  r.recurrent: prune to 2x }'],
  ['inputs in blocks', 'compress { r.input: prune(block=4x1) to 2x }'],
  ['outputs sparse', 'compress { y: prune to 2x }'],
  ['inputs doped', 'compress { r.input: dkp(sparsity=50%) }'],
];
const methods = rules.map(
  ([name, rule]) =>
    [
      `${name} by rule`,
      `x = ids(9)\n e = embedding(x, 7)\n r = lstm(e, 5, layers=2)\n y = softmax(r, 9)`,
      rule,
    ] as const,
);

const drawn = (size: number, kind: 'ids' | 'features', step: number): StepInput => {
  if (kind === 'ids') return (step * 5 + 3) % size;
  const values = new Float32Array(size);
  fillUniform(values, 1, streamKey(5, 'x', step));
  return values;
};

it.for(['prune to 2x', 'prune(block=4x1) to 2x', 'dkp(B=4x1, C=5x7, sparsity=50%)'])(
  'sparse products of the inputs run ahead under %s',
  (method) => {
    const lines = 'e = features(7)\n r = lstm(e, 5)\n y = softmax(r, 9)';
    const { run } = lowerInference(modelOf(`language 1\nmodel m {\n ${lines}\n}\ncompress { r.input: ${method} }`));
    const { stages } = run!.loops[0]!;
    const sparse = stages.map(({ calls }) => calls.filter(({ kind }) => kind === 'sparse' || kind === 'sliced').length);
    expect(stages.map(({ kind }) => kind)).toEqual(['ahead', 'walk']);
    expect(sparse).toEqual([1, 0]);
  },
);

it('takes steps in fours where entries are multiplied one by one', () => {
  const lines = 'e = features(7)\n r = lstm(e, 5)\n y = softmax(r, 9)';
  const stepsOf = (rule: string) =>
    lowerInference(modelOf(`language 1\nmodel m {\n ${lines}\n}\ncompress { ${rule} }`)).run?.steps;
  expect([stepsOf('r.input: prune to 2x'), stepsOf('r.recurrent: prune to 2x')]).toEqual([8, 6]);
});

const int = (per: Per): NumberFormat => ({ kind: 'integer', word: 'int4', per });
const formats: readonly NumberFormat[] = [
  { kind: 'float', word: 'float16' },
  int({ kind: 'tensor' }),
  int({ kind: 'row' }),
  int({ kind: 'group', values: 7 }),
];

it.for(formats)('the product of the inputs runs ahead in %o', (format) => {
  const lines = 'e = features(7)\n r = lstm(e, 5)\n y = softmax(r, 9)';
  const { run } = lowerInference(modelOf(`language 1\nmodel m {\n ${lines}\n}`), { formatOf: () => format });
  const gemvs = run!.loops[0]!.stages.map(({ kind, calls }) =>
    calls.flatMap((call) => (call.kind === 'gemv' ? [[kind, call.columns, call.within?.first]] : [])),
  );
  expect(gemvs).toEqual([[['ahead', 7, 0]], [['walk', 5, 7]]]);
});

const eachHalf = 'compress { r.input: dense  r.recurrent: dense }';

it('a product of integers runs ahead where the input has codes of its own, a row of them for each step', () => {
  const loopOf = (rule: string) => {
    const lines = 'e = features(7)\n r = lstm(e, 5)\n y = softmax(r, 9)';
    const formatOf = () => inIntegers('int8', { kind: 'row' });
    const { run } = lowerInference(modelOf(`language 1\nmodel m {\n ${lines}\n}\n${rule}`), { formatOf });
    return { run: run!, stages: run!.loops[0]!.stages };
  };
  const { run, stages } = loopOf(eachHalf);
  const products = stages.map(({ kind, calls }) =>
    calls.flatMap((call) => (call.kind === 'gemv' ? [[kind, call.columns]] : [])),
  );
  expect(products).toEqual([[['ahead', 7]], [['walk', 5]]]);
  const [ahead] = stages[0]!.calls.filter(({ kind }) => kind === 'quantize');
  const codes = ahead?.kind === 'quantize' ? run.buffers.find(({ id }) => id === ahead.codes.id) : undefined;
  expect(codes).toMatchObject({ role: 'block', size: 8 });
  expect(loopOf('').stages.map(({ kind }) => kind)).toEqual(['walk']);
});

it('a product walks where values on both sides of the state share a scale', () => {
  const lines = 'e = features(7)\n r = lstm(e, 5)\n y = softmax(r, 9)';
  const grouped = () => int({ kind: 'group', values: 3 });
  const { run } = lowerInference(modelOf(`language 1\nmodel m {\n ${lines}\n}`), { formatOf: grouped });
  const walked = run!.loops[0]!.stages.flatMap(({ kind, calls }) => (kind === 'walk' ? calls : []));
  expect(walked).toContainEqual(expect.objectContaining({ kind: 'gemv', columns: 12 }));
});

it.for(['lmf(r=2)', 'hlf(j=2, k=1)'])('the product of the inputs runs ahead under %s', (rule) => {
  const lines = 'e = features(7)\n r = lstm(e, 5)\n y = softmax(r, 9)';
  const { run } = lowerInference(modelOf(`language 1\nmodel m {\n ${lines}\n}\ncompress { r: ${rule} }`), {});
  const products = run!.loops[0]!.stages.map(({ kind, calls }) =>
    calls.flatMap((call) => (call.kind === 'gemv' ? [[kind, call.columns, call.within?.columns]] : [])),
  );
  // x has 7 values of the 12 that the stored matrix meets, h the others.
  expect(products[0]).toContainEqual(['ahead', 7, 12]);
  expect(products[1]).toContainEqual(['walk', 5, 12]);
});

/** Lines of a model, its rule, and the format of all weights where it is not float32. */
const cases: readonly (readonly [name: string, lines: string, rule: string, format?: NumberFormat])[] = [
  ...programs.map(([name, lines]) => [name, lines, ''] as const),
  ...methods,
  ...[...formats, int({ kind: 'group', values: 3 })].flatMap((format) =>
    [...cells, 'lstm(e, 5, layers=2, bidirectional=yes)'].map(
      (cell) =>
        [`${cell} in ${formatText(format)}`, `e = features(7)\n r = ${cell}\n y = softmax(r, 9)`, '', format] as const,
    ),
  ),
];

const integerCases: typeof cases = [
  inIntegers('int8', { kind: 'row' }),
  inIntegers('int8', { kind: 'group', values: 3 }),
  inIntegers('int4', { kind: 'tensor' }),
].flatMap((format) =>
  [...cells, 'lstm(e, 5, layers=2, bidirectional=yes)'].flatMap((cell) =>
    ['', eachHalf].map((rule) => {
      const lines = `e = features(7)\n d = dense(e, 6, activation=tanh)\n r = ${cell}\n y = softmax(r, 9)`;
      return [`${cell} in integers of ${formatText(format)} ${rule}`, lines.replace('(e, 5', '(d, 5'), rule, format];
    }),
  ),
);

describe('a run in blocks', () => {
  it.for([...cases, ...integerCases])('gives what steps give: %s', ([, lines, rule, format]) => {
    const model = modelOf(`language 1\nmodel m {\n ${lines}\n}\n${rule}`);
    const formatOf = format && (() => format);
    const plan = lowerInference(model, { maxSteps: 20, ...(formatOf === undefined ? {} : { formatOf }) });
    const { weights } = prunedWeights(model, 1);
    expect(plan.run).toBeDefined();
    expect(plan.workSize).toBeGreaterThanOrEqual(plan.run!.workSize);
    for (const count of [1, 6, 7, 19]) {
      const inputs = Array.from({ length: count }, (_, step) => plan.inputs.map((i) => drawn(i.size, i.kind, step)));
      const expected = runPlan(plan, weights, inputs);
      const perStep = (step: number) => expected.steps[step]!.map(({ values }) => values);
      const every = runInBlocks(plan, weights, inputs, true);
      expect(every.steps).toEqual(inputs.map((_, step) => perStep(step)));
      const last = runInBlocks(plan, weights, inputs, false);
      expect(last.steps).toEqual([perStep(count - 1)]);
      for (const { final } of [every, last]) expect(final).toEqual(expected.final.map(({ values }) => values));
      if (plan.maxSteps === undefined)
        for (const { states } of [every, last]) expect(states).toEqual(expected.states.map(({ values }) => values));
    }
  });
});

it('has no more steps in a block than the longest sequence has', () => {
  const model = modelOf(`language 1
    model tiny {
      x = ids(9)
      e = embedding(x, 7)
      r = lstm(e, 5, bidirectional=yes)
      y = softmax(r, 3)
    }`);
  const stepsOf = (maxSteps: number) => lowerInference(model, { maxSteps }).run?.steps;
  expect([1, 4, 5].map(stepsOf)).toEqual([1, 4, 5]);
  expect(stepsOf(1000)).toBeLessThan(100);
});
