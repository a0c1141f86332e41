import { expect, test } from 'vitest';
import type { Diagnostic } from './diagnostic.js';
import { diagnosticToJson } from './json.js';
import { printDiagnostic } from './print.js';

/** A diagnostic whose span is what stands between « and »; without them, the end of the text. */
function at(marked: string, more: Partial<Diagnostic> = {}): Diagnostic {
  const text = marked.replace(/[«»]/g, '');
  const start = marked.includes('«') ? marked.indexOf('«') : text.length;
  const end = marked.includes('«') ? marked.indexOf('»') - 1 : text.length;
  const span = { source: { path: 'ptb.cmp', text }, start, end };
  return { code: 'room/name', severity: 'error', message: 'cause', span, notes: [], ...more };
}
const excerpt = (marked: string): string => printDiagnostic(at(marked)).split('\n').slice(1).join('\n');
const lines = (...all: readonly string[]): string => all.join('\n');

test('the example of the language page', () => {
  const rule = '  rnn1: dkp(B=13x65, C=50x20, «sparsity=99.93%») to 100x';
  const d = at('\n'.repeat(11) + rule, {
    code: 'dkp/sparsity-contradicts-goal',
    message: 'sparsity 99.93% gives 274.0x, not 100x',
    hint: '100x needs sparsity=99.2945%; drop `to 100x` to keep 99.93%',
  });
  expect(printDiagnostic(d)).toBe(
    lines(
      'error[dkp/sparsity-contradicts-goal]: sparsity 99.93% gives 274.0x, not 100x',
      '  --> ptb.cmp:12:31',
      '   |',
      '12 |   rnn1: dkp(B=13x65, C=50x20, sparsity=99.93%) to 100x',
      '   |                               ^^^^^^^^^^^^^^^',
      'hint: 100x needs sparsity=99.2945%; drop `to 100x` to keep 99.93%',
    ),
  );
});

test('colours mark severity, place, carets and hint, and change no character', () => {
  const d = at('a = «b»', { hint: 'write it', notes: [{ message: 'because' }] });
  const marked = printDiagnostic(d, { paint: (style, text) => `<${style} ${text}>` });
  expect(marked).toBe(
    lines(
      '<error error[room/name]><bold : cause>',
      '<place  --> ptb.cmp:1:5'.replace('-->', '-->>'),
      '<place   |>',
      '<place 1 |> a = b',
      '<place   |>     <error ^>',
      '<place note>: because',
      '<hint hint>: write it',
    ),
  );
});

test('a narrow terminal shows a window of the line', () => {
  const d = at(`${'x'.repeat(200)} «bad» ${'y'.repeat(200)}`);
  for (const columns of [40, 60, 110]) {
    const shown = printDiagnostic(d, { columns }).split('\n');
    expect(Math.max(...shown.map((line) => line.length))).toBeLessThanOrEqual(columns);
    expect(shown.join('\n')).toContain('bad');
  }
});

test('notes with and without a place', () => {
  const d = at('let «a» = 1', {
    severity: 'warning',
    notes: [{ message: 'first given here', span: at('«b» = 2').span }, { message: 'and more' }],
  });
  expect(printDiagnostic(d)).toBe(
    lines(
      ...['warning[room/name]: cause', ' --> ptb.cmp:1:5', '  |', '1 | let a = 1', '  |     ^'],
      ...['note: first given here', ' --> ptb.cmp:1:1', '  |', '1 | b = 2', '  | ^', 'note: and more'],
    ),
  );
});

test.each([
  ['an empty file', '', [' --> ptb.cmp:1:1', '  |', '1 |', '  | ^']],
  ['the end of a file', 'ab', [' --> ptb.cmp:1:3', '  |', '1 | ab', '  |   ^']],
  ['the end behind a line break', 'ab\n', [' --> ptb.cmp:2:1', '  |', '2 |', '  | ^']],
  ['an empty span inside', 'a«»b', [' --> ptb.cmp:1:2', '  |', '1 | ab', '  |  ^']],
  ['tabs', '\ta\t«bc»', [' --> ptb.cmp:1:4', '  |', '1 |     a   bc', '  |         ^^']],
  ['a tab in the span', '«a\tb»', [' --> ptb.cmp:1:1', '  |', '1 | a   b', '  | ^^^^^']],
  ['CRLF', 'x\r\n«yy»\r\nz', [' --> ptb.cmp:2:1', '  |', '2 | yy', '  | ^^']],
  ['wide and astral characters', '"世😀" «x»', [' --> ptb.cmp:1:7', '  |', '1 | "世😀" x', '  |        ^']],
  ['control characters', 'a\u001B[31m «x»', [' --> ptb.cmp:1:8', '  |', '1 | a\uFFFD[31m x', '  |        ^']],
  ['two lines', 'a «b\n  c» d', [' --> ptb.cmp:1:3', '  |', '1 | a b', '  |   ^', '2 |   c d', '  |   ^']],
  [
    'many lines, the gutter as wide as the last',
    `${'\n'.repeat(7)}«a\nb\nc\nd\ne»`,
    ['  --> ptb.cmp:8:1', '   |', ' 8 | a', '   | ^', '   ...', '12 | e', '   | ^'],
  ],
])('%s', (_, marked, expected) => {
  expect(excerpt(marked)).toBe(lines(...expected));
});

test('a long line shows a window around the caret', () => {
  const text = excerpt(`${'a'.repeat(5000)}«bbb»${'c'.repeat(5000)}`);
  const [, , line = '', carets = ''] = text.split('\n');
  expect(line.length).toBeLessThan(180);
  expect(line.slice(carets.indexOf('^'), carets.lastIndexOf('^') + 1)).toBe('bbb');
});

test('the JSON form', () => {
  const d = at('x\n y «z\nw» v', { hint: 'do', notes: [{ message: 'n' }, { message: 'm', span: at('«q»').span }] });
  expect(diagnosticToJson(d)).toEqual({
    code: 'room/name',
    severity: 'error',
    message: 'cause',
    path: 'ptb.cmp',
    line: 2,
    column: 4,
    endLine: 3,
    endColumn: 2,
    hint: 'do',
    notes: [{ message: 'n' }, { message: 'm', path: 'ptb.cmp', line: 1, column: 1, endLine: 1, endColumn: 2 }],
  });
  expect('hint' in diagnosticToJson(at('x'))).toBe(false);
});
