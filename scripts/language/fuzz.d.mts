import type { tokenize } from '../../src/syntax/tokens.js';

export type Dice = (limit: number) => number;
export declare function dice(seed: number): Dice;
/** A draw from a pool of programs. */
export declare function drawer(
  next: Dice,
  corpus: readonly string[],
  lexer: typeof tokenize,
): (pool: readonly string[]) => string;
