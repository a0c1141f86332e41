import { expect, it } from 'vitest';
import { agrees, comparedLine, reportLine } from './verify-model.js';

const found = { target: 'native', tokens: 500, what: 'tokens', built: 11.64814, engine: 11.6488 } as const;

it('the C is held against the engine, or against itself bit by bit', () => {
  const near = { ...found, engine: 11.64815, relative: 8.6e-7 };
  expect(agrees(near)).toBe(true);
  expect(comparedLine(near)).toBe(
    'test perplexity of 500 tokens on native: 11.64814, by the engine 11.64815 (8.6e-7 apart, within 0.0001)',
  );
  const exact = { ...found, exact: 11.8, relative: 0.0129 };
  expect(agrees(exact)).toBe(false);
  expect(comparedLine(exact)).toBe(
    'test perplexity of 500 tokens on native: 11.64814, computed bit by bit 11.80000 (1.3e-2 apart, outside 0.0001); ' +
      'by the engine 11.64880, which does not round vectors',
  );
});

it('of examples it tells labels', () => {
  const labels = { ...found, what: 'labels', engine: 11.64815, relative: 8.6e-7 } as const;
  expect(comparedLine(labels)).toContain('test perplexity of 500 labels on native: ');
});

it('rounded vectors in a program whose bits may differ have no limit', () => {
  const open = { ...found, relative: undefined };
  expect(agrees(open)).toBe(true);
  expect(comparedLine(open)).toBe(
    'test perplexity of 500 tokens on native: 11.64814, ' +
      'by the engine 11.64880 (which does not round vectors to integers)',
  );
});

it('a line of a self-test says how many bits it has compared', () => {
  const measured = { values: 10, largestError: 2e-7, bound: 1e-5, largestShare: 0.02, ulp: 3 };
  const report = { target: 'arm', compiler: 'gcc', status: 'passed', reason: '', random: undefined } as const;
  const plain = 'c on arm (gcc): passed, 10 values, largest error 2.0e-7 (3.0 ulp), its bound 1.0e-5';
  expect(reportLine('c', { ...report, measured })).toBe(plain);
  expect(reportLine('c', { ...report, measured: { ...measured, bits: 24 } })).toBe(
    `${plain}; 24 results have the bits of every processor`,
  );
});
