/** The pages of docs/methods/ are what the sources say. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { methodPages } from '../src/report/method-docs.js';
import { modelOf } from './support/check-text.js';

const folder = resolve(import.meta.dirname, '../docs/methods');
const pages = methodPages(modelOf);

describe('docs/methods', () => {
  it.each(pages)('$path is up to date (npm run build && node scripts/print-methods.mjs)', ({ path, text }) => {
    expect(readFileSync(join(folder, path), 'utf8')).toBe(text);
  });
  it('holds no page of a method that is not there', () => {
    expect(readdirSync(folder).sort()).toEqual(pages.map(({ path }) => path).sort());
  });
});
