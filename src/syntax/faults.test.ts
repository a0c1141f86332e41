import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Diagnostic, Diagnostics } from '../diagnostics/diagnostic.js';
import { parse } from './parse.js';

const example = readFileSync(new URL('../../test/syntax/ptb-medium.cmp', import.meta.url), 'utf8');

function faults(text: string): readonly Diagnostic[] {
  const diagnostics = new Diagnostics();
  parse({ path: 'a.cmp', text }, diagnostics.report);
  return diagnostics.all;
}
const short = ({ code, message }: Diagnostic): string => `${code.replace('syntax/', '')}: ${message}`;

/** A statement of `train`, or of `compress` when it is a rule, and the one error it gives. */
const single: readonly (readonly [string, string])[] = [
  ['train {\n lr 0.5\n seed = 1\n}', 'unexpected: expects `=`, found `0.5`'],
  ['train {\n lr : 0.5\n seed = 1\n}', 'unexpected: expects `=`, found `:`'],
  ['train {\n a = b == c\n seed = 1\n}', 'unexpected: expects `name = value` or `}`, found `=`'],
  ['compress {\n rnn1 = prune\n *: dense\n}', 'unexpected: expects `:`, found `=`'],
  [
    'compress {\n rnn1: prune to\n rnn2: dense\n}',
    'missing-value: expects a goal after `to`, found the end of the line',
  ],
  ['compress {\n rnn1, : prune\n}', 'missing-name: a name is missing in front of `:`'],
  ['compress {\n *: hlf(j=, k=1)\n}', 'missing-value: expects a value after `=`, found `,`'],
  ['compress {\n *: prune to 25x to 3x\n}', 'unexpected: expects `:`, found `3x`'],
  ['compress {\n *: then int8\n}', 'unexpected: expects a name, found `then`'],
  ['compress {\n override: prune\n}', 'unexpected: expects a selector such as `rnn1` or `rnn*`, found `:`'],
  ['model 5 {\n}', 'unexpected: expects a name, found `5`'],
  ['emit "c" {\n}', 'unexpected: expects a name, found `"c"`'],
  ['train {\n a = text("b, c=2)\n d = 1\n}', 'cut-string: the string is not closed on its line'],
  ['train {\n lr =\n seed = 1\n}', 'missing-value: expects a value after `=`, found the end of the line'],
  ['train {\n lr =\n}', 'missing-value: expects a value after `=`, found the end of the line'],
  ['train {\n foo\n seed = 1\n}', 'unexpected: expects `=`, found the end of the line'],
  ['train {\n train = 1\n seed = 1\n}', 'reserved-word: `train` is a word of the language, not a name'],
  ['train {\n a = f(1, 2\n b = 1\n}', 'unexpected: expects `)`, found the end of the line'],
  ['train {\n a = [1, f(2), \n b = 1\n}', 'unexpected: expects `]`, found the end of the line'],
  ['train {\n a = f(1 2)\n b = 1\n}', 'unexpected: expects `)`, found `2`'],
  ['train {\n a = f(,)\n b = 1\n}', 'unexpected: expects `)`, found `,`'],
  ['train {\n a = f(1,)\n b = 1\n}', 'unexpected: expects a value, found `)`'],
  ['train {\n a = 1)\n b = 1\n}', 'unexpected: expects `name = value` or `}`, found `)`'],
  ['train {\n a = 1;\n b = 1\n}', 'stray-character: `;` (U+003B) has no meaning here'],
  ["train {\n a = 'x'\n b = 1\n}", "stray-character: `'` (U+0027) has no meaning here"],
  ['train {\n a = 1 / 2\n b = 1\n}', 'stray-character: `/` (U+002F) has no meaning here'],
  ['train {\n größe = 1\n b = 1\n}', 'non-ascii: `ö` (U+00F6) stands outside strings and comments'],
  ['train {\n a =\u00A01\n b = 1\n}', 'non-ascii: character U+00A0 stands outside strings and comments'],
  ['train {\n a = 1\n', 'unclosed-block: `train` is never closed, found the end of the file'],
  ['train {\n a = 1\nemit c {\n}', 'unclosed-block: `train` is never closed, found `emit`'],
  ['emit neon {\n', 'unclosed-block: `emit` is never closed, found the end of the file'],
  ['train\n a = 1\n}', 'unexpected: expects `{`, found the end of the line'],
  ['train fast {\n a = 1\n}', 'unexpected: expects `{`, found `fast`'],
  ['emit {\n a = 1\n}', 'missing-name: a name is missing in front of `{`'],
  ['model {\n a = ids(1)\n}', 'missing-name: a name is missing in front of `{`'],
  ['trian {\n a = 1\n b = f(2)\n}\nemit c {\n}', 'unknown-item: `trian` begins no block'],
  ['train {\n a = 1\n}\n}\nemit c {\n}', 'unexpected: expects {items}, found `}`'],
  ['train {\n a = 1 /* open\n b = 1\n}', 'cut-comment: the comment is never closed'],
  ['model m {\n my-rnn = lstm(x, 1)\n}', 'plain-name: `my-rnn` cannot be the name of a layer'],
  ['model my-model {\n}', 'plain-name: `my-model` cannot be the name of a model'],
  ['let a-b = 1', 'plain-name: `a-b` cannot be the name of a constant'],
  ['train {\n lr* = 1\n}', 'plain-name: `lr*` cannot be the name of a setting'],
  ['train {\n {a,b} = 1\n}', 'plain-name: `{a,b}` cannot be the name of a setting'],
  ['model m {\n a.b = lstm(x, 1)\n}', 'selector-not-here: `model` has no settings of single layers, found `a`'],
  ['emit c {\n cpu(rnn1) = a\n}', 'selector-not-here: `emit` has no settings of single layers, found `rnn1`'],
  ['model m from "a.onnx"', 'not-in-this-version: `model ... from` a file is not in this version of rnnc'],
  ['let a = b', 'let-literal: `let a` needs a literal, found a name'],
  ['let a = f(1)', 'let-literal: `let a` needs a literal, found a call'],
  ['let a = [1, [b]]', 'let-literal: `let a` needs a literal, found a name'],
  ['let train = 1', 'reserved-word: `train` is a word of the language, not a name'],
  ['let a 1\nlet b = 1', 'unexpected: expects `=`, found `1`'],
  ['language 2', 'language-version: language 2 is not known, this rnnc reads language 1'],
  ['let a = 1\nlanguage 1', 'language-first: `language` stands behind other items'],
  ['import base', 'unexpected: expects a string, found `base`'],
  ['compress {\n rnn1 prune\n *: dense\n}', 'unexpected: expects `:`, found the end of the line'],
  ['compress {\n rnn1:\n rnn2: dense\n}', 'missing-value: expects a method after `:`, found the end of the line'],
  ['compress {\n rnn1: prune to\n}', 'unexpected: expects a value, found the end of the line'],
  ['compress {\n rnn1: prune to 2x fewer\n}', 'unexpected: expects `macs`, found the end of the line'],
  ['compress {\n rnn1.2.: prune\n}', 'unexpected: expects a part of a path, such as `input` or `2`, found `:`'],
  ['compress {\n rnn1.{i,f: prune\n *: dense\n}', 'unexpected: expects `}`, found `:`'],
  ['compress {\n rnn1.-2: prune\n}', 'index-not-whole: `-2` is not the number of a layer'],
  ['compress {\n rnn1 except: prune\n}', 'unexpected: expects a selector such as `rnn1` or `rnn*`, found `:`'],
  ['compress {\n rnn1: 5\n *: dense\n}', 'unexpected: expects a name, found `5`'],
];

