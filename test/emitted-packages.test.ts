/** Emitted folders as packages: what their README says is done word for word, from make and CMake to an installed copy. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { untrainedWeights } from '../src/cli/build-folder.js';
import { emitBlockOf, emitModel } from '../src/cli/emit-model.js';
import type { EmitInput } from '../src/targets/c-family/emit-input.js';
import { readEmitted } from '../src/verify/toolchain.js';
import { modelOf } from './support/check-text.js';
import { missingCommands, must, strictFlags, writeEmitted } from './support/emitted-folders.js';
import { classifier, emitInput, languageModel } from './support/tiny-plans.js';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'rnnc-packages-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

let folders = 0;
const newFolder = (): string => join(root, String(folders++));

/** The blocks of a language in a text of Markdown. */
const blocksOf = (text: string, language: string): string[] =>
  [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].flatMap(([, found, block]) =>
    found === language ? [block!] : [],
  );

/** Writes the example of a README into a folder of its own, builds it against the installed copy, and runs both programs. */
async function buildExample(text: string, installed: string, cross: readonly string[], runner?: string) {
  const folder = newFolder();
  await mkdir(folder);
  const [c, cpp, cmake] = ['c', 'cpp', 'cmake'].map((language) => blocksOf(text, language)[0]!);
  await writeFile(join(folder, 'app.c'), c!);
  await writeFile(join(folder, 'app.cpp'), cpp!);
  await writeFile(join(folder, 'CMakeLists.txt'), cmake!);
  const strict = [`-DCMAKE_C_FLAGS=${strictFlags.join(' ')}`, `-DCMAKE_CXX_FLAGS=${strictFlags.join(' ')}`];
  await must(folder, 'cmake', '-S', '.', '-B', 'build', `-DCMAKE_PREFIX_PATH=${installed}`, ...strict, ...cross);
  await must(folder, 'cmake', '--build', 'build');
  const run = (app: string) => must(folder, ...((runner ? [runner, app] : [app]) as [string, ...string[]]));
  return { c: await run('build/app'), cpp: await run('build/app_cpp') };
}

const native: readonly (readonly [string, () => EmitInput, boolean, RegExp])[] = [
  [
    'words to words',
    () => emitInput(languageModel(33, 7, 13), 'tiny', 'c', 'std'),
    true,
    /^next: \d+ with probability/,
  ],
  [
    'two ids and features to a class',
    () => emitInput(classifier(18, 5), 'tiny', 'c', 'exact'),
    false,
    /^class\[0\] is/,
  ],
];

