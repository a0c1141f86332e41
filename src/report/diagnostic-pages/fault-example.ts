/** What an example of a fault is made of: the line that tells of it, and what to write or run instead. */

export interface FaultExample {
  /** As it is thrown. */
  readonly message: string;
  readonly hint?: string;
  /** Thrown in a page, where no command prints it. */
  readonly inPage?: true;
  readonly language: 'sh' | 'cmp' | 'js' | 'text';
  readonly instead: string;
}

const example =
  (language: FaultExample['language']) =>
  (message: string, hint: string, ...instead: readonly string[]): FaultExample => ({
    ...{ message, language, instead: instead.join('\n') },
    ...(hint === '' ? {} : { hint }),
  });

/** Mended by commands. */
export const run = example('sh');
/** Mended in the program. */
export const write = example('cmp');
/** Mended in the data. */
export const data = example('text');
/** Met by a script in a page. */
export const script = (...given: Parameters<typeof run>): FaultExample => ({
  ...example('js')(...given),
  inPage: true,
});