test.each(single)('%j', (text, expected) => {
  const items = '`language`, `model`, `compress`, `train`, `emit`, `sweep`, `let` or `import`';
  expect(faults(text).map(short)).toEqual([expected.replace('{items}', items)]);
});

test('several faults in one run, in the order of the text', () => {
  const text = [
    'langauge 1',
    'model m {',
    '  tokens = ids(vocab=10000',
    '  rnn1 = lstm(tokens, 650 dropout=50%)',
    '  next = softmax(rnn1, 10000)',
    'compress {',
    '  rnn1: prune to 0x',
    '  rnn2 prune',
    '}',
    'train { epochs = 6 epocs }',
  ].join('\n');
  expect(faults(text).map((d) => d.code.replace('syntax/', ''))).toEqual([
    ...['unknown-item', 'unexpected', 'unexpected', 'unclosed-block', 'zero-factor', 'unexpected', 'unknown-unit'],
  ]);
});

test('an unclosed block names the place where it was opened', () => {
  const [fault] = faults('train {\n a = 1\nemit c {\n}');
  expect(fault?.notes.map((note) => note.span?.start)).toEqual([6]);
});

test('the statements around a fault are kept', () => {
  const lines = example.split('\n');
  const broken = lines.map((line) => (line.includes('rnn1   =') ? '  rnn1 lstm(' : line)).join('\n');
  const diagnostics = new Diagnostics();
  const program = parse({ path: 'a.cmp', text: broken }, diagnostics.report);
  expect(diagnostics.all).toHaveLength(1);
  const model = program.items.find((item) => item.kind === 'block' && item.word === 'model');
  const names = model?.kind === 'block' ? model.statements.map((s) => (s.kind === 'setting' ? s.name.text : '')) : [];
  expect(names).toEqual(['tokens', 'embed', 'rnn2', 'next']);
});

test('a file that is no program gives a bounded number of errors', () => {
  const noise = Array.from({ length: 2000 }, (_, i) => `\u0000 ${i} = ) [ é ${'"'.repeat(i % 3)}`).join('\n');
  const found = faults(noise);
  expect(found.length).toBeLessThanOrEqual(51);
  expect(found.at(-1)?.code).toBe('syntax/too-many-errors');
});

test('nested braces are refused at the first one too deep, and nothing else is said of their block', () => {
  const deep = 'too-deep: brackets are nested 65 deep, allowed are 64';
  const blocks = ['', 'train ', 'model m ', 'compress ', 'compress { a.', 'train {\n}\nfoo '];
  for (const block of blocks) {
    for (const brace of ['{', '{\n']) {
      const found = faults(`language 1\n${block}${brace.repeat(20_000)}`).map(short);
      expect(found).toEqual([deep]);
    }
  }
  const [fault, ...others] = faults(`train ${'{'.repeat(70)}\nemit c {\n a = 13x0\n}`);
  expect(fault?.span.start).toBe('train '.length + 64);
  expect(others.map((d) => d.code)).toEqual(['syntax/zero-dimension']);
});

test('deep nesting is refused, not run into the ground', () => {
  const deep = (n: number): string => `train { a = ${'['.repeat(n)}1${']'.repeat(n)} \n b = 1 }`;
  expect(faults(deep(64))).toEqual([]);
  expect(faults(deep(65)).map(short)).toEqual(['too-deep: brackets are nested 65 deep, allowed are 64']);
  expect(faults(deep(20000)).map((d) => d.code)).toContain('syntax/too-deep');
  expect(faults(`train { ${'f(\n'.repeat(20000)}`).length).toBeGreaterThan(0);
});
