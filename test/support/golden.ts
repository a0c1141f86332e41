/** Golden files: `expectGolden(name, text)` compares with test/golden/name; UPDATE_GOLDEN=1 writes it instead. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect } from 'vitest';

const folder = resolve(import.meta.dirname, '../golden');
const used = new Set<string>();

export function expectGolden(name: string, text: string): void {
  const path = join(folder, name);
  used.add(name);
  if (process.env['UPDATE_GOLDEN'] === '1') {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return;
  }
  if (!existsSync(path)) expect.fail(`there is no golden file ${name}; write it with \`npm run golden\``);
  expect(text, `differs from ${name}; if that is meant, \`npm run golden\``).toBe(readFileSync(path, 'utf8'));
}

/** Golden files that no test has asked for. */
export function orphanedGoldens(): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((name) => !used.has(name))
    .sort();
}
