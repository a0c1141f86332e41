/** Input that nobody means: each is refused with a place and a cause in bounded output, or handled. */
import { expect, it } from 'vitest';
import { compile } from '../src/compile.js';
import { Diagnostics } from '../src/diagnostics/diagnostic.js';
import { printDiagnostic } from '../src/diagnostics/print.js';

const model = (units: string | number = 24, rnn = 'rnn'): string => `model tiny {
  tokens = ids(vocab=50)
  embed  = embedding(tokens, 16)
  ${rnn}    = lstm(embed, ${units})
  next   = softmax(${rnn}, 50)
}
`;

function examined(text: string) {
  const found = new Diagnostics();
  const compiled = compile('a.cmp', (path) => (path === 'a.cmp' ? text : undefined), found.report);
  for (const { span } of found.all) {
    expect(span.source.text).toBe(text);
    expect(span.start).toBeLessThanOrEqual(span.end);
    expect(span.end).toBeLessThanOrEqual(text.length);
  }
  const output = found.all.map((d) => printDiagnostic(d)).join('\n').length;
  expect(output).toBeLessThan(20_000);
  return { compiled, codes: found.all.map((d) => d.code) };
}

it.each([
  ['a byte order mark', `\uFEFF${model()}`],
  ['line ends of Windows', model().replaceAll('\n', '\r\n')],
  ['names of C', model(24, 'int')],
])('handled: %s', (_, text) => {
  const { compiled, codes } = examined(text);
  expect(codes).toEqual([]);
  expect(compiled).toBeDefined();
});

it.each([
  ['a NUL byte', model().replace('lstm', 'ls\0tm'), 'syntax/stray-character'],
  ['10 MB on one line', `${model()}train { ${'seed = 1 '.repeat(1_100_000)}}`, 'syntax/too-long'],
  ['100,000 open brackets', '('.repeat(100_000), 'syntax/too-deep'],
  ['100,000 open braces', '{'.repeat(100_000), 'syntax/too-deep'],
  ['100,000 open braces of a block', `${model()}compress ${'{\n'.repeat(100_000)}`, 'syntax/too-deep'],
  ['100,000 nested calls', `${model()}let a = ${'f('.repeat(100_000)}${')'.repeat(100_000)}`, 'syntax/too-deep'],
  // Lexing looked ahead to the end of such a word from each of its parts.
  ['a path of 50,000 parts', `${model()}compress { ${'rnn.'.repeat(50_000)}i: lmf(r=4) }`, 'compress/matches-nothing'],
  ['a name of 100,000 letters', model().replace('lstm', 'l'.repeat(100_000)), 'model/unknown-layer'],
  ['100,000 minus signs', `${model()}${'-'.repeat(100_000)}`, 'syntax/stray-character'],
  ['a number beyond 2^53', model('9007199254740993'), 'syntax/number-too-large'],
  ['a size of 0', model(0), 'argument/type'],
  ['a negative size', model(-3), 'argument/type'],
  ['a shape of 0', `${model()}compress { rnn: kp(B=0x5, C=6x8) }`, 'syntax/zero-dimension'],
  [
    'a shape whose product overflows',
    `${model()}compress { rnn: kp(B=9007199254740991x9007199254740991, C=2x2) }`,
    'kp/shapes',
  ],
  ['a tensor that cannot be addressed', model().replace('vocab=50', 'vocab=200_000_000'), 'model/too-large'],
])('refused: %s', (_, text, code) => {
  const { compiled, codes } = examined(text);
  expect(compiled).toBeUndefined();
  expect(codes).toEqual([code]);
});
