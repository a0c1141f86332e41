/** The emitted C as those see it who call it: error codes, blobs, copies of states, threads, C++, and what is linked. */
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EmitInput } from '../src/targets/c-family/emit-input.js';
import { float32, type NumberFormat } from '../src/tensor/number-format.js';
import { readEmitted } from '../src/verify/toolchain.js';
import { blobCodes, blobFuzz, fedNaN, fedOddNumbers, forkState, fromCpp, twoThreads } from './support/api-programs.js';
import { missingCommands, must, strictFlags, writeEmitted } from './support/emitted-folders.js';
import { doped, emitInput, languageModel, TinyPlan, twoOutputs } from './support/tiny-plans.js';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'rnnc-api-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

let folders = 0;
const write = (input: EmitInput, linked = false): Promise<string> =>
  writeEmitted(join(root, String(folders++)), input, linked);

const sparse = (tier: 'c' | 'neon' = 'c'): EmitInput => emitInput(doped(29, 0.2), 'tiny', tier, 'std');

/** Compiles a C program against the model in `folder` and runs it. */
async function runC(folder: string, text: string, flags: readonly string[], ...args: string[]): Promise<string> {
  await writeFile(join(folder, 'program.c'), text);
  const sources = ['program.c', 'tiny.c', 'tiny_weights.c'];
  await must(folder, 'gcc', '-std=c11', ...strictFlags, ...flags, ...sources, '-lm', '-o', 'program');
  return must(folder, './program', ...args);
}

const sanitized = ['-O1', '-g', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'];

describe('a blob', () => {
  it('that is wrong is refused by the code of what is wrong', { timeout: 60_000 }, async ({ skip }) => {
    const missing = await missingCommands('gcc');
    if (missing.length > 0) skip(`${missing.join(' and ')} not installed`);
    const folder = await write(sparse());
    const other = await write(emitInput(doped(29, 0.1), 'tiny', 'c', 'std'));
    await copyFile(join(other, 'tiny_weights.bin'), join(folder, 'other.bin'));
    const printed = await runC(folder, blobCodes, sanitized, 'tiny_weights.bin', 'other.bin');
    expect(printed.trim().split('\n')).toEqual([
      'whole 0',
      'checked 0',
      'empty -8',
      'cut in the header -8',
      'cut -8',
      'longer -8',
      'misaligned -4',
      'other magic -5',
      'other version -7',
      'other length -8',
      'other layout -9',
      'other words -10',
      'other crc of weights -11',
      'other crc -11',
      'header not zero -11',
      'first weight -11',
      'last byte -11',
      'no weights -6',
      'no blob -6',
      'nothing was changed 1',
      'other model -9',
    ]);
  });

  it('altered at random never leads outside', { timeout: 60_000 }, async ({ skip }) => {
    const missing = await missingCommands('gcc');
    if (missing.length > 0) skip(`${missing.join(' and ')} not installed`);
    const printed = await runC(await write(sparse()), blobFuzz, sanitized, 'tiny_weights.bin', '1500');
    const seen = new Map(
      printed
        .trim()
        .split('\n')
        .map((line) => line.split(' ').map(Number) as [number, number]),
    );
    // Every code that a blob can give came, and some altered weights were taken and run.
    for (const code of [0, -5, -7, -8, -9, -10, -11, -12]) expect(seen.get(code), `code ${code}`).toBeGreaterThan(0);
    expect([...seen.values()].reduce((a, b) => a + b)).toBe(1500);
  });

  it('with a weight that is no number is not emitted', async () => {
    const input = sparse();
    const weights = new Map(input.weights);
    const { shape, data } = weights.get('rnn1.S2')!;
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      weights.set('rnn1.S2', { shape, data: data.map((value, i) => (i === 17 ? bad : value)) });
      await expect(write({ ...input, weights })).rejects.toThrow(`rnn1.S2 holds ${bad} at index 17`);
    }
  });
});

describe('a state', () => {
  it('is plain data: a copy goes on by itself', { timeout: 60_000 }, async ({ skip }) => {
    const missing = await missingCommands('gcc');
    if (missing.length > 0) skip(`${missing.join(' and ')} not installed`);
    expect(await runC(await write(sparse()), forkState, sanitized)).toBe('forked\n');
  });

  it('of one thread is not seen by another on the same weights', { timeout: 60_000 }, async ({ skip }) => {
    const missing = await missingCommands('gcc');
    if (missing.length > 0) skip(`${missing.join(' and ')} not installed`);
    const threads = ['-O1', '-g', '-fsanitize=thread', '-pthread'];
    expect(await runC(await write(sparse()), twoThreads, threads)).toBe('agreed\n');
  });

  it('keeps a NaN to itself until it is reset', { timeout: 60_000 }, async ({ skip }) => {
    const missing = await missingCommands('gcc');
    if (missing.length > 0) skip(`${missing.join(' and ')} not installed`);
    for (const activation of ['exact', 'std', 'fast'] as const) {
      const folder = await write(emitInput(twoOutputs(7, 33), 'tiny', 'c', activation));
      // ReLU of NaN is NaN, and nothing here may turn it into a number.
      expect(await runC(folder, fedNaN, ['-O3', '-ffp-contract=fast']), activation).toBe('contained\n');
    }
  });
});

