/** Where a file really lies, links followed; never what is in it. */
import { realpathSync } from 'node:fs';
import { isAbsolute, relative, sep } from 'node:path';

/** Whether a file that is there lies outside a folder, through links or not; false for what is not there. */
export function liesOutside(path: string, folder: string): boolean {
  try {
    const way = relative(realpathSync(folder), realpathSync(path));
    return way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way);
  } catch {
    return false;
  }
}
