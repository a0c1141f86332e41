/** What a target makes: files in memory. Only the command line writes them. */
export interface OutputFile {
  /** Relative, with forward slashes: `neon/ptb.c`. */
  readonly path: string;
  readonly contents: string | Uint8Array;
}