/** y = b + W x by integer products of one vector, whose scale is its own or, calibrated, given. */
function integerSums(calibrated: boolean): TinyPlan {
  const row = { kind: 'integer', word: 'int8', per: { kind: 'row' }, arithmetic: 'integer' } as const;
  const tiny = new TinyPlan((tensor) => (tensor === 'w' ? row : float32), calibrated);
  const x = tiny.features('signal', 9);
  const sums = tiny.work('sums', 43);
  tiny.layer('sums');
  tiny.weight('bias', 1, 43);
  tiny.recorder.bias('bias', sums);
  tiny.recorder.gemv(tiny.weight('w', 43, 9), x, sums, 'add');
  tiny.output('sums', sums, true, false);
  return tiny;
}

it.for([false, true])(
  'integer products of what is no number are NaN (calibrated: %s)',
  { timeout: 60_000 },
  async (calibrated, { skip }) => {
    const missing = await missingCommands('gcc');
    if (missing.length > 0) skip(`${missing.join(' and ')} not installed`);
    const folder = await write(emitInput(integerSums(calibrated), 'tiny', 'c', 'std'));
    // A line for each thing that is fed: how many of 43 sums are numbers.
    expect(await runC(folder, fedOddNumbers, sanitized)).toBe('1 43\nnan 0\ninf 0\n-inf 0\n3e+38 43\n2 43\n');
  },
);

describe('compilers', () => {
  it.for(['gcc', 'clang'])(
    '%s takes every file as C99 and as C17, and the header in C++17',
    {
      timeout: 60_000,
    },
    async (compiler, { skip }) => {
      const missing = await missingCommands(compiler, compiler === 'gcc' ? 'g++' : 'clang++');
      if (missing.length > 0) skip(`${missing.join(' and ')} not installed`);
      const folder = await write(emitInput(languageModel(33, 7, 13), 'tiny', 'c', 'std'));
      const sources = ['tiny.c', 'tiny_weights.c', 'tiny_selftest.c', 'tiny_bench.c', 'tiny_run.c'];
      for (const standard of ['-std=c99', '-std=c17'])
        await must(folder, compiler, standard, ...strictFlags, '-fsyntax-only', ...sources);
      await must(folder, compiler, '-std=c99', ...strictFlags, '-c', 'tiny.c', 'tiny_weights.c');
      await writeFile(join(folder, 'program.cpp'), fromCpp);
      const objects = ['program.cpp', 'tiny.o', 'tiny_weights.o'];
      const cpp = compiler === 'gcc' ? 'g++' : 'clang++';
      await must(folder, cpp, '-std=c++17', ...strictFlags, ...objects, '-lm', '-o', 'program');
      expect(await must(folder, './program')).toBe('C++ agrees\n');
    },
  );
});

/** A sparse program, one that ranks classes, one of transforms, and one for every family of number formats. */
const programsOfCpp: readonly (readonly [string, () => TinyPlan])[] = [
  ['sparse', () => doped(29, 0.2)],
  ['of transforms', () => circulants([5, 12, 13])],
  ...(['int8', 'int4', 'float16'] as const).map((word): readonly [string, () => TinyPlan] => [
    `in ${word}`,
    () => languageModel(33, 7, 13, () => formatOf(word)),
  ]),
];

const formatOf = (word: 'int8' | 'int4' | 'float16'): NumberFormat =>
  word === 'float16' ? { kind: 'float', word } : { kind: 'integer', word, per: { kind: 'row' } };

/** LSTMs under circulant matrices, one for each block. */
function circulants(blocks: readonly number[]): TinyPlan {
  const tiny = new TinyPlan();
  let below = tiny.features('signal', 11);
  blocks.forEach((block, i) => {
    const units = 17 + i;
    below = tiny.lstm(`rnn${i}`, below, units, (x, y) => {
      const [down, across] = [Math.ceil(units / block), Math.ceil(x.size / block)];
      const V = tiny.weight(`rnn${i}.V`, 4 * down, across * block);
      tiny.recorder.circulant(V, block, x, { count: 4, apart: units, y });
    });
  });
  tiny.output('next', tiny.dense('next', below, 7));
  return tiny;
}

