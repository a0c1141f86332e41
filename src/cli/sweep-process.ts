/**
 * One run of a sweep as a process of its own: started by the sweep, and what it does inside. A run whose sweep is gone
 * stops by itself, with a checkpoint.
 */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Fault } from '../support/fault.js';
import { readMetrics } from '../train/metrics.js';
import type { Invocation } from './command.js';
import { readTextIfThere, reasonOf } from './files.js';
import type { Opened } from './program.js';
import { logFile, writeResult } from './sweep-folder.js';
import { identityOfRun } from './sweep-plan.js';
import { trainingFolder } from './train-model.js';
import { trainToWeights } from './train-to-weights.js';

export interface StartedRun {
  /** Exit code; 130 after `stop`. */
  readonly ended: Promise<number>;
  /** Once: after this step, with a checkpoint. Again: at once. */
  readonly stop: () => void;
}

/** Starts a run; what it prints goes to the log of its folder. */
export function startRun(folder: string, runFolder: string, args: readonly string[]): StartedRun {
  const log = openSync(logFile(runFolder), 'a');
  const main = fileURLToPath(new URL('./main.js', import.meta.url));
  // A group of its own: Ctrl-C on the terminal is for the sweep, which tells its runs once.
  const options = { cwd: folder, detached: true, stdio: ['ignore', log, log, 'ipc'] as ('ignore' | 'ipc' | number)[] };
  const child = spawn(process.execPath, [main, ...args], options);
  closeSync(log);
  const ended = new Promise<number>((done) => {
    child.on('error', () => done(70));
    child.on('exit', (code, signal) => done(code ?? (signal === null ? 70 : 137)));
  });
  return { ended, stop: () => void child.kill('SIGTERM') };
}

/** The last line that a run has printed: why it failed. */
export function lastLine(runFolder: string): string {
  const lines = (readTextIfThere(logFile(runFolder)) ?? '').trimEnd().split('\n');
  return lines.findLast((line) => /^(rnnc|error)/.test(line)) ?? lines.at(-1) ?? '';
}

/** Ends this run when the process that started it is gone. */
function followSweep(): void {
  if (process.send === undefined) return;
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  // The channel alone must not keep a finished run alive.
  process.channel?.unref();
}

/** How often a run whose folder is still held looks again, and the milliseconds between. */
const attempts = 40;
const pause = 250;

/** A run that was told to stop may still be at its last step: its folder is free when that is over. */
async function trainWhenFree(invocation: Invocation, opened: Opened): ReturnType<typeof trainToWeights> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await trainToWeights(invocation, opened);
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'train/locked' || attempt === attempts) throw error;
      await new Promise((done) => setTimeout(done, pause));
    }
  }
}

/** Seconds of all epochs, by whichever process trained them. */
function trainedSeconds(opened: Opened): { readonly epochs: number; readonly seconds: number } {
  const path = join(trainingFolder(opened), 'metrics.jsonl');
  try {
    const lines = readMetrics(readFileSync(path, 'utf8')).filter((line) => line.kind === 'epoch');
    return { epochs: lines.length, seconds: lines.reduce((sum, line) => sum + line.seconds, 0) };
  } catch (error) {
    throw new Fault('file/unreadable', `cannot read ${path}: ${reasonOf(error)}`);
  }
}

/** Trains one run of a sweep here and keeps its result; the exit code of the process. */
export async function trainRun(invocation: Invocation, opened: Opened): Promise<number> {
  followSweep();
  const outcome = await trainWhenFree(invocation, opened);
  if (outcome === undefined) return 1;
  if (!outcome.finished) return 130;
  const { valid, test, corpus } = outcome;
  const scores = { ...(valid === undefined ? {} : { valid }), ...(test === undefined ? {} : { test }) };
  writeResult(opened.buildFolder, { identity: identityOfRun(opened, corpus), ...scores, ...trainedSeconds(opened) });
  return 0;
}
