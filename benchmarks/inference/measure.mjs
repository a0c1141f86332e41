/**
 * Builds programs for Arm and counts them under emulation; natively it takes times. What was measured is kept by a hash
 * of everything it depends on, so that a second run only measures what has changed.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildPlugin, countRun } from '../../dist/verify/count-run.js';
import { modelCycles } from '../../dist/verify/cycle-model.js';

export const here = dirname(fileURLToPath(import.meta.url));
export const out = resolve(here, '../../build/bench-inference');
export const eigenSource = join(here, 'eigen.cpp');
const plainSource = join(here, 'plain.c');
/** What all programs share. */
export const marks = readFileSync(join(here, 'marks.h'));

/** Compilers by the names that rows have. */
export const compilers = {
  gcc: { c: ['aarch64-linux-gnu-gcc-12'], cpp: ['aarch64-linux-gnu-g++'] },
  clang: { c: ['clang-19', '--target=aarch64-linux-gnu'], cpp: ['clang++-19', '--target=aarch64-linux-gnu'] },
};

/** A short hash of texts and bytes. */
export const hashOf = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex').slice(0, 24);
};

const contentOf = (folder) =>
  readdirSync(folder)
    .filter((name) => /\.(c|h|S|bin|cpp)$/.test(name))
    .sort()
    .map((name) => readFileSync(join(folder, name)));

/** What `make` gives for a key, kept between runs. */
export async function kept(key, make) {
  const path = join(out, 'results', `${key}.json`);
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8'));
  const result = await make();
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify(result));
  return result;
}

/** What counts is part of what a result depends on. */
const tools = hashOf(
  ...['../../dist/verify/count-run.js', '../../dist/verify/cycle-model.js', 'plugin/count.c'].map((name) =>
    readFileSync(join(here, name)),
  ),
);

let plugin;

/** Counts and modelled cycles of one round of a program, in the models that are asked for. */
export async function counted(key, request) {
  const { command, cwd, args, models, emulated = 'cortex-a57', root, environment = {}, keepsBinary = true } = request;
  const how = [command, args, models, Object.entries(environment).flat()].map((words) => words.join(' '));
  return kept(hashOf(tools, key, ...how, emulated), async () => {
    const work = join(out, 'work');
    mkdirSync(work, { recursive: true });
    plugin ??= await buildPlugin(work);
    const binary = join(work, hashOf(key, command.join(' ')));
    if (!existsSync(binary)) execFileSync(command[0], [...command.slice(1), '-o', binary], { cwd, stdio: 'inherit' });
    const cache = { l1: 64, l1Ways: 16, l2: 2048, l2Ways: 16 };
    const run = { binary, args, emulator: 'qemu-aarch64', cpu: emulated, cache, environment };
    if (root !== undefined) run.root = root;
    const { blocks, rounds, ...counts } = await countRun(run, plugin, work);
    if (!keepsBinary) rmSync(binary);
    const cycles = await modelCycles(blocks, models);
    const each = Object.fromEntries(Object.entries(counts).map(([name, value]) => [name, value / rounds]));
    const unread = Math.max(...cycles.map(({ unread }) => unread));
    return { ...each, unread, cycles: Object.fromEntries(cycles.map(({ core, cycles: n }) => [core, n / rounds])) };
  });
}

/** Counts of an emitted folder. */
export const countEmitted = (folder, sources, { compiler, cpu, models, emulated, keepsBinary }) =>
  counted(hashOf(...contentOf(folder)), {
    command: [
      ...compilers[compiler].c,
      '-std=gnu99',
      '-O3',
      '-static',
      `-mcpu=${cpu}`,
      '-ffp-contract=fast',
      ...sources,
      '-lm',
    ],
    cwd: folder,
    args: ['1'],
    models,
    emulated,
    keepsBinary,
  });

/** Flags of Eigen: its checks are off, as in any release. */
export const eigenFlags = ['-O3', '-DNDEBUG', '-I/usr/include/eigen3'];

/** Counts of Eigen: `args` are its kind, rows, columns and values. */
export const countEigen = (args, { compiler, cpu, models }) =>
  counted(hashOf(readFileSync(eigenSource), marks), {
    command: [...compilers[compiler].cpp, ...eigenFlags, '-static', `-mcpu=${cpu}`, eigenSource],
    cwd: here,
    args: [...args.map(String), '1'],
    models,
  });

/** Counts of the plain loop. */
export const countPlain = (rows, columns, { compiler, cpu, models }) =>
  counted(hashOf(readFileSync(plainSource), marks), {
    command: [...compilers[compiler].c, '-O3', '-static', `-mcpu=${cpu}`, plainSource],
    cwd: here,
    args: [rows, columns, 1].map(String),
    models,
  });

/** Builds for this machine and returns the path. */
export function buildNative(name, command, cwd) {
  const work = join(out, 'work');
  mkdirSync(work, { recursive: true });
  const binary = join(work, name);
  rmSync(binary, { force: true });
  execFileSync(command[0], [...command.slice(1), '-o', binary], { cwd, stdio: 'inherit' });
  return binary;
}

/** What a native program prints, pinned to one core. */
export const printedBy = (binary, args, environment = {}) => {
  const how = { encoding: 'utf8', env: { ...process.env, ...environment } };
  return execFileSync('taskset', ['-c', '0', binary, ...args.map(String)], how);
};

/** Best time of a native program in ns, which it prints first. */
export const timeOf = (...run) => Number(printedBy(...run).split(' ')[0]);
