/** The screens in docs/screens are what the commands print today: those of commands that measure nothing, line by line. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const screen = (name: string): string => readFileSync(join(root, 'docs/screens', `${name}.txt`), 'utf8');

describe('docs/screens (npm run build && scripts/capture-screens.sh)', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'rnnc-screens-'));
    const page = readFileSync(join(root, 'docs/tutorial.md'), 'utf8');
    for (const [, name, text] of page.matchAll(/^```cmp (\S+)\n([\s\S]*?)^```$/gm))
      writeFileSync(join(folder, name!), text!);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(['check', 'explain', 'why'])('%s', (name) => {
    const [prompt = '', ...lines] = screen(name).split('\n');
    const args = prompt.replace(/^\$ rnnc /, '').split(' ');
    const main = join(root, 'dist/cli/main.js');
    const env = { ...process.env, COLUMNS: '110' };
    const { stdout, stderr } = spawnSync(process.execPath, [main, ...args], { cwd: folder, encoding: 'utf8', env });
    expect(lines.join('\n').trimEnd()).toBe(`${stderr}${stdout}`.trimEnd());
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(110);
  });

  it.each([
    ['build', 'test perplexity of 1000 tokens on native: '],
    ['sweep', ' to do, '],
  ])('%s shows a whole run', (name, line) => {
    const text = screen(name);
    expect(text).toMatch(/^\$ rnnc /);
    expect(text).toContain(line);
    expect(text).not.toMatch(/error:|defect|npm warn/);
    // What is drawn over itself while it trains leaves nothing behind.
    expect(text).not.toContain('[#');
  });

  it('are shown in the README', () => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    for (const name of ['check', 'why', 'build']) expect(readme).toContain(screen(name).trimEnd());
    for (const name of ['explain', 'sweep']) expect(readme).toContain(`docs/screens/${name}.txt`);
  });
});
