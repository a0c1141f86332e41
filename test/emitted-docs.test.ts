/** docs/emitted-c.md: every C program in it compiles without a warning and runs, on the model it names. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { untrainedWeights } from '../src/cli/build-folder.js';
import { emitBlockOf, emitModel } from '../src/cli/emit-model.js';
import { activationBound } from '../src/kernels/error-bounds.js';
import { blobVersion, headerBytes, headerFields } from '../src/targets/c-family/blob.js';
import { modelOf } from './support/check-text.js';
import { missingCommands, must, strictFlags } from './support/emitted-folders.js';

const home = resolve(import.meta.dirname, '..');
let root: string;
let text: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'rnnc-docs-'));
  text = await readFile(join(home, 'docs/emitted-c.md'), 'utf8');
});
afterAll(() => rm(root, { recursive: true, force: true }));

const blocks = (language: string): string[] =>
  [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].flatMap(([, found, block]) =>
    found === language ? [block!] : [],
  );

it('its programs and commands do what it says', { timeout: 120_000 }, async ({ skip }) => {
  const missing = await missingCommands('gcc', 'make', 'size');
  if (missing.length > 0) skip(`${missing.join(' and ')} not installed`);
  const model = modelOf(await readFile(join(home, 'examples/quickstart.cmp'), 'utf8'));
  const folder = join(root, 'c');
  await mkdir(folder);
  for (const { path, contents } of emitModel(model, emitBlockOf(model, 'c'), untrainedWeights(model)))
    await writeFile(join(folder, path), contents);
  expect(await must(folder, 'bash', '-ec', blocks('sh')[0]!)).toMatch(/^PASS quickstart/m);
  const printed = [/^the logit of token 0 is \S+\n$/, /^code 0, crc [0-9a-f]{8}\n$/, /^\d+ \(\S+\) or \d+ \(\S+\)\n$/];
  expect(blocks('c')).toHaveLength(printed.length);
  for (const [i, program] of blocks('c').entries()) {
    await writeFile(join(folder, 'app.c'), program);
    await must(folder, 'gcc', '-std=c99', ...strictFlags, '-I.', 'app.c', 'libquickstart.a', '-lm', '-o', 'app');
    expect(await must(folder, './app')).toMatch(printed[i]!);
  }
});

it('its figures are those of the compiler', () => {
  for (const [field, at] of Object.entries(headerFields))
    expect(text, field).toMatch(new RegExp(`^\\| ${at} \\| [48] \\|`, 'm'));
  expect(text).toContain(`version, ${blobVersion}`);
  expect(text).toContain(`header of ${headerBytes} bytes`);
  for (const mode of ['fast', 'std', 'exact'] as const) {
    const bound = Number(activationBound(mode).toPrecision(2)).toExponential();
    expect(text).toMatch(new RegExp(`\`${mode}\`[^|]*\\| ${bound} \\|`));
  }
});
