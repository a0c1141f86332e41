import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Diagnostics } from '../diagnostics/diagnostic.js';
import { parse } from '../syntax/parse.js';
import { check } from './check.js';
import type { Model } from './model.js';

function attempt(text: string) {
  const diagnostics = new Diagnostics();
  const source = { path: 'test.cmp', text };
  const model = check(parse(source, diagnostics.report), diagnostics.report);
  return { model, all: diagnostics.all };
}
describe('examples', () => {
  for (const file of readdirSync('examples').filter((f) => f.endsWith('.cmp'))) {
    it(`${file} is right`, () => {
      const { model, all } = attempt(readFileSync(`examples/${file}`, 'utf8'));
      expect(all).toEqual([]);
      expect(model).toBeDefined();
      console.log(
        (model as Model).pools,
        (model as Model).layers.map((l) => l.units.map((u) => [u.path, u.weight.method, u.weight.arguments])).flat(3),
      );
    });
  }
});
