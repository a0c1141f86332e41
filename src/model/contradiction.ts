/** What is said when a goal and a method do not agree, or when no setting reaches the goal; with the right number. */
import { catalogue } from '../diagnostics/catalogue.js';
import type { Report } from '../diagnostics/diagnostic.js';
import type { Span } from '../diagnostics/source.js';
import { bytes, factor, sparsityPercent } from '../support/units.js';
import type { Call } from '../syntax/ast.js';
import { area, type Block } from '../tensor/blocks.js';
import type { Goal } from './goals.js';
import { compressError } from './messages.js';
import type { Measure, Task } from './task.js';

const contradictionError = (method: string) =>
  catalogue(method, {
    'sparsity-contradicts-goal': {
      severity: 'error',
      message: 'sparsity {sparsity} gives {achieved}, not {goal}',
      hint: '{hint}',
    },
    'arguments-contradict-goal': {
      severity: 'error',
      message: '{callee} gives {achieved} on `{layer}`, not {goal}',
      hint: '{hint}',
    },
  });

export interface Contradiction {
  readonly task: Task;
  readonly goal: Goal;
  /** A factor, or bytes. */
  readonly achieved: number;
  /** What is pruned together. */
  readonly block: Block;
  /** Elements that are pruned; 0 for a structured method. */
  readonly elements: number;
  /** The kept count that reaches the goal, where there is one. */
  readonly right: number | undefined;
}

const unitOf = (goal: Goal): string => (goal.kind === 'macs' ? ' macs' : '');

/** `274.0x`, `41.2 KB`, `2.10x macs`. */
const amountText = (amount: number, goal: Goal): string =>
  goal.kind === 'bytes' ? bytes(amount) : `${factor(amount)}${unitOf(goal)}`;

/** `sparsity=99.93%` where it is written by name, else the value alone. */
function sparsitySpan(call: Call, span: Span): Span {
  const argument = call.args.find((a) => a.value.span === span || a.name?.text === 'sparsity');
  return argument?.span ?? span;
}

export function reportContradiction(found: Contradiction, report: Report): void {
  const { task, goal, achieved, block, elements, right } = found;
  const { use, node } = task.rule;
  const make = contradictionError(use.method.name);
  const wanted = `${goal.text}${unitOf(goal)}`;
  const values = { achieved: amountText(achieved, goal), goal: wanted };
  if (use.sparsity === undefined || elements === 0) {
    const callee = `\`${use.call.callee.text}${use.call.args.length > 0 ? '(...)' : ''}\``;
    const hint = `drop \`to ${wanted}\`, or leave an argument open so that it is solved`;
    report(
      make('arguments-contradict-goal', node.goal?.span ?? node.span, {
        ...values,
        callee,
        layer: task.layer.name,
        hint,
      }),
    );
    return;
  }
  const sparsity = `${Number((use.sparsity * 100).toFixed(10))}%`;
  const drop = `drop \`to ${wanted}\` to keep ${sparsity}`;
  const hint =
    right === undefined
      ? `${wanted} cannot be reached; ${drop}`
      : `${wanted} needs sparsity=${sparsityPercent(right, elements, area(block))}; ${drop}`;
  report(make('sparsity-contradicts-goal', sparsitySpan(use.call, use.sparsitySpan), { ...values, sparsity, hint }));
}

export interface Unreachable {
  readonly task: Task;
  readonly goal: Goal;
  readonly measure: Measure;
  /** What the goal measures at the smallest and at the largest setting. */
  readonly smallest: number;
  readonly largest: number;
}

export function reportUnreachable({ task, goal, measure, smallest, largest }: Unreachable, report: Report): void {
  const { use, node } = task.rule;
  const inBytes = goal.kind === 'bytes';
  const least = inBytes ? smallest : measure.before / largest;
  const most = inBytes ? largest : measure.before / smallest;
  // A printed bound must itself be reachable: rounded towards the inside.
  const down = (value: number): string => factor(Math.floor(value * 10) / 10);
  const up = (value: number): string => factor(Math.ceil(value * 10) / 10);
  const hint = inBytes
    ? `allow at least ${bytes(Math.ceil(least * 1.005))}`
    : goal.amount > most
      ? `use \`to ${down(most)}${unitOf(goal)}\` or less`
      : `use \`to ${up(least)}${unitOf(goal)}\` or more`;
  report(
    compressError('unreachable-goal', node.goal?.span ?? node.span, {
      method: use.call.callee.text,
      layer: task.layer.name,
      least: inBytes ? bytes(least) : `${up(least)}`,
      most: inBytes ? bytes(most) : `${down(most)}${unitOf(goal)}`,
      goal: `${goal.text}${unitOf(goal)}`,
      hint,
    }),
  );
}