describe('the README of a folder', () => {
  it.for(native)(
    'is right in its build, its C and its C++: %s',
    {
      timeout: 120_000,
    },
    async ([, input, linked, printed], { skip }) => {
      const missing = await missingCommands('gcc', 'g++', 'cmake', 'pkg-config', 'make');
      if (missing.length > 0) skip(`${missing.join(' and ')} not installed`);
      const folder = await writeEmitted(newFolder(), input(), linked);
      const text = await readEmitted(folder, 'README.md');
      await must(folder, 'bash', '-ec', blocksOf(text, 'sh')[1]!);
      expect(await must(folder, 'ctest', '--test-dir', 'build')).toContain('100% tests passed');
      const example = await buildExample(text, join(folder, 'installed'), []);
      expect(example.c).toMatch(printed);
      expect(example.cpp).toBe(example.c);
      await writeFile(join(folder, 'app.c'), blocksOf(text, 'c')[0]!);
      const found =
        '$(PKG_CONFIG_PATH=$(echo installed/lib*/pkgconfig installed/lib/*/pkgconfig | tr " " :) pkg-config';
      await must(folder, 'bash', '-ec', `gcc app.c ${found} --cflags --libs tiny) -o by-pkg-config`);
      expect(await must(folder, './by-pkg-config')).toBe(example.c);
      const sources = /`(cc -I\. app\.c [^`]+)`/.exec(text.replaceAll('\n', ' '))![1]!;
      await must(folder, 'bash', '-ec', `${sources} -o by-sources`);
      expect(await must(folder, './by-sources')).toBe(example.c);
    },
  );

  it('is right for a board', { timeout: 120_000 }, async ({ skip }) => {
    const board = ['aarch64-linux-gnu-gcc', 'aarch64-linux-gnu-g++', 'qemu-aarch64'];
    const missing = await missingCommands(...board, 'cmake', 'make');
    if (missing.length > 0) skip(`${missing.join(' and ')} not installed`);
    const folder = await writeEmitted(newFolder(), emitInput(languageModel(33, 7, 13), 'tiny', 'neon', 'std'), true);
    const text = await readEmitted(folder, 'README.md');
    await must(folder, 'bash', '-ec', blocksOf(text, 'sh')[0]!.split('\n').slice(1).join('\n'));
    const install = blocksOf(text, 'sh')[1]!;
    await must(folder, 'bash', '-ec', install);
    const cross = [...install.matchAll(/-DCMAKE_(?!INSTALL)\S+/g)].map(([flag]) => flag);
    const flags = [...cross, '-DCMAKE_EXE_LINKER_FLAGS=-static'];
    const example = await buildExample(text, join(folder, 'installed'), flags, 'qemu-aarch64');
    expect(example.c).toMatch(/^next: \d+ with probability/);
    expect(example.cpp).toBe(example.c);
  });

  it('says which processor a toolchain is missing for', { timeout: 60_000 }, async ({ skip }) => {
    const missing = await missingCommands('cmake', 'gcc');
    if (missing.length > 0 || process.arch.startsWith('arm')) skip('no cmake, or an Arm machine');
    const folder = await writeEmitted(newFolder(), emitInput(languageModel(9, 3, 4), 'tiny', 'neon', 'std'));
    const refused = must(folder, 'cmake', '-S', '.', '-B', 'build');
    await expect(refused).rejects.toThrow(/tiny is for Arm, not for \S+: name a\s+toolchain by CMAKE_TOOLCHAIN_FILE/);
  });
});

it('make installs, and weights can be left out', { timeout: 60_000 }, async ({ skip }) => {
  const missing = await missingCommands('gcc', 'make', 'cmake');
  if (missing.length > 0) skip(`${missing.join(' and ')} not installed`);
  const folder = await writeEmitted(newFolder(), emitInput(languageModel(33, 7, 13), 'tiny', 'c', 'std'));
  await must(folder, 'make', '-s', 'install', 'PREFIX=/opt/tiny', `DESTDIR=${folder}/staged`);
  const installed = (await must(folder, 'find', 'staged', '-type', 'f')).trim().split('\n').sort();
  expect(installed.map((path) => path.replace('staged/opt/tiny/', ''))).toEqual([
    'include/tiny.h',
    'lib/libtiny.a',
    'lib/pkgconfig/tiny.pc',
    'share/tiny/README.md',
    'share/tiny/manifest.json',
    'share/tiny/tiny_weights.bin',
  ]);
  await must(folder, 'make', '-s', 'clean');
  await must(folder, 'make', '-s', 'libtiny.a', 'OBJECTS=tiny.o');
  expect(await must(folder, 'nm', 'libtiny.a')).not.toContain('tiny_weights_default');
  await must(folder, 'cmake', '-S', '.', '-B', 'bare', '-DTINY_DEFAULT_WEIGHTS=OFF');
  await must(folder, 'cmake', '--build', 'bare');
  expect(await must(folder, 'nm', 'bare/libtiny.a')).not.toContain('tiny_weights_default');
});

it('a model of whole sequences has an example too', { timeout: 60_000 }, async ({ skip }) => {
  const missing = await missingCommands('gcc', 'g++');
  if (missing.length > 0) skip(`${missing.join(' and ')} not installed`);
  const model = modelOf(`language 1
model both {
  tokens = ids(vocab=9)
  embed  = embedding(tokens, 6)
  rnn    = gru(embed, 8, bidirectional=yes)
  tags   = softmax(rnn, 2)
}
emit c { max_steps = 2 }
`);
  const folder = newFolder();
  await mkdir(folder);
  for (const { path, contents } of emitModel(model, emitBlockOf(model, 'c'), untrainedWeights(model)))
    await writeFile(join(folder, path), contents);
  const text = await readEmitted(folder, 'README.md');
  await writeFile(join(folder, 'app.c'), blocksOf(text, 'c')[0]!);
  await must(folder, 'gcc', '-std=c99', ...strictFlags, '-I.', 'app.c', 'both.c', 'both_weights.c', '-lm', '-o', 'app');
  expect(await must(folder, './app')).toMatch(/^tags\[0\] is/);
});

it('the PTB example of the README is built from an installed copy', { timeout: 240_000 }, async ({ skip }) => {
  const missing = await missingCommands('gcc', 'g++', 'cmake');
  if (missing.length > 0) skip(`${missing.join(' and ')} not installed`);
  const home = resolve(import.meta.dirname, '..');
  const model = modelOf(await readFile(join(home, 'examples/ptb-small-dkp.cmp'), 'utf8'));
  const folder = newFolder();
  await mkdir(folder);
  for (const { path, contents } of emitModel(model, emitBlockOf(model, 'c'), untrainedWeights(model)))
    await writeFile(join(folder, path), contents);
  const text = await readFile(join(home, 'README.md'), 'utf8');
  const section = text.slice(text.indexOf('## From C and C++'));
  const install = blocksOf(section, 'sh')[0]!;
  const lines = install.split('\n').filter((line) => line.startsWith('cmake '));
  await must(root, 'bash', '-ec', lines.join('\n').replaceAll('build/ptb_small/c', folder));
  const example = await buildExample(section, join(root, 'installed'), []);
  expect(example.c).toMatch(/^(\d+ with probability 0\.\d+\n){3}$/);
  expect(example.cpp).toBe(example.c);
});
