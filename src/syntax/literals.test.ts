import { expect, test } from 'vitest';
import { Diagnostics } from '../diagnostics/diagnostic.js';
import type { Expression } from './ast.js';
import { parse } from './parse.js';

function read(text: string): { value: Expression; codes: string[]; errors: Diagnostics['all'] } {
  const diagnostics = new Diagnostics();
  const program = parse({ path: 'a.cmp', text: `train { x = ${text}\n}` }, diagnostics.report);
  const block = program.items[0];
  const setting = block?.kind === 'block' ? block.statements[0] : undefined;
  if (setting?.kind !== 'setting') throw new Error(`no setting in ${text}: ${diagnostics.all[0]?.message}`);
  return { value: setting.value, codes: diagnostics.all.map((d) => d.code), errors: diagnostics.all };
}

/** The fields that matter, without spans. */
function plain(e: Expression): unknown {
  return JSON.parse(JSON.stringify(e, (key, value: unknown) => (key === 'span' ? undefined : value)));
}

const good: readonly (readonly [string, object])[] = [
  ['10_000', { kind: 'number', value: 10000, integer: true, text: '10_000' }],
  ['0', { kind: 'number', value: 0, integer: true, text: '0' }],
  ['-3', { kind: 'number', value: -3, integer: true, text: '-3' }],
  ['0.5', { kind: 'number', value: 0.5, integer: false, text: '0.5' }],
  ['1e-5', { kind: 'number', value: 1e-5, integer: false, text: '1e-5' }],
  ['2.5E+3', { kind: 'number', value: 2500, integer: false, text: '2.5E+3' }],
  ['1/1.2', { kind: 'ratio', value: 1 / 1.2, text: '1/1.2' }],
  ['99.93%', { kind: 'percent', value: 0.9993, text: '99.93%' }],
  ['100%', { kind: 'percent', value: 1, text: '100%' }],
  ['0%', { kind: 'percent', value: 0, text: '0%' }],
  ['13x65', { kind: 'shape', dimensions: [13, 65], text: '13x65' }],
  ['2x3x4', { kind: 'shape', dimensions: [2, 3, 4], text: '2x3x4' }],
  ['25x', { kind: 'factor', value: 25, text: '25x' }],
  ['10/3x', { kind: 'factor', value: 10 / 3, text: '10/3x' }],
  ['2.5x', { kind: 'factor', value: 2.5, text: '2.5x' }],
  ['12 B', { kind: 'size', value: 12, text: '12 B' }],
  ['40KB', { kind: 'size', value: 40000, text: '40 KB' }],
  ['1.5 MB', { kind: 'size', value: 1500000, text: '1.5 MB' }],
  ['2 GB', { kind: 'size', value: 2e9, text: '2 GB' }],
  ['64 KiB', { kind: 'size', value: 65536, text: '64 KiB' }],
  ['3\tMiB', { kind: 'size', value: 3 * 1048576, text: '3 MiB' }],
  ['1 GiB', { kind: 'size', value: 1073741824, text: '1 GiB' }],
  ['3 us', { kind: 'time', value: 3e-6, text: '3 us' }],
  ['2 ms', { kind: 'time', value: 0.002, text: '2 ms' }],
  ['2.1 s', { kind: 'time', value: 2.1, text: '2.1 s' }],
  ['32 kHz', { kind: 'clock', value: 32000, text: '32 kHz' }],
  ['100 MHz', { kind: 'clock', value: 1e8, text: '100 MHz' }],
  ['1.8 GHz', { kind: 'clock', value: 1.8e9, text: '1.8 GHz' }],
  ['1 epoch', { kind: 'period', value: 1, unit: 'epochs', text: '1 epoch' }],
  ['6 epochs', { kind: 'period', value: 6, unit: 'epochs', text: '6 epochs' }],
  ['1 step', { kind: 'period', value: 1, unit: 'steps', text: '1 step' }],
  ['100_000 steps', { kind: 'period', value: 100000, unit: 'steps', text: '100_000 steps' }],
  ['yes', { kind: 'boolean', value: true }],
  ['no', { kind: 'boolean', value: false }],
  ['"ptb"', { kind: 'string', value: 'ptb' }],
  ['"Grüße, \\"世界\\" \\\\ \\n"', { kind: 'string', value: 'Grüße, "世界" \\ \n' }],
  ['""', { kind: 'string', value: '' }],
  ['"// no comment"', { kind: 'string', value: '// no comment' }],
  ['cortex-a73', { kind: 'name', text: 'cortex-a73' }],
  ['2a', { kind: 'name', text: '2a' }],
  ['max_over_time', { kind: 'name', text: 'max_over_time' }],
  ['[]', { kind: 'list', items: [] }],
];

