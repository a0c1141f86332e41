/** Which program a command means: the one named, or the only one in this folder, or the only build in it. */
import { basename, join, resolve } from 'node:path';
import { Fault } from '../support/fault.js';
import { listed } from '../support/listed.js';
import { UsageError } from './command.js';
import { exists, isFolder, namesIn, shortPath } from './files.js';

/** Copy of the program (imports merged) that a build keeps. */
export const buildProgram = 'program.cmp';

const programsIn = (folder: string): string[] =>
  namesIn(folder)
    .filter((name) => name.endsWith('.cmp'))
    .map((name) => join(folder, name));

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
