/**
 * What a page of a diagnostic is made of: a cause, what to do, and two programs that differ in one place. The programs
 * are also the fixtures of the tests. Knows no single code.
 */
import type { Catalogue, Entries } from '../../diagnostics/catalogue.js';
import { invariant } from '../../support/assert.js';

/** A program to be examined. */
export interface Example {
  /** Texts by file name; the first is the program. */
  readonly files: Readonly<Record<string, string>>;
  /** Tensors of a weight file that the program is fitted to, by name: their shapes. */
  readonly weights?: Readonly<Record<string, readonly number[]>>;
  /** The tensor that holds a value that is no number. */
  readonly notFinite?: string;
}

export interface DiagnosticPage {
  /** One sentence. */
  readonly cause: string;
  /** What to do about it, and why it is refused: a paragraph. */
  readonly help: string;
  /** Gives this diagnostic and no other. */
  readonly wrong: Example;
  /** Gives none. */
  readonly right: Example;
  /** The wrong program cannot but give others before it. */
  readonly amongOthers?: true;
}

/** One page for each code of a catalogue: a forgotten one is a type error. */
export type PagesOf<C> =
  C extends Catalogue<infer E extends Entries> ? { readonly [K in keyof E]: DiagnosticPage } : never;

/** The name of the program in examples. */
const model = 'model.cmp';
export const fileOf = (text: string): Example => ({ files: { [model]: text } });

/** A page whose wrong program is the right one with another text in one place: `[right, wrong]`. */
export function page(
  cause: string,
  help: string,
  right: string,
  [from, to]: readonly [string, string],
): DiagnosticPage {
  invariant(right.split(from).length === 2, `\`${from}\` stands once in the program of the page "${cause}"`);
  return { cause, help, right: fileOf(right), wrong: fileOf(right.replace(from, () => to)) };
}

/** A page whose two programs differ in more than one place. */
export const pageOf = (cause: string, help: string, right: string, wrong: string): DiagnosticPage => ({
  cause,
  help,
  right: fileOf(right),
  wrong: fileOf(wrong),
});

/** The definitions of the example in most pages. */
const definitions = [
  'tokens = ids(vocab=50)',
  'embed  = embedding(tokens, 16)',
  'rnn    = lstm(embed, 24)',
  'next   = softmax(rnn, 50)',
];
const block = (header: string, lines: readonly string[]): string => `${header} {\n  ${lines.join('\n  ')}\n}\n`;

/** A model of other definitions. */
export const defined = (...lines: readonly string[]): string => `language 1\n\n${block('model tiny', lines)}`;
/** The example, with other blocks behind it. */
export const tiny = (...blocks: readonly string[]): string => [defined(...definitions), ...blocks].join('\n');

export const compress = (...rules: readonly string[]): string => block('compress', rules);
export const train = (...lines: readonly string[]): string =>
  block('train', ['data = generated(vocab=50)', 'epochs = 8', ...lines]);
export const emitC = (...lines: readonly string[]): string => block('emit c', lines);
export const emitNeon = (...lines: readonly string[]): string => block('emit neon', lines);

/** The example with constants above the model. */
export const withLets = (lets: string, text = tiny()): string =>
  text.replace('language 1\n', () => `language 1\n${lets}\n`);
/** The example with rules. */
export const stored = (...rules: readonly string[]): string => tiny(compress(...rules));
/** The example in training, with settings beside data and epochs. */
export const trained = (...lines: readonly string[]): string => tiny(train(...lines));
/** The same, its LSTM pruned. */
export const pruned = (...lines: readonly string[]): string =>
  tiny(compress('rnn: prune(sparsity=90%)'), train(...lines));
/** The same, its LSTM a doped Kronecker product that ends at a sparsity of 96.77%. */
export const doped = (...lines: readonly string[]): string =>
  tiny(compress('rnn: dkp(B=4x5, C=6x8) to 8x'), train(...lines));
