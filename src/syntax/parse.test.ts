import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Diagnostics } from '../diagnostics/diagnostic.js';
import type { Program, Rule, Setting } from './ast.js';
import { dumpAst } from './dump.js';
import { parse } from './parse.js';

const example = readFileSync(new URL('../../test/syntax/ptb-medium.cmp', import.meta.url), 'utf8');

function good(text: string): Program {
  const diagnostics = new Diagnostics();
  const program = parse({ path: 'a.cmp', text }, diagnostics.report);
  expect(diagnostics.all.map((d) => `${d.code} ${d.message}`)).toEqual([]);
  return program;
}
function statement(text: string): Setting | Rule {
  const block = good(text).items[0];
  if (block?.kind !== 'block') throw new Error('no block');
  return block.statements[0]!;
}
function rule(text: string): Rule {
  const found = statement(`compress {\n  ${text}\n}`);
  if (found.kind !== 'rule') throw new Error('no rule');
  return found;
}

test('the program of the language page', () => {
  const program = good(example);
  expect(dumpAst(program)).toContain('ratio 1/1.2 = 0.8333333333333334');
  expect(program.items.map((item) => (item.kind === 'block' ? item.word : item.kind))).toEqual([
    ...['language', 'model', 'compress', 'train', 'emit'],
  ]);
  const names = program.items.flatMap((item) => (item.kind === 'block' ? [item.name?.text] : []));
  expect(names).toEqual(['ptb_medium', undefined, undefined, 'neon']);
  expect(program.span).toMatchObject({ start: 0, end: example.length });
});

test('every node knows its place', () => {
  const text = 'compress {\n  rnn1, lstm rnn* except rnn2: dkp(B=13x65, C=50x20) to 25x together then int8(per=row)\n}';
  const [block] = good(text).items;
  if (block?.kind !== 'block') throw new Error('no block');
  const at = ({ span }: { span: { start: number; end: number } }): string => text.slice(span.start, span.end);
  expect(at(block)).toBe(text);
  const found = block.statements[0] as Rule;
  expect(at(found)).toBe(text.slice(13, -2));
  expect(found.selectors.map(at)).toEqual(['rnn1', 'lstm rnn* except rnn2']);
  expect(found.selectors[1]!.except.map(at)).toEqual(['rnn2']);
  expect(at(found.method)).toBe('dkp(B=13x65, C=50x20)');
  expect(found.method.args.map(at)).toEqual(['B=13x65', 'C=50x20']);
  expect(found.goal === undefined ? '' : at(found.goal)).toBe('to 25x together');
  expect(found.then.map(at)).toEqual(['int8(per=row)']);
});

test("the papers' own notation", () => {
  const paper = good('compress { rnn1: dkp(B=13x65,C=50x20,sparsity=99.93%) }');
  expect(
    dumpAst(paper)
      .split('\n')
      .map((line) => line.trim()),
  ).toEqual([
    ...['program', 'block compress', 'rule', 'selector', 'part rnn1', 'call dkp'],
    ...[
      'argument B',
      'shape 13 x 65',
      'argument C',
      'shape 50 x 20',
      'argument sparsity',
      'percent 99.93% = 0.9993',
      '',
    ],
  ]);
  expect(rule('rnn1: hlf(j,k)').method.args.map((a) => [a.name, a.value.kind])).toEqual([
    [undefined, 'name'],
    [undefined, 'name'],
  ]);
  expect(rule('rnn1: hlf(102, 1)').method.args.map((a) => [a.name, a.value.kind])).toEqual([
    [undefined, 'number'],
    [undefined, 'number'],
  ]);
  expect(rule('rnn1: hlf(j=102, k=1)').method.args.map((a) => a.name?.text)).toEqual(['j', 'k']);
});

test.each([
  ['25x', { amount: { kind: 'factor', value: 25 }, unit: 'parameters', together: false }],
  ['10/3x together', { amount: { kind: 'factor', value: 10 / 3 }, unit: 'parameters', together: true }],
  ['40 KB', { amount: { kind: 'size', value: 40000 }, unit: 'parameters', together: false }],
  ['2x macs', { amount: { kind: 'factor', value: 2 }, unit: 'macs', together: false }],
  ['2x fewer macs together', { amount: { kind: 'factor', value: 2 }, unit: 'macs', together: true }],
  ['96%', { amount: { kind: 'percent', value: 0.96 }, unit: 'parameters', together: false }],
])('the goal %s', (text, goal) => {
  expect(rule(`rnn1: prune to ${text}`).goal).toMatchObject(goal);
});

test('override, sets, indices, kinds and exceptions', () => {
  const found = rule(
    'override rnn1.2.input.{i,f}, lstm *, rnn* except rnn2 except rnn3.{1,2}: prune then int8(per=row) then x',
  );
  expect(found.override).toBe(true);
  const [first, second, third] = found.selectors;
  expect(first?.parts.map((p) => p.alternatives.map((n) => n.text))).toEqual([['rnn1'], ['2'], ['input'], ['i', 'f']]);
  expect([second?.layerKind?.text, second?.parts[0]?.alternatives[0]?.text]).toEqual(['lstm', '*']);
  expect(third?.except.map((s) => s.parts.map((p) => p.alternatives.length))).toEqual([[1], [1, 2]]);
  expect(found.then.map((c) => c.callee.text)).toEqual(['int8', 'x']);
  expect(found.method.args).toEqual([]);
});

test('settings with a selector', () => {
  expect(statement('train { sparsity(rnn1 except rnn2) = cubic() }')).toMatchObject({
    name: { text: 'sparsity' },
    selector: { parts: [{ alternatives: [{ text: 'rnn1' }] }], except: [{}] },
  });
  expect(statement('sweep { rnn*.input.method = [lmf, hlf(k=1)] }')).toMatchObject({
    name: { text: 'method' },
    selector: { parts: [{ alternatives: [{ text: 'rnn*' }] }, { alternatives: [{ text: 'input' }] }] },
  });
  expect(statement('sweep { to = [2.5x, 10/3x] }')).toMatchObject({ name: { text: 'to' } });
});

test('comments and blank lines stay with their nodes', () => {
  const program = good(
    '// head\n\n\n// two\nlet a = /* in */ 1 // behind\n' +
      'model m { // open\n\n  b = ids(1) /* b */ /* c */\n\n  // end\n\n}\n// tail\n',
  );
  expect(program.items[0]).toMatchObject({
    trivia: { before: ['// head', '', '// two', '/* in */'], after: '// behind' },
  });
  expect(program.items[1]).toMatchObject({
    opening: '// open',
    statements: [{ trivia: { before: [], after: '/* b */ /* c */' } }],
    closing: ['', '// end'],
  });
  expect(program.closing).toEqual(['// tail']);
});

test.each(['', '\n', '\uFEFF', '// only a comment', ' \t\r\n'])('an empty program %j', (text) => {
  expect(good(text).items).toEqual([]);
});

test('carriage returns before line breaks change nothing', () => {
  expect(dumpAst(good(example.replaceAll('\n', '\r\n')))).toBe(dumpAst(good(example)));
});
