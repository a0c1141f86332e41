/** Types of `paper-tables.mjs`, for its test. */
import type { Model } from '../../src/model/model.js';
import type { RuleSummary } from '../../src/model/summary.js';

export interface Compiler {
  readonly compile: (text: string) => Model | undefined;
  readonly rulesOf: (model: Model) => readonly RuleSummary[];
}

export interface HlfRow {
  readonly factor: string;
  readonly lmf: number;
  readonly least: number;
  readonly most: number;
}
export interface DkpRow {
  readonly factor: number;
  readonly kept: number;
  readonly elements: number;
  readonly parameters: number;
  readonly before: number;
}

export function hlfRanks(compiler: Compiler): readonly HlfRow[];
export function printHlfRanks(compiler: Compiler): string;
export function dkpCounts(compiler: Compiler): readonly DkpRow[];
export function printDkpCounts(compiler: Compiler): string;
