/** Reads what an emitted page needs of the installed packages: rnnc's own compiled modules, and the bundles of tfjs. */
import { basename, join, posix, resolve } from 'node:path';
import { bundlePaths, bundleVersion } from '../engines/tfjs/bundles.js';
import { Fault } from '../support/fault.js';
import type { OutputFile } from '../targets/output-file.js';
import type { BrowserParts } from '../targets/tfjs/emit-browser.js';
import { readBytes, readTextIfThere } from './files.js';

const home = resolve(import.meta.dirname, '../..');
const compiled = join(home, 'dist');

/** What the page starts from; all that they import comes with them. */
const entries = ['browser/open-model.js', 'browser/ui.js'];
/** Types of `rnnc-model.d.ts`. */
const types = ['browser/api.d.ts'];

function readModule(path: string): string {
  const text = readTextIfThere(join(compiled, path));
  if (text !== undefined) return text;
  throw new Fault('emit/not-compiled', `${join(compiled, path)} is not there`, 'run `npm run build`');
}

/** The modules that `path` imports, relative to the compiled folder. */
const importsOf = (path: string, text: string): readonly string[] =>
  [...text.matchAll(/\bfrom\s+'(\.[^']+)'/g)].map(([, specifier]) => posix.join(posix.dirname(path), specifier!));

/** Every module that the entries reach. */
function compiledModules(): readonly OutputFile[] {
  const found = new Map<string, string>();
  const open = [...entries];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (found.has(path)) continue;
    const text = readModule(path);
    found.set(path, text);
    open.push(...importsOf(path, text));
  }
  for (const path of types) found.set(path, readModule(path));
  return [...found]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, contents]) => ({ path: `rnnc/${path}`, contents }));
}

/** All parts of a page; the same for every model. */
export function browserParts(): BrowserParts {
  return {
    modules: compiledModules(),
    vendor: bundlePaths().map((path) => ({ path: `vendor/${basename(path)}`, contents: readBytes(path) })),
    tfjs: bundleVersion(),
    licence: new TextDecoder().decode(readBytes(join(home, 'LICENSE'))),
  };
}
