/** The loaders `tagged` and `classified`: a folder with three splits to labelled sequences of ids. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { ExampleLoader } from '../model/model.js';
import { Fault } from '../support/fault.js';
import { count, counted } from '../support/units.js';
import { readLabelled, readTable } from './classified.js';
import type { ExampleCorpus, Examples, Split } from './corpus.js';
import { ExampleReader, type Numbered, placeText } from './example-reader.js';
import { describeFile, listFiles, listFolders } from './files.js';
import { holdsRelations, readRelations, relationFile, relationSplits, relationsNote } from './relations.js';
import { findSplits } from './splits.js';
import { readColumns, readSequences } from './tagged.js';
import { unknownWord } from './tokenize.js';
import { rankSymbols } from './vocabulary.js';

export interface ExampleRequest {
  readonly directory: string;
  /** Ids there are: `vocab=` of the model's input. */
  readonly vocabulary: number;
  /** Classes of the model's softmax. */
  readonly classes: number;
  readonly needs: readonly Split[];
  /** Words and labels of a model trained before; train is then not read for them. */
  readonly words: readonly string[] | undefined;
  readonly labels: readonly string[] | undefined;
}

/** How one layout of a data folder is found and read. */
interface Layout {
  readonly names: (directory: string) => readonly string[];
  /** Of one split: the files behind its name. */
  readonly files: (path: string) => readonly string[];
  readonly read: (path: string, reader: ExampleReader) => void;
  /** What its reader should know. */
  readonly note?: string;
}

/** The files of SemEval-2010 task 8, by the names that they come with. */
const relations: Layout = {
  names: relationSplits,
  files: (path) => [relationFile(path)],
  read: readRelations,
  note: relationsNote,
};

const beside = (name: string): ((path: string) => readonly string[]) => {
  return (path) => [join(path, 'seq.in'), join(path, name)];
};

const layouts: Readonly<Record<ExampleLoader['kind'], { readonly file: Layout; readonly folder: Layout }>> = {
  tagged: {
    file: { names: listFiles, files: (path) => [path], read: readColumns },
    folder: { names: listFolders, files: beside('seq.out'), read: readSequences },
  },
  classified: {
    file: { names: listFiles, files: (path) => [path], read: readTable },
    folder: { names: listFolders, files: beside('label'), read: readLabelled },
  },
};

/** Folders that hold a `seq.in` are splits; otherwise files are. */
function layoutOf(kind: ExampleLoader['kind'], directory: string): Layout {
  if (kind === 'classified' && holdsRelations(directory)) return relations;
  const { file, folder } = layouts[kind];
  const isSplit = (name: string): boolean => listFiles(join(directory, name)).includes('seq.in');
  return listFolders(directory).some(isSplit) ? folder : file;
}

const numbered = (symbols: readonly string[]): Map<string, number> =>
  new Map(symbols.map((symbol, id) => [symbol, id]));

/** sha256, in hexadecimal, over words, labels and every split. */
function hashExamples({ words, labels, splits }: Pick<ExampleCorpus, 'words' | 'labels' | 'splits'>): string {
  const hash = createHash('sha256').update(JSON.stringify([words, labels]));
  for (const split of ['train', 'valid', 'test'] as const) {
    const examples = splits.get(split);
    if (examples === undefined) continue;
    hash.update(`\n${split} ${JSON.stringify(examples.unseen)}`);
    for (const { buffer, byteOffset, byteLength, length } of [examples.ids, examples.starts, examples.labels])
      hash.update(`\n${length}\n`).update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest('hex');
}

function checkLabels(labels: readonly string[], { classes }: ExampleRequest, origin: string): void {
  if (labels.length === classes) return;
  const has = counted(labels.length, 'label');
  const message = `${origin} has ${has}, the softmax of the model ${count(classes)} classes`;
  throw new Fault('data/label-count', message, `write \`softmax(..., ${labels.length})\``);
}

/** What its reader should know of a split's labels. */
function unseenNotes(split: Split, { unseen, unseenAt }: Numbered): string[] {
  return unseen.map((label, i) => {
    const { place, times } = unseenAt[i]!;
    const where = `${times}x, first at ${placeText(place)}`;
    return `${split}: the label ${label} is never seen in train (${where}): each counts as an error`;
  });
}

/** Reads the splits; throws a Fault for every kind of bad data. */
export function loadExamples(
  loader: ExampleLoader,
  request: ExampleRequest,
): ExampleCorpus & { readonly notes: readonly string[] } {
  const { directory, vocabulary, needs } = request;
  const layout = layoutOf(loader.kind, directory);
  const learns = request.words === undefined || request.labels === undefined;
  const needed = learns ? [...new Set<Split>(['train', ...needs])] : needs;
  const found = findSplits(layout.names(directory), directory, needed);
  const paths = new Map(needed.map((split) => [split, join(directory, found.get(split)!)]));
  const files = [...paths.values()].flatMap(layout.files).map(describeFile);
  const readers = new Map([...paths].map(([split, path]) => [split, readSplit(loader, layout, path)]));
  const train = readers.get('train');
  const words = request.words ?? rankSymbols(train!.words, vocabulary, [unknownWord]);
  const labels = request.labels ?? rankSymbols(train!.labels, Number.POSITIVE_INFINITY, []);
  checkLabels(labels, request, request.labels === undefined ? paths.get('train')! : 'the trained model');
  if (!words.includes(unknownWord))
    throw new Fault(
      'data/odd-vocabulary',
      `the given vocabulary of ${count(words.length)} words has no ${unknownWord}`,
    );
  const ids = { words: numbered(words), labels: numbered(labels) };
  const all = [...readers].map(([split, reader]) => [split, reader.number(ids, paths.get(split)!)] as const);
  const unseen = all.flatMap(([split, examples]) => unseenNotes(split, examples));
  const notes = [...(layout.note === undefined ? [] : [layout.note]), ...unseen];
  const splits = new Map<Split, Examples>(all.map(([split, { unseenAt: _, ...examples }]) => [split, examples]));
  const facts = { words, labels, splits };
  const perToken = loader.kind === 'tagged';
  return { kind: 'examples', ...facts, perToken, hash: hashExamples(facts), files, notes };
}

function readSplit(loader: ExampleLoader, layout: Layout, path: string): ExampleReader {
  const reader = new ExampleReader(loader);
  layout.read(path, reader);
  if (reader.examples === 0)
    throw new Fault('data/empty-file', `${path} has no example`, 'give a file with at least one example');
  return reader;
}
