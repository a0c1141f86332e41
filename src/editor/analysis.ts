/** A program as an editor sees it: its tree however broken, what is wrong, and the model when nothing is. */
import { type Diagnostic, Diagnostics } from '../diagnostics/diagnostic.js';
import { checkLoaded } from '../model/check-loaded.js';
import type { Model } from '../model/model.js';
import { invariant } from '../support/assert.js';
import type { Program } from '../syntax/ast.js';
import { loadProgram, type ReadText } from '../syntax/load.js';

export interface Analysis {
  readonly path: string;
  readonly text: string;
  /** Imports in their places; every statement that could be read. */
  readonly program: Program;
  readonly diagnostics: readonly Diagnostic[];
  /** Undefined when the program is wrong. */
  readonly model: Model | undefined;
}

/** `text` is what the editor shows of `path`; other files are read as they are. */
export function analyze(path: string, text: string, readText: ReadText): Analysis {
  const [faults, found] = [new Diagnostics(), new Diagnostics()];
  const program = loadProgram(path, (file, folder) => (file === path ? text : readText(file, folder)), faults.report);
  invariant(program !== undefined, `${path} has a text`);
  const model = checkLoaded(program, faults.all, found.report, 'each-value');
  return { path, text, program, model, diagnostics: found.all };
}
