/**
 * The folder of a sweep: one folder for each run, with what it was made of and what came out, and the tables. A result
 * counts only for exactly the program, data and compiler that it was made with.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Score } from '../train/score.js';
import { makeFolder, readTextIfThere, writeWhole } from './files.js';

/** What a finished run leaves. */
export interface KeptResult {
  /** Hash of program, data and compiler. */
  readonly identity: string;
  readonly valid?: Score;
  readonly test?: Score;
  readonly epochs: number;
  /** Of training, over all its processes. */
  readonly seconds: number;
}

export const resultFile = (folder: string): string => join(folder, 'result.json');
export const logFile = (folder: string): string => join(folder, 'log.txt');
const identityFile = (folder: string): string => join(folder, 'identity.txt');

function parsed(text: string): KeptResult | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const sound = typeof value === 'object' && value !== null && 'identity' in value && 'seconds' in value;
    return sound ? (value as KeptResult) : undefined;
  } catch {
    return undefined;
  }
}

/** The result of exactly this run; undefined when there is none. */
export function readResult(folder: string, identity: string): KeptResult | undefined {
  const text = readTextIfThere(resultFile(folder));
  const result = text === undefined ? undefined : parsed(text);
  return result?.identity === identity ? result : undefined;
}

export const writeResult = (folder: string, result: KeptResult): void =>
  writeWhole(resultFile(folder), `${JSON.stringify(result, undefined, 2)}\n`);

/** Makes the folder of a run ready: what another program, other data or another compiler left there goes. */
export function prepareFolder(folder: string, identity: string, restart: boolean): void {
  if (restart || readTextIfThere(identityFile(folder)) !== identity) rmSync(folder, { recursive: true, force: true });
  makeFolder(folder);
  writeWhole(identityFile(folder), identity);
}
