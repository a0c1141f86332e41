import { describe, expect, it } from 'vitest';
import { inColour, wantsColour } from '../support/colour.js';
import { paintReport } from './painted.js';

const marked = (text: string): string => paintReport(text, (style, t) => (t === '' ? '' : `<${style} ${t}>`));

describe('paintReport', () => {
  it('paints titles, rules and headings', () => {
    expect(marked('layers\n  layer  kind\n  -----  ----\n  rnn    lstm\n\nall done\n')).toBe(
      '<bold layers>\n<bold   layer  kind>\n<dim   -----  ---->\n  rnn    lstm\n\nall done\n',
    );
  });
  it('paints titles that are broken over lines', () => {
    expect(marked('run\n\nfirst     b\nsecond\n------  ---\nx       y\n')).toContain(
      '<bold second>\n<dim ------  --->',
    );
  });
  it('paints the branches of a tree, not what hangs on them', () => {
    expect(marked('rnn: 4 gates\n├─ goal: to 5x\n│  └─ because\n')).toBe(
      'rnn: 4 gates\n<dim ├─> goal: to 5x\n<dim │  └─> because\n',
    );
  });
  it('changes no character that is seen', () => {
    const text = 'a\n  b  c\n  -  --\n├─ d\n';
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escapes of colours
    expect(paintReport(text, inColour).replace(/\u001b\[[\d;]*m/g, '')).toBe(text);
  });
});

describe('colours are used', () => {
  it.each([
    [{}, true, true],
    [{}, false, false],
    [{ NO_COLOR: '1' }, true, false],
    [{ NO_COLOR: '' }, true, true],
    [{ NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
    [{ FORCE_COLOR: '1' }, false, true],
    [{ FORCE_COLOR: '' }, false, true],
    [{ FORCE_COLOR: '0' }, true, false],
    [{ TERM: 'dumb' }, true, false],
    [{ TERM: 'dumb', FORCE_COLOR: '3' }, false, true],
  ])('%j on a terminal: %s -> %s', (environment, isTerminal, expected) => {
    expect(wantsColour(environment, isTerminal)).toBe(expected);
  });
});
