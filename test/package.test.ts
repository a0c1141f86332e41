/** The package as a user gets it: packed, laid beside its production dependencies alone, and used. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const home = mkdtempSync(join(tmpdir(), 'rnnc-package-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

interface LockEntry {
  readonly dev?: boolean;
  readonly devOptional?: boolean;
}
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, LockEntry>;
};

/** Top-level production packages, by their path in node_modules. */
const production = Object.entries(lock.packages)
  .filter(
    ([path, entry]) =>
      /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) && entry.dev !== true && entry.devOptional !== true,
  )
  .map(([path]) => path);

const rnnc = (...args: string[]): string =>
  execFileSync('npx', ['--no-install', 'rnnc', ...args], {
    cwd: home,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });

let packed: readonly string[];
beforeAll(() => {
  const printed = execFileSync('npm', ['pack', '--json', '--pack-destination', home], { cwd: root, encoding: 'utf8' });
  const found = JSON.parse(printed) as unknown;
  const [pack] = (Array.isArray(found) ? found : Object.values(found as object)) as {
    filename: string;
    files: { path: string }[];
  }[];
  packed = pack!.files.map((f) => f.path);
  const target = join(home, 'node_modules/rnnc');
  mkdirSync(target, { recursive: true });
  execFileSync('tar', ['xzf', join(home, pack!.filename), '--strip-components=1', '-C', target]);
  for (const path of production) {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    symlinkSync(join(root, path), join(home, path));
  }
  // As npm does with every `bin`.
  chmodSync(join(target, 'dist/cli/main.js'), 0o755);
  mkdirSync(join(home, 'node_modules/.bin'));
  symlinkSync('../rnnc/dist/cli/main.js', join(home, 'node_modules/.bin/rnnc'));
  writeFileSync(join(home, 'package.json'), '{"private":true}\n');
}, 60_000);

it('holds what it needs and nothing else', () => {
  expect(packed).toEqual(
    expect.arrayContaining(['dist/cli/main.js', 'LICENSE', 'README.md', 'examples/quickstart.cmp']),
  );
  expect(packed.some((p) => p.startsWith('templates/neon/'))).toBe(true);
  expect(
    packed.filter(
      (p) => /\/test-|\.test\.|^test\/|node_modules|benchmarks|^src\/|\.ts$/.test(p) && !p.endsWith('.d.ts'),
    ),
  ).toEqual([]);
});

it('init, build and verify work where it is installed', { timeout: 180_000 }, () => {
  expect(rnnc('init')).toMatch(/wrote model\.cmp/);
  const path = join(home, 'model.cmp');
  // The same program, trained for less: this test is about the package.
  const text = readFileSync(path, 'utf8')
    .replace(/tokens=[\d_]+/, 'tokens=4_000')
    .replace(/^ *(sparsity|regularize|lr) .*$/gm, '')
    .replace(/epochs += \d+/, 'epochs = 1');
  writeFileSync(path, text);
  expect(rnnc('build')).toMatch(/done in/);
  expect(rnnc('verify')).toMatch(/passed/);
  expect(rnnc('emit', '--target', 'tfjs')).toMatch(/tfjs: \d+ files/);
  for (const file of ['index.html', 'rnnc/browser/api.d.ts', 'vendor/tf-core.min.js', 'vendor/LICENSE'])
    expect(existsSync(join(home, 'build/quickstart/tfjs', file)), file).toBe(true);
});

it('builds without the optional engine, on the one that is left', { timeout: 180_000 }, () => {
  rmSync(join(home, 'node_modules/onnxruntime-node'));
  expect(rnnc('check')).toMatch(/no errors/);
  expect(rnnc('build', '--out', 'without')).toMatch(/done in/);
});
