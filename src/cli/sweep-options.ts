/** What the command line says of a sweep: how much of the machine it takes, what is added, and what is compared. */
import { availableParallelism, freemem } from 'node:os';
import { type BaselineWord, baselineWords } from '../model/sweep-baselines.js';
import { suggestion } from '../support/suggest.js';
import { bytes } from '../support/units.js';
import type { Limits } from '../sweep/pool.js';
import { readLiteral } from '../syntax/literals.js';
import { type Invocation, UsageError } from './command.js';

/** Share of the free memory that a sweep takes unasked. */
const shareOfFree = 0.8;

/** `4 GB` as the language writes it. */
function sizeOf(option: string, text: string): number {
  const span = { source: { path: `--${option}`, text }, start: 0, end: text.length };
  const literal = readLiteral('Quantity', text.trim(), span);
  if (literal?.fault === undefined && literal?.expression.kind === 'size' && literal.expression.value > 0)
    return literal.expression.value;
  throw new UsageError(`--${option} ${text} is not a size`, 'write it as `4 GB` or `500 MB`');
}

export interface SweepLimits extends Limits {
  /** Of each run. */
  readonly threads: number;
}

/** Cores are shared by the runs: by default one run for each. */
export function limitsOf(invocation: Invocation): SweepLimits {
  const cores = availableParallelism();
  const jobs = invocation.integer('jobs') ?? cores;
  const threads = invocation.integer('threads') ?? Math.max(1, Math.floor(cores / jobs));
  const asked = invocation.text('memory');
  return { jobs, threads, memory: asked === undefined ? shareOfFree * freemem() : sizeOf('memory', asked) };
}

/** `--baselines small,prune`, or `all`. */
export function baselinesOf(invocation: Invocation): readonly BaselineWord[] {
  const words = invocation.text('baselines')?.split(',') ?? [];
  const known: readonly string[] = [...baselineWords, 'all'];
  for (const word of words) {
    if (!known.includes(word)) {
      throw new UsageError(`--baselines ${word} is not known`, `${suggestion(word, known)}`);
    }
  }
  return baselineWords.filter((word) => words.includes(word) || words.includes('all'));
}

/** "12.3 GB is more than --memory 4 GB": why a run can never start. */
export const tooLarge = (needed: number, { memory }: Limits): string =>
  `needs ${bytes(needed)} of memory, the sweep may take ${bytes(memory)}`;
