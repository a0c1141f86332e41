/** The list of production dependencies is what the lock file says. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');

it('docs/dependencies.md is up to date', () => {
  const printed = execFileSync(process.execPath, [join(root, 'scripts/print-dependencies.mjs')], { encoding: 'utf8' });
  expect(readFileSync(join(root, 'docs/dependencies.md'), 'utf8')).toBe(printed);
});

it('the lock file names no download address', () => {
  expect(readFileSync(join(root, 'package-lock.json'), 'utf8')).not.toContain('"resolved"');
});
