/** Every code that the sources can give has a page, a wrong program that gives it and nothing else, and a right one. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { examine } from '../src/cli/examine.js';
import { explainCode } from '../src/cli/explain-code.js';
import { common } from '../src/methods/common-messages.js';
import { methods } from '../src/methods/methods.js';
import { contradictions } from '../src/model/contradiction.js';
import { codePages } from '../src/report/diagnostic-pages/all-pages.js';
import { methodPages } from '../src/report/diagnostic-pages/method-pages.js';
import { diagnosticPages } from '../src/report/diagnostic-pages/print-page.js';
import { faultPages } from '../src/support/fault-codes.js';
import { written } from './support/check-text.js';

const source = resolve(import.meta.dirname, '../src');
const folder = resolve(import.meta.dirname, '../docs/diagnostics');

/** What cannot be said of a method, and why. */
const neverSaid: Readonly<Record<string, string>> = {
  'dense/open-argument': 'it has no arguments',
  'dense/more-than-dense': 'it is the dense matrix',
  'prune/open-argument': 'its sparsity is looked after by compress/open-argument',
  'prune/more-than-dense': 'what is pruned is counted when it is solved',
  'dkp/open-argument': 'its sparsity is looked after by compress/open-argument',
  'kp/open-argument': 'without factors the best pair is taken',
  'circulant/more-than-dense': 'a block is at most the shorter side, and its first column is stored',
};

describe('every code', () => {
  it('comes from a catalogue that has pages', () => {
    const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((f) => /(?<!\.test)\.ts$/.test(f));
    const makers = files.filter((f) => /\bcatalogue\(/.test(readFileSync(join(source, f), 'utf8')));
    expect(makers.map((f) => relative('.', f)).sort()).toEqual([
      'arguments/later.ts',
      'arguments/messages.ts',
      'fit/messages.ts',
      'layers/messages.ts',
      'methods/define-method.ts',
      'model/contradiction.ts',
      'model/format-messages.ts',
      'model/messages.ts',
      'model/sweep-messages.ts',
      'model/train-messages.ts',
      'syntax/messages.ts',
    ]);
  });

  it('of a method has a page, or cannot be said', () => {
    const codes = methods.flatMap(({ name, messages, sparse }) => {
      const shared = Object.keys({ ...common, ...contradictions }).filter((code) =>
        code === 'sparsity-contradicts-goal' ? sparse : code !== 'arguments-contradict-goal' || !sparse,
      );
      return [...Object.keys(messages), ...shared].map((code) => `${name}/${code}`);
    });
    expect(codes.filter((code) => neverSaid[code] === undefined).sort()).toEqual(Object.keys(methodPages).sort());
  });

  it('has one page', () => {
    const codes = codePages.map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
    expect(codes.length).toBeGreaterThan(150);
  });
});

describe('every code of a fault', () => {
  it('is used, and is no code of a diagnostic', () => {
    const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((f) => /(?<!\.test)\.ts$/.test(f));
    const others = files.filter((f) => !f.endsWith('fault-codes.ts'));
    const all = others.map((f) => readFileSync(join(source, f), 'utf8')).join('\n');
    const codes = Object.keys(faultPages);
    expect(codes.filter((code) => !all.includes(`'${code}'`))).toEqual([]);
    expect(codes.filter((code) => codePages.some((page) => page.code === code))).toEqual([]);
  });
});

describe('one fault, one error', () => {
  it.each(codePages.map((page) => [page.code, page] as const))('%s', (code, { entry, wrong, right, amongOthers }) => {
    expect(examine(right).map(written)).toEqual([]);
    const found = examine(wrong);
    if (amongOthers === true) expect(found.filter((d) => d.code === code)).toHaveLength(1);
    else
      expect(
        found.map((d) => [d.code, d.severity]),
        found.map(written).join('\n'),
      ).toEqual([[code, entry.severity]]);
    for (const { span } of found) {
      expect(span.start).toBeGreaterThanOrEqual(0);
      expect(span.end).toBeLessThanOrEqual(span.source.text.length);
      expect(wrong.files[span.source.path]).toBe(span.source.text);
    }
  });
});

describe('docs/diagnostics', () => {
  const pages = diagnosticPages(examine);
  it.each(pages)('$path is up to date (npm run build && node scripts/print-diagnostics.mjs)', ({ path, text }) => {
    expect(readFileSync(join(folder, path), 'utf8')).toBe(text);
  });
  it('holds no page of a code that is not there', () => {
    expect(readdirSync(folder).sort()).toEqual(pages.map(({ path }) => path).sort());
  });
});

describe('rnnc explain CODE', () => {
  const explain = (code: string, format?: string): string => {
    let out = '';
    const terminal = { write: (text: string) => (out += text) };
    const text = (option: string): string | undefined => (option === 'format' ? format : undefined);
    explainCode(code, { terminal, text } as never);
    return out;
  };
  it('prints the page', () => {
    expect(explain('dkp/shapes')).toBe(readFileSync(join(folder, 'dkp-shapes.md'), 'utf8'));
  });
  it('as data too', () => {
    expect(JSON.parse(explain('train/ends-late', 'json'))).toMatchObject({
      code: 'train/ends-late',
      severity: 'error',
    });
  });
  it('prints the page of a fault', () => {
    expect(explain('data/no-split')).toBe(readFileSync(join(folder, 'data-no-split.md'), 'utf8'));
    expect(JSON.parse(explain('file/missing', 'json'))).toMatchObject({ code: 'file/missing', severity: 'fault' });
  });
  it.each([
    ['data/no-splitt', 'did you mean data/no-split?'],
    ['dkp/shpaes', 'did you mean dkp/shapes?'],
    ['compress/ends-late', 'did you mean train/ends-late?'],
    ['no/such-thing-at-all', 'docs/diagnostics/README.md lists all codes'],
  ])('%s: %s', (code, hint) => {
    expect(() => explain(code)).toThrowError(expect.objectContaining({ hint }));
  });
});
