/** A program as an editor sees it: its tree however broken, what is wrong, and the model when nothing is. */
import { schemasOf } from '../arguments/read.js';
import type { Schema } from '../arguments/schema.js';
import { type Diagnostic, Diagnostics } from '../diagnostics/diagnostic.js';
import type { Source, Span } from '../diagnostics/source.js';
import { checkLoaded } from '../model/check-loaded.js';
import type { Model } from '../model/model.js';
import { invariant } from '../support/assert.js';
import type { Program } from '../syntax/ast.js';
import { loadProgram, type ReadText } from '../syntax/load.js';
import type { ParsedText } from '../syntax/parse.js';
import { reparseText } from '../syntax/reparse.js';

export interface Analysis {
  readonly path: string;
  readonly text: string;
  /** Imports in their places; every statement that could be read. */
  readonly program: Program;
  readonly diagnostics: readonly Diagnostic[];
  /** Undefined when the program is wrong. */
  readonly model: Model | undefined;
  /** The schema by which the call of this callee, or the block of this word, is read. */
  readonly schemaAt: (callee: Span) => Schema | undefined;
}

/** Analyses one program again and again, as it is written: what has not changed since the last time is not read. */
export class Analyzer {
  /** Files of the last analysis, by their paths. */
  #read: ReadonlyMap<string, ParsedText> = new Map();

  /** `text` is what the editor shows of `path`; other files are read as they are. */
  analyze(path: string, text: string, readText: ReadText): Analysis {
    const [faults, found] = [new Diagnostics(), new Diagnostics()];
    const read = new Map<string, ParsedText>();
    const parse = (source: Source): ParsedText => {
      const parsed = reparseText(this.#read.get(source.path), source);
      read.set(source.path, parsed);
      return parsed;
    };
    const shown: ReadText = (file, folder) => (file === path ? text : readText(file, folder));
    const program = loadProgram(path, shown, faults.report, parse);
    invariant(program !== undefined, `${path} has a text`);
    this.#read = read;
    const model = checkLoaded(program, faults.all, found.report, 'each-value');
    const again = (): void => void checkLoaded(program, faults.all, () => undefined, 'each-value');
    let schemas: ReadonlyMap<Span, Schema> | undefined;
    const schemaAt = (callee: Span): Schema | undefined => {
      schemas ??= schemasOf(again);
      return schemas.get(callee);
    };
    return { path, text, program, model, diagnostics: found.all, schemaAt };
  }
}

/** One program, once. */
export const analyze = (path: string, text: string, readText: ReadText): Analysis =>
  new Analyzer().analyze(path, text, readText);
