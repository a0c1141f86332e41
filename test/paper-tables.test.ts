/** The tables of `benchmarks/papers` that need no training, against the numbers of the papers. */
import { describe, expect, it } from 'vitest';
import { type Compiler, dkpCounts, printDkpCounts, printHlfRanks } from '../benchmarks/papers/paper-tables.mjs';
import { compile } from '../src/compile.js';
import { summarizeRules } from '../src/model/summary.js';

const compiler: Compiler = {
  compile: (text) =>
    compile(
      't.cmp',
      () => text,
      () => {},
    )?.model,
  rulesOf: summarizeRules,
};

describe('tables of the papers', () => {
  it('[H] table 1, exactly', () => {
    expect(printHlfRanks(compiler)).toBe(
      [
        'Matrix of Size (256,256)',
        'Compression Factor\tLMF\tHLF',
        '1.25\t102\t103 - 204',
        '1.67\t76\t78 - 153',
        '2.50\t51\t52 - 101',
        '5.00\t25\t26 - 50',
      ].join('\n'),
    );
  }, 60_000);

  it('[D] table 3: factors, overlay values, sparsities', () => {
    expect(dkpCounts(compiler).map(({ factor, kept }) => [factor, kept])).toEqual([
      [100, 23_846],
      [92, 26_787],
      [75, 35_121],
      [50, 57_672],
      [25, 125_324],
      [20, 159_150],
      [10, 328_280],
      [5, 666_540],
    ]);
    const printed = printDkpCounts(compiler).split('\n').slice(2);
    const sparsities = printed.map((row) => row.split(' | ')[2]);
    expect(sparsities).toEqual(['99.29%', '99.21%', '98.96%', '98.29%', '96.29%', '95.29%', '90.29%', '80.28%']);
  });
});