describe('C++ compilers', () => {
  it.for(programsOfCpp)('take every file of a program %s as C++11', { timeout: 60_000 }, async ([, make], { skip }) => {
    const compilers = ['g++', 'clang++', 'aarch64-linux-gnu-g++'];
    const missing = await missingCommands(...compilers);
    if (missing.length > 0) skip(`${missing.join(' and ')} not installed`);
    for (const compiler of compilers) {
      const tier = compiler.startsWith('aarch64') ? 'neon' : 'c';
      const folder = await write(emitInput(make(), 'tiny', tier, 'std'));
      const sources = ['tiny.c', 'tiny_weights.c', 'tiny_selftest.c', 'tiny_bench.c', 'tiny_run.c'];
      await must(folder, compiler, '-x', 'c++', '-std=c++11', ...strictFlags, '-fsyntax-only', ...sources);
    }
  });

  it('build a program that passes its self-test', { timeout: 60_000 }, async ({ skip }) => {
    const missing = await missingCommands('g++');
    if (missing.length > 0) skip(`${missing.join(' and ')} not installed`);
    const folder = await write(emitInput(circulants([4, 6]), 'tiny', 'c', 'std'));
    const sources = ['tiny.c', 'tiny_weights.c', 'tiny_selftest.c'];
    await must(folder, 'g++', '-x', 'c++', '-std=c++11', ...strictFlags, '-O1', ...sources, '-o', 'selftest');
    expect(await must(folder, './selftest')).toMatch(/^PASS tiny/m);
  });
});

/** What a model may ask of the C library. */
const allowed = /^(memcpy|memset|memcmp|strlen|expf|tanhf|_GLOBAL_OFFSET_TABLE_)$/;

describe('objects', () => {
  const programs = [
    ['c', 'gcc', 'nm', false],
    ['c', 'gcc', 'nm', true],
    ['neon', 'aarch64-linux-gnu-gcc', 'aarch64-linux-gnu-nm', false],
    ['neon', 'arm-linux-gnueabihf-gcc', 'arm-linux-gnueabihf-nm', true],
  ] as const;

  it.for(programs)(
    'of %s by %s hold what the manifest lists and nothing that changes (%s, linked: %s)',
    {
      timeout: 60_000,
    },
    async ([tier, compiler, nm, linked], { skip }) => {
      const missing = await missingCommands(compiler, nm);
      if (missing.length > 0) skip(`${missing.join(' and ')} not installed`);
      const input = sparse(tier);
      const words = Array.from({ length: 29 }, (_, i) => `word${i}`);
      const labels = ['yes', 'no'];
      const folder = await write({ ...input, words, labels, options: { ...input.options, vocabulary: 'c' } }, linked);
      const sources = ['tiny.c', 'tiny_weights.c', 'tiny_vocab.c', 'tiny_labels.c', ...(linked ? ['tiny_blob.S'] : [])];
      const neon = compiler.startsWith('arm-') ? ['-mfpu=neon', '-mfloat-abi=hard'] : [];
      await must(folder, compiler, '-O3', '-fno-pic', ...neon, '-c', ...sources);
      const objects = sources.map((source) => source.replace(/\.[cS]$/, '.o'));
      const lines = (await must(folder, nm, ...objects)).split('\n').flatMap((line) => {
        const found = /^(?:[0-9a-f]+)? +([A-Za-z]) (\S+)$/.exec(line);
        return found === null || found[2]!.startsWith('$') ? [] : [{ type: found[1]!, name: found[2]! }];
      });
      const manifest = JSON.parse(await readEmitted(folder, 'manifest.json')) as {
        readonly symbols: readonly string[];
      };
      const global = lines.filter(({ type }) => /[A-TV-Z]/.test(type)).map(({ name }) => name);
      expect(global.sort()).toEqual(manifest.symbols);
      expect(lines.filter(({ type }) => /[bBdDcCsSgG]/.test(type))).toEqual([]);
      const foreign = lines.filter(({ type, name }) => type === 'U' && !name.startsWith('tiny_'));
      expect(foreign.filter(({ name }) => !allowed.test(name))).toEqual([]);
    },
  );

  it('make a shared library that needs the C library and libm alone', { timeout: 60_000 }, async ({ skip }) => {
    const missing = await missingCommands('gcc');
    if (missing.length > 0) skip(`${missing.join(' and ')} not installed`);
    for (const linked of [false, true]) {
      const folder = await write(emitInput(doped(29, 0.2), 'tiny', 'c', 'exact'), linked);
      const sources = ['tiny.c', 'tiny_weights.c', ...(linked ? ['tiny_blob.S'] : [])];
      const flags = ['-std=c99', '-O1', '-fPIC', '-shared', '-Wl,--no-undefined', '-nodefaultlibs'];
      await must(folder, 'gcc', ...flags, ...sources, '-lm', '-lc', '-o', 'libtiny.so');
    }
  });
});
