/**
 * A program with everything it imports, as one tree whose spans keep their own files. Reading files is the caller's:
 * nothing here touches the disk.
 */
import { posix } from 'node:path';
import type { Diagnostic, Note, Report } from '../diagnostics/diagnostic.js';
import type { Source, Span } from '../diagnostics/source.js';
import type { Block, Gap, Import, Let, Program, ProgramItem } from './ast.js';
import { syntaxError } from './messages.js';
import { type ParsedText, parseText } from './parse.js';

/** What a reader answers for a file that links lead out of the folder. */
export const outside: unique symbol = Symbol('outside');

/** The text of a file, undefined when there is none; an import comes with the folder that it must really lie in. */
export type ReadText = (path: string, folder?: string) => string | typeof outside | undefined;

/** Reads one text. */
type ParseText = (source: Source) => ParsedText;

interface Loading {
  readonly readText: ReadText;
  readonly parseText: ParseText;
  readonly report: Report;
  /** Folder of the program; imports stay inside. */
  readonly root: string;
  /** Files whose items are in the program already. */
  readonly loaded: Set<string>;
  /** What could not be read in any of them. */
  readonly gaps: Gap[];
}

const slashes = (path: string): string => path.replaceAll('\\', '/');
const folderOf = (path: string): string => posix.dirname(slashes(path));

/** The imported file, or undefined when the path leaves the folder of the program. */
function resolveImport(path: string, importer: string, root: string): string | undefined {
  if (path === '' || path.includes('\\') || posix.isAbsolute(path) || /^[A-Za-z][\w+.-]*:/.test(path)) return undefined;
  const file = posix.normalize(posix.join(folderOf(importer), path));
  return posix.relative(root, file).startsWith('..') ? undefined : file;
}

function importItems(item: Import, chain: readonly string[], loading: Loading): readonly ProgramItem[] {
  const { report, root, loaded, readText } = loading;
  const { value: path, span } = item.path;
  const refuse = (): [] => {
    report(syntaxError('import-outside', span, { path }));
    return [];
  };
  const file = resolveImport(path, chain.at(-1)!, root);
  if (file === undefined) return refuse();
  if (chain.includes(file)) {
    const cycle = [...chain.slice(chain.indexOf(file)), file].map((name) => posix.relative(root, name)).join(' -> ');
    report(syntaxError('import-cycle', span, { path, cycle }));
    return [];
  }
  if (loaded.has(file)) return [];
  const text = readText(file, root);
  if (text === outside) return refuse();
  if (text === undefined) {
    report(syntaxError('import-missing', span, { path, file }));
    return [];
  }
  loaded.add(file);
  return itemsOf({ path: file, text }, [...chain, file], loading).items;
}

function itemsOf(source: Source, chain: readonly string[], loading: Loading): Program {
  const { program, faults } = loading.parseText(source);
  for (const fault of faults) loading.report(fault);
  loading.gaps.push(...program.gaps);
  const items = program.items.flatMap((item) => (item.kind === 'import' ? importItems(item, chain, loading) : [item]));
  const own = (item: ProgramItem): boolean => item.kind !== 'language' || chain.length === 1;
  return { ...program, items: items.filter(own) };
}

const firstHere = (span: Span): readonly Note[] => [{ message: 'first given here', span }];
const blockKey = ({ word, name }: Block): string => (word === 'emit' ? `emit ${name?.text ?? ''}` : word);

/** One `let` for a name, one block of a kind, one `emit` for a target. */
function checkRepeats(program: Program, { report, gaps }: Loading): void {
  const refuse = (fault: Diagnostic): void => {
    report(fault);
    gaps.push({ span: fault.span, words: [] });
  };
  const lets = new Map<string, Let>();
  const blocks = new Map<string, Block>();
  for (const item of program.items) {
    if (item.kind === 'let') {
      const first = lets.get(item.name.text);
      if (first === undefined) lets.set(item.name.text, item);
      else refuse(syntaxError('let-twice', item.name.span, { name: item.name.text }, firstHere(first.name.span)));
    } else if (item.kind === 'block') {
      const block = blockKey(item);
      const first = blocks.get(block);
      if (first === undefined) blocks.set(block, item);
      else refuse(syntaxError('block-twice', item.wordSpan, { block }, firstHere(first.wordSpan)));
    }
  }
}

/**
 * The program in file `path` with its imports in their places; undefined when the file itself cannot be read, which
 * is for the caller to say. Faults of all files are reported.
 */
export function loadProgram(
  path: string,
  readText: ReadText,
  report: Report,
  parseFile: ParseText = parseText,
): Program | undefined {
  const text = readText(path);
  if (text === undefined || text === outside) return undefined;
  const file = posix.normalize(slashes(path));
  const [root, loaded] = [folderOf(file), new Set([file])];
  const loading: Loading = { readText, parseText: parseFile, report, root, loaded, gaps: [] };
  const program = itemsOf({ path, text }, [file], loading);
  checkRepeats(program, loading);
  return { ...program, gaps: loading.gaps };
}
