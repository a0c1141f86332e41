/** docs/language.md is what the sources say, and its program is one. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { layers } from '../src/layers/layers.js';
import { methods } from '../src/methods/methods.js';
import { emitSchemas } from '../src/model/emit.js';
import { sweepWords } from '../src/model/sweep-axes.js';
import { trainSchema } from '../src/model/training.js';
import { languagePage } from '../src/report/language-docs.js';
import { formatWords } from '../src/tensor/number-format.js';
import { checkText, modelOf, written } from './support/check-text.js';

const page = languagePage(modelOf);

describe('docs/language.md', () => {
  it('is up to date (npm run build && node scripts/print-language.mjs)', () => {
    expect(readFileSync(resolve(import.meta.dirname, '../docs/language.md'), 'utf8')).toBe(page);
  });

  it('names every layer, method, format, setting and target', () => {
    const words = [
      ...layers.map(({ word }) => `\`${word}(`),
      ...methods.map(({ name }) => `\`${name}(`),
      ...formatWords.map((word) => `\`${word}(`),
      ...Object.keys(trainSchema).map((name) => `| \`${name}\` |`),
      ...Object.keys(emitSchemas).map((target) => `\`emit ${target}\``),
      ...sweepWords.map((word) => `\`${word}\``),
    ];
    for (const word of words) expect(page).toContain(word);
  });

  it('states defaults as a program writes them', () => {
    expect(page).not.toContain('[object');
    expect(page).not.toContain('undefined');
    expect(page).toContain('| `momentum([momentum], [clip=], [weight_decay=])` | `momentum` |');
    expect(page).toMatch(/\| `every` \| how often the rate falls \| .* \| `1 epoch` \|/);
    expect(page).toMatch(/\| `dropout` \| .* \| `0%` \|/);
    expect(page).toMatch(/\| `init` \| .* \| uniform\(0\.1\), biases 0/);
    expect(page).toMatch(/\| `per` \| which values share a scale \| .* \| `row` \|/);
  });

  it('opens with a right program', () => {
    const text = /```cmp\n([\s\S]*?)```/.exec(page)![1]!;
    expect(checkText(text).all.map(written)).toEqual([]);
  });
});
