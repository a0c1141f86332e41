/**
 * The number formats that weights are stored in: a closed table. Floats are rounded value by value; integers are codes
 * on a symmetric grid with one float32 scale per run of values. The arithmetic is in `small-floats.ts` and `grid.ts`.
 */

/** Which values share a scale: all of a tensor, those of a row, or every `values` in a row that follow each other. */
export type Per =
  | { readonly kind: 'tensor' }
  | { readonly kind: 'row' }
  | { readonly kind: 'group'; readonly values: number };

/** Codes from -levels to levels, `bits` each in storage. */
export const integerFormats = {
  int8: { bits: 8, levels: 127 },
  int4: { bits: 4, levels: 7 },
  int3: { bits: 3, levels: 3 },
} as const;
export type IntegerWord = keyof typeof integerFormats;

/** The largest finite value, and the bytes of one. */
export const floatFormats = {
  float32: { bytes: 4, largest: (2 - 2 ** -23) * 2 ** 127 },
  float16: { bytes: 2, largest: 65_504 },
  bfloat16: { bytes: 2, largest: (2 - 2 ** -7) * 2 ** 127 },
} as const;
export type FloatWord = keyof typeof floatFormats;

export interface IntegerFormat {
  readonly kind: 'integer';
  readonly word: IntegerWord;
  readonly per: Per;
  /** Scales are trained beside the values and kept in the weight file; else they follow from the values. */
  readonly scales?: 'learned';
  /** In products the other factor is made integer too; without it codes become floats. Changes no stored value. */
  readonly arithmetic?: 'integer';
}
export interface FloatFormat {
  readonly kind: 'float';
  readonly word: FloatWord;
}
export type NumberFormat = IntegerFormat | FloatFormat;

export const float32: FloatFormat = { kind: 'float', word: 'float32' };

export const isFloat32 = (format: NumberFormat): boolean => format.word === 'float32';

/** Whether its scales are a tensor of their own. */
export const hasLearnedScales = (format: NumberFormat): boolean =>
  format.kind === 'integer' && format.scales === 'learned';

/** All words, as the language has them. */
export const formatWords = [...Object.keys(floatFormats), ...Object.keys(integerFormats)] as readonly (
  | FloatWord
  | IntegerWord
)[];

/** As a program writes it: `float16`, `int8(per=group(32))`, `int4(per=row, scales=learned)`. */
export function formatText(format: NumberFormat): string {
  if (format.kind === 'float') return format.word;
  const { per, scales } = format;
  const learned = scales === undefined ? '' : `, scales=${scales}`;
  return `${format.word}(per=${per.kind === 'group' ? `group(${per.values})` : per.kind}${learned})`;
}
