import { expect, test } from 'vitest';
import { factor } from '../../support/units.js';
import { maskedElements, parameterCount } from '../parameters.js';
import { draw, matrixOf, tryMethod, weightOf } from '../test-support.js';

const layer = matrixOf(4, 650, 650, 650);
const paper = { B: [13, 65], C: [50, 20] };

test.each([
  [500, 14.29],
  [1000, 8.33],
])('W 100x100 as 10x10 (x) 10x10 with %i values of S is %f x smaller ([D] section 3)', (kept, wanted) => {
  const weight = weightOf('dkp', { B: [10, 10], C: [10, 10] }, matrixOf(1, 100, 100));
  expect(10_000 / parameterCount(weight, kept)).toBeCloseTo(wanted, 2);
});

test('the PTB layer at sparsity=99.93% is 274.0x, its 4 * 650 biases counted ([D] table 1 prints 100x)', () => {
  const weight = weightOf('dkp', { ...paper, sparsity: { percent: 99.93 } }, layer);
  const kept = Math.round((1 - 0.9993) * maskedElements(weight));
  expect(kept).toBe(2366);
  expect(parameterCount(weight, kept) + 2600).toBe(12_346);
  expect(factor(3_382_600 / 12_346)).toBe('274.0x');
});

test.each([
  [100, 23_846],
  [92, 26_787],
  [75, 35_121],
  [50, 57_672],
  [25, 125_324],
  [20, 159_150],
  [10, 328_280],
  [5, 666_540],
])('%i x of the PTB layer leaves %i values of S ([D] table 3)', (wanted, kept) => {
  const weight = weightOf('dkp', paper, layer);
  expect(Math.round(3_382_600 / wanted) - 2600 - parameterCount(weight, 0)).toBe(kept);
});

test('the sparsity is the dial: it has no other', () => {
  expect(tryMethod('dkp', { ...paper, sparsity: { percent: 99.93 } }, layer).use).toMatchObject({
    complete: true,
    sparsity: expect.closeTo(0.9993, 12),
  });
  const { use, weight } = tryMethod('dkp', paper, layer);
  expect(use).toMatchObject({ complete: false, dial: undefined, sparsity: undefined });
  expect(weight?.rank).toBe(650);
});

test('shapes of the stacked matrix stack the gates', () => {
  const weight = weightOf('dkp', { B: [52, 65], C: [50, 20] }, layer);
  expect(weight.tensors['S']?.shape).toEqual([1, 2600, 1300]);
});

test('wrong shapes are refused', () => {
  const { diagnostics } = tryMethod('dkp', { B: [13, 65], C: [20, 50] }, layer);
  expect(diagnostics).toMatchObject([
    { code: 'dkp/shapes', message: expect.stringContaining('B=13x65 and C=20x50 make 260x3250, but rnn1 is 650x1300') },
  ]);
});

test.each([
  ['2a', [undefined, undefined, 'beta']],
  ['2b', ['alpha', undefined, 'beta']],
])('form=%s weighs the parts by scalars that are not counted ([D] eq. 2)', (written, scales) => {
  const weight = weightOf('dkp', { ...paper, form: written }, layer);
  expect(['B', 'C', 'S'].map((name) => weight.tensors[name]!.scale?.name)).toEqual(scales);
  expect(weight.tensors['S']!.scale?.penalty).toEqual({ of: 'magnitude', weight: 1e-4 });
  expect(parameterCount(weight, 2366)).toBe(parameterCount(weightOf('dkp', paper, layer), 2366));
  expect(weight.arguments.slice(2)).toEqual([
    { name: 'form', value: written },
    { name: 'penalty', value: '0.0001' },
  ]);
});

test('alpha is made large by a penalty on its inverse', () => {
  const { B } = weightOf('dkp', { ...paper, form: '2b', penalty: 3 }, layer).tensors;
  expect(B!.scale?.penalty).toEqual({ of: 'inverse', weight: 3 });
});

test('a penalty without scalars is refused', () => {
  expect(tryMethod('dkp', { ...paper, penalty: 3 }, layer).diagnostics).toMatchObject([
    { code: 'dkp/nothing-to-penalize', message: '`penalty` weighs alpha and beta, form 1 has neither' },
  ]);
});

test('a form that there is not is told as a word, not as a constant', () => {
  expect(tryMethod('dkp', { ...paper, form: '2c' }, layer).diagnostics).toMatchObject([
    { code: 'argument/unknown-word', message: '`form` cannot be `2c`', hint: 'did you mean `2a` or `2b`?' },
  ]);
});

test('form=1 is the plain sum, form=3 is unknown', () => {
  expect(tryMethod('dkp', { ...paper, form: 1 }, layer).diagnostics).toEqual([]);
  expect(tryMethod('dkp', { ...paper, form: 3 }, layer).diagnostics).toMatchObject([
    { code: 'argument/type', message: '`form` expects one of `1`, `2a`, `2b`, found the number 3' },
  ]);
});

test('fit keeps as many values as it may, and is nearer than either part alone', () => {
  const matrix = matrixOf(2, 8, 12);
  const dense = draw(2 * 96, 'full');
  const distanceOf = (name: string, kept: number): number => {
    const weight = weightOf(name, {}, matrix);
    const fitted = weight.fit(dense, kept);
    if (fitted.kind === 'refused') throw new Error(fitted.reason);
    const w = weight.reconstruct(fitted.values);
    if (name === 'dkp') expect(fitted.values['S']!.filter((v) => v !== 0)).toHaveLength(kept);
    return dense.reduce((sum, v, i) => sum + (v - w[i]!) ** 2, 0);
  };
  const doped = distanceOf('dkp', 40);
  expect(doped).toBeLessThan(distanceOf('kp', 0));
  expect(doped).toBeLessThan(distanceOf('prune', 40));
  expect(distanceOf('dkp', 192)).toBeLessThan(1e-20);
});

test('fit finds a Kronecker product with single values added to it', () => {
  const matrix = matrixOf(1, 20, 30);
  const weight = weightOf('dkp', { B: [4, 5], C: [5, 6] }, matrix);
  const S = new Float64Array(600);
  for (const at of [17, 250, 251, 480]) S[at] = at % 2 === 0 ? 9 : -9;
  const values = { B: draw(20, 'B'), C: draw(30, 'C'), S };
  const w = weight.reconstruct(values);
  const fitted = weight.fit(w, 4);
  if (fitted.kind === 'refused') throw new Error(fitted.reason);
  expect(fitted.values['S']!.map((v) => Math.round(v))).toEqual(S);
});
