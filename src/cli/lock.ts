/**
 * The lock file of a program, `model.lock.json` beside `model.cmp`: what a build was made of, so that another machine
 * can show that it builds the same. Comments and layout of the program are not part of it; the engine is not either.
 */
import { createHash } from 'node:crypto';
import { basename, dirname, join, relative } from 'node:path';
import { summarize } from '../model/summary.js';
import { argumentText } from '../report/explain.js';
import { Fault } from '../support/fault.js';
import type { Program, ProgramItem } from '../syntax/ast.js';
import { dumpMeaning } from '../syntax/dump.js';
import { readTextIfThere, shortPath, writeWhole } from './files.js';
import type { Opened } from './program.js';
import { version } from './version.js';

export interface Lock {
  readonly lock: 1;
  /** `rnnc 0.1.0`. */
  readonly compiler: string;
  /** Path from the program's folder -> SHA-256 of what the file means; imports included. */
  readonly files: Readonly<Record<string, string>>;
  /** SHA-256 of vocabulary and splits; null for a program that trains nothing. */
  readonly data: string | null;
  readonly seed: number | null;
  /** Weight -> how it is stored, every number solved. */
  readonly solved: Readonly<Record<string, string>>;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Each file of a program by itself, `program` first. */
function fileHashes(program: Program, folder: string): Readonly<Record<string, string>> {
  const itemsOf = new Map<string, ProgramItem[]>([[program.span.source.path, []]]);
  for (const item of program.items) {
    const { path } = item.span.source;
    itemsOf.set(path, [...(itemsOf.get(path) ?? []), item]);
  }
  const hashes = [...itemsOf].map(([path, items]) => [
    relative(folder, path).replaceAll('\\', '/'),
    sha256(dumpMeaning({ ...program, items })),
  ]);
  return Object.fromEntries(hashes) as Record<string, string>;
}

/** `data` is the corpus's hash. */
export function lockOf(opened: Opened, data: string | undefined): Lock {
  const { program, model } = opened;
  const units = summarize(model).flatMap((layer) => layer.units);
  return {
    lock: 1,
    compiler: `rnnc ${version}`,
    files: fileHashes(program, dirname(program.span.source.path)),
    data: data ?? null,
    seed: model.training?.seed ?? null,
    solved: Object.fromEntries(units.map((u) => [u.path, `${u.method} ${argumentText(u, u)}`.trimEnd()])),
  };
}

/** `model.cmp` -> `model.lock.json`. */
const lockPath = (programPath: string): string =>
  join(dirname(programPath), `${basename(programPath).replace(/\.cmp$/, '')}.lock.json`);

const short = (value: unknown): string => {
  const text = value === null || value === undefined ? 'none' : String(value);
  return /^[0-9a-f]{64}$/.test(text) ? text.slice(0, 12) : text;
};

/** Every fact of a lock by its name: `data`, `files.base.cmp`, `solved.rnn1`. */
const factsOf = (lock: Lock): ReadonlyMap<string, unknown> =>
  new Map(
    Object.entries(lock).flatMap(([name, value]) =>
      typeof value === 'object' && value !== null
        ? Object.entries(value).map(([key, inner]) => [`${name}.${key}`, inner] as const)
        : [[name, value] as const],
    ),
  );

/** What a file or a layer need not be called by. */
const inside = /^(files|solved)\./;

/** "m.cmp is 0123456789ab, locked is ba9876543210", for each fact that differs. */
export function lockDifferences(locked: Lock, now: Lock): readonly string[] {
  const [was, is] = [factsOf(locked), factsOf(now)];
  return [...new Set([...was.keys(), ...is.keys()])]
    .filter((name) => was.get(name) !== is.get(name))
    .map((name) => `${name.replace(inside, '')} is ${short(is.get(name))}, locked is ${short(was.get(name))}`);
}

function parseLock(text: string, path: string): Lock {
  const hint = 'build without --locked to write it anew';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Fault('lock/damaged', `${path} is not JSON`, hint);
  }
  const lock = value as Partial<Lock> | null;
  const whole = typeof lock?.files === 'object' && typeof lock.solved === 'object' && lock.files && lock.solved;
  if (lock?.lock !== 1 || !whole) throw new Fault('lock/damaged', `${path} is not a lock file of this version`, hint);
  return lock as Lock;
}

/** For `--locked`: refuses a build that is not the one that was locked, and names what differs. */
export function requireLocked(opened: Opened, now: Lock, folder: string): void {
  const path = lockPath(opened.path);
  const shown = shortPath(folder, path);
  const text = readTextIfThere(path);
  if (text === undefined) {
    throw new Fault('lock/missing', `--locked: there is no ${shown}`, 'build once without --locked, which writes it');
  }
  const found = lockDifferences(parseLock(text, shown), now);
  if (found.length === 0) return;
  throw new Fault('lock/differs', `--locked: ${found.join('; ')}`, `build without --locked to write ${shown} anew`);
}

export const writeLock = (opened: Opened, lock: Lock): void =>
  writeWhole(lockPath(opened.path), `${JSON.stringify(lock, undefined, 2)}\n`);
