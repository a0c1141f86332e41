/** Which program a command means: the one named, or the only one here that no other imports, or the only build here. */
import { basename, dirname, join, resolve } from 'node:path';
import { Fault } from '../support/fault.js';
import { listed } from '../support/listed.js';
import { UsageError } from './command.js';
import { exists, isFolder, namesIn, readTextIfThere, shortPath } from './files.js';

/** Copy of the program (imports merged) that a build keeps. */
export const buildProgram = 'program.cmp';

/** The files that a program imports, as far as its lines tell; what cannot be read is told of when it is meant. */
function importedBy(path: string): readonly string[] {
  try {
    const lines = (readTextIfThere(path) ?? '').matchAll(/^\s*import\s+"([^"\n]+)"/gm);
    return [...lines].map(([, name]) => resolve(dirname(path), name!));
  } catch {
    return [];
  }
}

/** Programs of a folder; with several of them those that no other imports, where there are such. */
function programsIn(folder: string): readonly string[] {
  const all = namesIn(folder)
    .filter((name) => name.endsWith('.cmp'))
    .map((name) => join(folder, name));
  if (all.length < 2) return all;
  const parts = new Set(all.flatMap(importedBy));
  const whole = all.filter((path) => !parts.has(path));
  return whole.length === 0 ? all : whole;
}

const buildsIn = (folder: string): string[] =>
  namesIn(folder)
    .map((name) => join(folder, name, buildProgram))
    .filter(exists);

function only(found: readonly string[], folder: string, what: string): string | undefined {
  if (found.length > 1) {
    const names = listed(found.map((path) => shortPath(folder, path)));
    throw new UsageError(`there are ${found.length} ${what} here: ${names}`, 'name one of them');
  }
  return found[0];
}

/** Path of the program. */
export function findProgram(folder: string, operand: string | undefined, builds: string): string {
  if (operand !== undefined) {
    const path = resolve(folder, operand);
    if (!exists(path)) throw new Fault('file/missing', `there is no ${operand}`, 'name a .cmp file');
    if (!isFolder(path)) return path;
    const found = only(programsIn(path), folder, 'programs');
    if (found === undefined) throw new Fault('file/missing', `there is no .cmp file in ${operand}`);
    return found;
  }
  const found = only(programsIn(folder), folder, 'programs') ?? only(buildsIn(builds), folder, 'builds');
  if (found !== undefined) return found;
  throw new UsageError(
    `there is no .cmp file and no build in ${basename(folder) || folder}`,
    'name a .cmp file, or run `rnnc init`',
  );
}
