import type { exceededBudgets } from '../../src/cli/budget.js';
import type { compile } from '../../src/compile.js';
import type { applyFixes } from '../../src/diagnostics/apply-fixes.js';
import type { Model } from '../../src/model/model.js';
import type { difference } from '../../src/report/difference.js';
import type { Mutation } from './mutate.mjs';

export interface Judgement {
  readonly outcome: 'suggested' | 'refused' | 'same' | 'told apart' | 'renamed' | 'another' | 'silent' | 'no place';
  readonly errors: number;
  readonly said: readonly string[];
}
export interface Compiler {
  readonly compile: typeof compile;
  readonly applyFixes: typeof applyFixes;
  readonly difference: typeof difference;
  readonly exceededBudgets: typeof exceededBudgets;
}
export declare function judgeWith(
  compiler: Compiler,
): (original: { readonly text: string; readonly model: Model }, mutation: Mutation) => Judgement;
