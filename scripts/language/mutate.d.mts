import type { Program } from '../../src/syntax/ast.js';
import type { tokenize } from '../../src/syntax/tokens.js';

export interface Mutation {
  readonly kind: string;
  readonly how: 'misspelt' | 'deleted' | 'left out';
  readonly word: string;
  readonly put: string;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}
export declare function mutationsOf(
  text: string,
  compiler: { readonly tokenize: typeof tokenize; readonly program: Program },
): readonly Mutation[];
