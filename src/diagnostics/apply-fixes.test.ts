import { describe, expect, it } from 'vitest';
import { Suggestion } from '../support/suggest.js';
import { applyFixes } from './apply-fixes.js';
import { catalogue } from './catalogue.js';
import { type Diagnostic, withFix } from './diagnostic.js';

const make = catalogue('test', {
  unknown: { severity: 'error', message: 'no `{word}` here', hint: '{suggestion}' },
});
const source = { path: 'a.cmp', text: 'prun 1 lfm 2' };
const at = (start: number, end: number) => ({ source, start, end });
const known = ['prune', 'lmf'];
const unknown = (word: string, start: number): Diagnostic =>
  make('unknown', at(start, start + word.length), { word, suggestion: new Suggestion(word, known) });

describe('fixes', () => {
  it('come from suggestions that name one word, at their own place', () => {
    expect(unknown('prun', 0)).toMatchObject({ choices: known, hint: 'did you mean `prune`?', fix: { text: 'prune' } });
    expect(unknown('xyz', 0).fix).toBeUndefined();
    expect(make('unknown', at(0, 6), { word: 'prun', suggestion: new Suggestion('prun', known) }).fix).toBeUndefined();
  });

  it('are applied together, from whichever order', () => {
    const [fixed] = applyFixes([unknown('lfm', 7), unknown('prun', 0)]);
    expect(fixed!.text).toBe('prune 1 lmf 2');
    expect(fixed!.fixes).toHaveLength(2);
  });

  it('that overlap wait', () => {
    const whole = withFix(unknown('prun', 0), 'dense', at(0, 6));
    expect(applyFixes([whole, unknown('prun', 0)])[0]!.text).toBe('dense lfm 2');
  });

  it('say what they do', () => {
    const d = unknown('prun', 0);
    expect([withFix(d, 'x').fix!.title, withFix(d, '').fix!.title, withFix(d, 'x', at(3, 3)).fix!.title]).toEqual([
      'replace `prun` by `x`',
      'remove `prun`',
      'insert `x`',
    ]);
  });

  it('of nothing are none', () => {
    expect(applyFixes([])).toEqual([]);
  });
});
