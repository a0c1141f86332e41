/** Loads the program a command means, prints what is wrong with it, and knows where its build lies. */
import { join, resolve } from 'node:path';
import { type Compiled, compile } from '../compile.js';
import { liesOutside } from '../data/inside-folder.js';
import { type Diagnostic, Diagnostics } from '../diagnostics/diagnostic.js';
import { diagnosticToJson } from '../diagnostics/json.js';
import { printDiagnostic } from '../diagnostics/print.js';
import { outside, type ReadText } from '../syntax/load.js';
import type { Invocation } from './command.js';
import { readTextIfThere, shortPath } from './files.js';
import { findProgram } from './find-program.js';
import { shownOn } from './terminal.js';

export interface Opened extends Compiled {
  readonly path: string;
  /** Folder of this model's build: `build/quickstart`. */
  readonly buildFolder: string;
}

export const buildsFolder = (invocation: Invocation): string =>
  resolve(invocation.folder, invocation.text('out') ?? 'build');

/** Diagnostics on stderr as text, or on stdout as one JSON line each. */
export function printDiagnostics(invocation: Invocation, found: readonly Diagnostic[]): void {
  for (const diagnostic of found) {
    if (invocation.text('format') === 'json') invocation.terminal.print(JSON.stringify(diagnosticToJson(diagnostic)));
    else invocation.terminal.warn(`${printDiagnostic(diagnostic, shownOn(invocation.terminal))}\n`);
  }
}

export interface Read {
  readonly found: readonly Diagnostic[];
  /** Undefined when the program is wrong. */
  readonly opened: Opened | undefined;
}

/** The program a command means, and everything that is to be said about it; prints nothing. */
export function readProgram(invocation: Invocation): Read {
  const path = findProgram(invocation.folder, invocation.operands[0], buildsFolder(invocation));
  const diagnostics = new Diagnostics();
  const compiled = compile(shortPath(invocation.folder, path), readFrom(invocation.folder), diagnostics.report);
  const opened = compiled && { ...compiled, path, buildFolder: join(buildsFolder(invocation), compiled.model.name) };
  return { found: diagnostics.all, opened };
}

/** Undefined when the program is wrong: the diagnostics are printed, the exit code is 1. */
export function openProgram(invocation: Invocation): Opened | undefined {
  const { found, opened } = readProgram(invocation);
  printDiagnostics(invocation, found);
  return opened;
}

/** Paths in messages are short; reading resolves them against the folder of the call. */
const readFrom =
  (here: string): ReadText =>
  (path, folder) => {
    const file = resolve(here, path);
    return folder !== undefined && liesOutside(file, resolve(here, folder)) ? outside : readTextIfThere(file);
  };
