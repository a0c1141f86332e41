/** Reads what a rule asks for behind `to`: a factor in parameters or multiply-adds, or a size in bytes. */
import { describe, resolve } from '../arguments/read.js';
import type { Span } from '../diagnostics/source.js';
import type { Goal as GoalNode } from '../syntax/ast.js';
import type { Checking } from './checking.js';
import { compressError } from './messages.js';

export interface Goal {
  readonly kind: 'parameters' | 'macs' | 'bytes';
  /** A factor of at least 1, or bytes. */
  readonly amount: number;
  /** As written: `25x`, `40 KB`. */
  readonly text: string;
  /** One goal for all layers of the rule. */
  readonly together: boolean;
  /** Of the amount. */
  readonly span: Span;
}

export const unitOf = (goal: Goal): string => (goal.kind === 'macs' ? ' macs' : '');

/** As written behind `to`: `2x macs together`. */
export const goalText = (goal: Goal): string => `${goal.text}${unitOf(goal)}${goal.together ? ' together' : ''}`;

/** Undefined when an error was reported. */
export function readGoal(node: GoalNode, { constants, report }: Checking): Goal | undefined {
  const { together } = node;
  const { span } = node.amount;
  const amount = resolve(node.amount, constants);
  if (amount.kind === 'percent') {
    const hint =
      amount.value > 0 && amount.value < 1
        ? `${amount.text} fewer parameters is \`to ${Number((1 / (1 - amount.value)).toFixed(2))}x\``
        : 'write a factor, such as `to 25x`';
    report(compressError('percent-goal', span, { found: amount.text, hint }));
    return undefined;
  }
  const macs = node.unit === 'macs';
  if (amount.kind === 'size' && !macs)
    return { kind: 'bytes', amount: amount.value, text: amount.text, together, span };
  if (amount.kind === 'factor') {
    if (amount.value >= 1) return { kind: node.unit, amount: amount.value, text: amount.text, together, span };
    report(compressError('goal-below-one', span, { found: amount.text }));
    return undefined;
  }
  const expects = macs ? 'a factor such as `2x` before `macs`' : 'a factor such as `25x` or a size such as `40 KB`';
  const hint = amount.kind === 'number' ? `write \`to ${amount.text}x\`` : 'write a factor, such as `to 25x`';
  report(compressError('goal-type', span, { expects, found: describe(amount), hint }));
  return undefined;
}
