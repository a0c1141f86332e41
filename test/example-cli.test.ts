/** Labelled examples as a user meets them: trained, measured, asked, emitted and verified, on tiny data. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { missingTools, toolchainsOf } from '../src/verify/toolchain.js';
import { classifierText, taggerText, writeExamples } from './support/example-runs.js';
import { runCli } from './support/run-cli.js';

const roots: string[] = [];
afterAll(() => {
  for (const root of roots) rmSync(root, { recursive: true, force: true });
});

function folderWith(kind: 'tagged' | 'classified', text: string): string {
  const root = mkdtempSync(join(tmpdir(), 'rnnc-example-cli-'));
  roots.push(root);
  writeExamples(root, kind);
  writeFileSync(join(root, 'm.cmp'), `${text}\nemit c { vocab = c }\nemit onnx {}\nemit tfjs {}\n`);
  return root;
}

const hasArm = toolchainsOf('aarch64').some((toolchain) => missingTools(toolchain).length === 0);

interface Evaluated {
  readonly perplexity: number;
  readonly accuracy: number;
  readonly f1?: number;
  readonly tokens: number;
}

async function evaluated(root: string, ...args: readonly string[]): Promise<Evaluated> {
  const { out, err, code } = await runCli(root, ['eval', '--format', 'json', ...args]);
  expect(code, err).toBe(0);
  return JSON.parse(out) as Evaluated;
}

describe.each([
  ['tagged', taggerText(16, 'metric = f1'), 'f1'],
  ['classified', classifierText(16), 'accuracy'],
] as const)('%s', (kind, text, metric) => {
  const root = folderWith(kind, text);
  const model = kind === 'tagged' ? 'tagger' : 'classifier';
  const build = join(root, 'build', model);

  it('builds, with the uncompressed model beside it', async () => {
    const { out, err, code } = await runCli(root, ['build', '--baseline']);
    expect(code, `${out}${err}`).toBe(0);
    expect(err).toMatch(/words outside the vocabulary: train 0\.00%/);
    expect(err).toMatch(kind === 'tagged' ? /valid \d.*, accuracy .*%, F1 .*%/ : /valid \d.*, accuracy .*%/);
    expect(out).toMatch(/c on native \([^)]+\): passed/);
    expect(out).toMatch(/test perplexity of \d+ labels on native: .* within 0\.0001/);
    expect(out).toMatch(new RegExp(`test ${metric} +uncompressed: [0-9.]+% +compressed: [0-9.]+%`));
    const labels: unknown = JSON.parse(readFileSync(join(build, 'labels.json'), 'utf8'));
    expect([...(labels as string[])].sort()).toEqual(kind === 'tagged' ? ['B-c', 'I-c', 'O'] : ['no', 'yes']);
    const manifest = JSON.parse(readFileSync(join(build, 'c/manifest.json'), 'utf8')) as { testAccuracy: number };
    expect(manifest.testAccuracy).toBeGreaterThan(0.6);
    expect(readFileSync(join(build, `c/${model}_labels.c`), 'utf8')).toContain(kind === 'tagged' ? '"I-c",' : '"yes",');
  }, 60_000);

  it('measures the same by the engine and by the built C', async () => {
    const engine = await evaluated(root);
    expect(engine[metric]).toBeGreaterThan(0.6);
    for (const by of ['native', ...(hasArm ? ['aarch64'] : [])]) {
      const built = await evaluated(root, '--by', by);
      expect(built.accuracy).toBe(engine.accuracy);
      expect(built.f1).toBe(engine.f1);
      expect(built.tokens).toBe(engine.tokens);
      expect(Math.abs(built.perplexity / engine.perplexity - 1)).toBeLessThan(1e-4);
    }
    const other = await evaluated(root, '--engine', 'tfjs-wasm');
    expect(other.accuracy).toBe(engine.accuracy);
    expect((await evaluated(root, '--tokens', '7')).tokens).toBeLessThan(8);
  }, 60_000);

  it('labels what it is given', async () => {
    for (const by of ['engine', 'native']) {
      const { out, err, code } = await runCli(root, ['predict', '--text', 'x y q', '--by', by]);
      expect(code, err).toBe(0);
      expect(err).toContain('read as <unk>: q');
      if (kind === 'tagged')
        expect(out).toMatch(/^x +\d+\.\d\d% {2}B-c\ny +\d+\.\d\d% {2}I-c\n<unk> +\d+\.\d\d% {2}\S+\n$/);
      else expect(out).toMatch(/^ *\d+\.\d\d% {2}yes\n *\d+\.\d\d% {2}no\n$/);
    }
    const empty = await runCli(root, ['predict', '--text', ' ']);
    expect(empty.code).toBe(3);
    const counted = await runCli(root, ['predict', '--text', 'x', '--count', '3']);
    expect(counted.code).toBe(2);
  }, 60_000);

  it('emits graphs that say what is padding, without a page', () => {
    expect(readdirSync(join(build, 'tfjs')).sort()).toEqual(['predict', 'train']);
    const signature = (name: string): readonly { name: string; role: string; shape: readonly number[] }[] =>
      (JSON.parse(readFileSync(join(build, 'onnx', name, 'signature.json'), 'utf8')) as { inputs: never[] }).inputs;
    expect(signature('train').find(({ role }) => role === 'weight')?.shape).toEqual([kind === 'tagged' ? 18 : 3]);
    const present = signature('predict').find(({ role }) => role === 'present')?.shape;
    expect(present).toEqual(kind === 'tagged' ? undefined : [6]);
  });

  it('refuses data that does not fit, in one line', async () => {
    const other = folderWith(kind, text.replace(/softmax\((\w+), \d\)/, 'softmax($1, 7)'));
    const { err, code } = await runCli(other, ['train', '--quiet']);
    expect(code).toBe(3);
    expect(err).toMatch(/has \d labels, the softmax of the model 7 classes \[data\/label-count\] \(write `softmax/);
    writeFileSync(join(other, 'data/train.txt'), kind === 'tagged' ? 'a O\nb\n' : 'a\n');
    const bad = await runCli(other, ['train', '--quiet']);
    expect(bad.err).toMatch(kind === 'tagged' ? /train\.txt:2 has no label/ : /train\.txt:1 has no label/);
  });
});
