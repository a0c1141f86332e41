/**
 * Collects labelled sequences while a file is read: words and labels by first appearance, numbered when all is known.
 * Refuses, with file and line, a sequence without a token and one that is too long.
 */
import { Fault } from '../support/fault.js';
import { count } from '../support/units.js';
import type { Examples } from './corpus.js';
import { unknownWord } from './tokenize.js';
import { IdBuffer, Lexicon } from './vocabulary.js';

/** A place in a data file, as messages name it. */
export interface Place {
  readonly path: string;
  readonly line: number;
}

export const placeText = ({ path, line }: Place): string => `${path}:${line}`;

export interface Numbering {
  /** word -> id, `<unk>` among them. */
  readonly words: ReadonlyMap<string, number>;
  /** label -> id. */
  readonly labels: ReadonlyMap<string, number>;
}

export interface Numbered extends Examples {
  /** Where each of `unseen` first stands, and how often it comes. */
  readonly unseenAt: readonly { readonly place: Place; readonly times: number }[];
}

/** What the readers of the formats hand their lines to. */
export class ExampleReader {
  readonly words = new Lexicon();
  readonly labels = new Lexicon();
  private readonly starts = new IdBuffer();
  /** Where each label first stands. */
  private readonly labelPlaces: Place[] = [];
  private readonly lower: boolean;
  private readonly maxSteps: number;

  constructor({ lower, maxSteps }: { readonly lower: boolean; readonly maxSteps: number }) {
    this.lower = lower;
    this.maxSteps = maxSteps;
    this.starts.push(0);
  }

  word(text: string): void {
    this.words.add(this.lower ? text.toLowerCase() : text);
  }

  label(text: string, place: Place): void {
    this.labels.add(text);
    if (this.labels.symbols.length > this.labelPlaces.length) this.labelPlaces.push(place);
  }

  /** Ends the sequence; `place` is its last line. */
  end(place: Place): void {
    const length = this.words.ids.length - this.last;
    if (length === 0)
      throw new Fault('data/empty-sequence', `${placeText(place)} has a label and no word`, 'remove the line');
    if (length > this.maxSteps)
      throw new Fault(
        'data/too-long',
        `${placeText(place)} ends a sequence of ${count(length)} words, max_steps is ${count(this.maxSteps)}`,
        `raise it: \`max_steps=${length}\` of the loader, or cut the sequence`,
      );
    this.last = this.words.ids.length;
    this.starts.push(this.last);
  }
  private last = 0;

  /** Tokens since the last sequence ended. */
  get pending(): number {
    return this.words.ids.length - this.last;
  }

  get examples(): number {
    return this.starts.length - 1;
  }

  /** Everything by ids; words outside become `<unk>`, labels outside follow behind the known ones. */
  number({ words, labels }: Numbering, origin: string): Numbered {
    const unknownId = words.get(unknownWord)!;
    const wordIds = this.words.symbols.map((word) => words.get(word));
    let unknown = 0;
    wordIds.forEach((id, i) => {
      if (id === undefined) unknown += this.words.counts[i]!;
    });
    const unseen = this.labels.symbols.filter((label) => !labels.has(label));
    const labelIds = this.labels.symbols.map((label) => labels.get(label) ?? labels.size + unseen.indexOf(label));
    return {
      ids: this.words.ids.toArray().map((id) => wordIds[id] ?? unknownId),
      starts: this.starts.toArray(),
      labels: this.labels.ids.toArray().map((id) => labelIds[id]!),
      unseen,
      unseenAt: unseen.map((label) => {
        const at = this.labels.symbols.indexOf(label);
        return { place: this.labelPlaces[at]!, times: this.labels.counts[at]! };
      }),
      unknown: unknown / this.words.ids.length,
      origin,
    };
  }
}
