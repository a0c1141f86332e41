/** What the types of `defineMethod` refuse: each line below is an error that the type checker must see. */
import { expect, test } from 'vitest';
import { positiveInteger } from '../arguments/schema.js';
import { defineMethod } from './define-method.js';
import type { TensorSpec } from './method.js';
import { findMethod, methods } from './methods.js';

const spec = (shape: readonly number[]): TensorSpec => ({ shape, bound: (a) => a, masked: false });
const base = {
  name: 'diagonal',
  summary: 'only the diagonal',
  law: 'W = diag(d)',
  source: 'a test',
  guide: { parameters: 'n', multiplyAdds: 'n', use: 'Never.', example: 'rnn1: diagonal' },
  rank: () => 1,
} as const;

test('arguments, tensors and message holes are typed', () => {
  const method = defineMethod({
    ...base,
    schema: { r: positiveInteger('width') },
    messages: { wide: { severity: 'error', message: '{r} of {most}' } },
    bind: ({ args, fail, need }) => {
      // @ts-expect-error: the hole `most` is not filled
      fail('wide', args.at('r'), { r: args.values.r });
      // @ts-expect-error: no such message
      fail('narrow', args.at('r'), {});
      // @ts-expect-error: no such argument
      need('rank');
      // @ts-expect-error: no such argument
      args.at('rank');
      return { r: args.values.r };
    },
    tensors: ({ gates }, { r }) => ({ D: spec([gates, r]) }),
    // @ts-expect-error: no such binding
    show: ({ rank }) => ({ rank }),
    prepare: ({ tensors }) => {
      // @ts-expect-error: no such tensor
      const missing = tensors.E;
      return () => missing;
    },
    reconstruct: ({ D }) => D,
    // @ts-expect-error: no such tensor
    plan: ({ paths }) => paths.E,
    // @ts-expect-error: the tensor D is missing
    fit: () => ({ E: new Float64Array(1) }),
  });
  expect(method).toMatchObject({ name: 'diagonal', sparse: false });
  expect(Object.keys(method)).not.toContain('bind');
});

test('the list holds every method once', () => {
  const names = methods.map((m) => m.name);
  expect(names).toEqual(['dense', 'prune', 'lmf', 'hlf', 'kp', 'dkp', 'hkp', 'tt', 'circulant']);
  expect(methods.filter((m) => m.sparse).map((m) => m.name)).toEqual(['prune', 'dkp']);
  for (const name of names) expect(findMethod(name)?.name).toBe(name);
});