test.each(good)('%s', (text, expected) => {
  const { value, codes } = read(text);
  expect(codes).toEqual([]);
  expect(plain(value)).toEqual(expected);
});

test('lists, calls, named arguments and nesting', () => {
  const { value, codes } = read('f(1, [a, 2x], until=g(90%), from=h(), to=2 epochs)');
  expect(codes).toEqual([]);
  expect(plain(value)).toMatchObject({
    kind: 'call',
    callee: { text: 'f' },
    args: [
      { value: { kind: 'number', value: 1 } },
      { value: { kind: 'list', items: [{ kind: 'name' }, { kind: 'factor' }] } },
      { name: { text: 'until' }, value: { kind: 'call', args: [{ value: { kind: 'percent' } }] } },
      { name: { text: 'from' }, value: { kind: 'call', args: [] } },
      { name: { text: 'to' }, value: { kind: 'period', value: 2 } },
    ],
  });
});

const bad: readonly (readonly [string, string, string, string])[] = [
  ['6 epocs', 'unknown-unit', 'epocs', 'did you mean `6 epochs`?'],
  ['1 epocs', 'unknown-unit', 'epocs', 'did you mean `1 epoch`?'],
  ['1 MBB', 'unknown-unit', 'MBB', 'did you mean `1 MB`?'],
  ['40 kb', 'unknown-unit', 'kb', 'did you mean `40 KB`?'],
  ['56 M', 'unknown-unit', 'M', 'did you mean `56 MB`?'],
  ['2 m', 'unknown-unit', 'm', 'did you mean `2 ms`?'],
  ['4 BK', 'unknown-unit', 'BK', 'did you mean `4 KB`?'],
  ['1.2 GGHz', 'unknown-unit', 'GGHz', 'did you mean `1.2 GHz`?'],
  ['1.2 Hz', 'unknown-unit', 'Hz', 'did you mean `1.2 kHz` or `1.2 MHz` or `1.2 GHz`?'],
  ['25 x', 'unknown-unit', 'x', 'write `25x` without a space'],
  ['3 parsecs', 'unknown-unit', 'parsecs', 'use one of B, KB,'],
  ['13x0', 'zero-dimension', '13x0', 'at least 1'],
  ['0x', 'zero-factor', '0x', 'above 0'],
  ['0/3x', 'zero-factor', '0/3x', 'above 0'],
  ['1/0', 'zero-divisor', '1/0', 'above 0'],
  ['1/0x', 'zero-divisor', '1/0x', 'above 0'],
  ['120%', 'percent-range', '120%', '0% to 100%'],
  ['-5%', 'percent-range', '-5%', '0% to 100%'],
  ['-2 ms', 'negative', '-2 ms', 'write `2 ms`'],
  ['1__0', 'malformed-number', '1__0', '10_000'],
  ['12ab3', 'malformed-number', '12ab3', '10_000'],
  ['1.2.3', 'malformed-number', '1.2.3', '10_000'],
  ['9007199254740993', 'number-too-large', '9007199254740993', 'smaller'],
  ['1e999', 'number-too-large', '1e999', 'smaller'],
  ['"abc', 'cut-string', '"abc', 'close it'],
  ['"a\\', 'cut-string', '"a\\', 'close it'],
  ['"a\\qb"', 'unknown-escape', '\\q', 'use'],
  ['13×65', 'non-ascii', '×', 'ASCII'],
  ['“ptb”', 'non-ascii', '“', 'ASCII'],
];

test.each(bad)('%s is refused: %s', (text, code, excerpt, hint) => {
  const { codes, errors } = read(text);
  expect(codes).toEqual([`syntax/${code}`]);
  const { source, start, end } = errors[0]!.span;
  expect(source.text.slice(start, end)).toBe(excerpt);
  expect(errors[0]!.hint).toContain(hint);
});

test('a number and the statement behind it on the same line stay apart', () => {
  const diagnostics = new Diagnostics();
  const text = 'train { epochs = 39 seed = 1 w = 2 sparsity(rnn1) = 3 rnn*.method = [a] }\nlet a = 1 let b = 2';
  const program = parse({ path: 'a.cmp', text }, diagnostics.report);
  expect(diagnostics.all).toEqual([]);
  expect(program.items).toHaveLength(3);
});
