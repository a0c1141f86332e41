/** What is said when a goal and a method do not agree, or when no setting reaches the goal; with the right number. */
import { catalogue } from '../diagnostics/catalogue.js';
import type { Report } from '../diagnostics/diagnostic.js';
import type { Span } from '../diagnostics/source.js';
import { bytes, factor, sparsityPercent } from '../support/units.js';
import type { Call } from '../syntax/ast.js';
import { area, type Block } from '../tensor/blocks.js';
import { type Goal, goalText, unitOf } from './goals.js';
import type { Measure } from './measure.js';
import { compressError } from './messages.js';
import type { CheckedRule } from './rules.js';
import type { Task } from './task.js';

/** What is said of every method under its own name: `dkp/sparsity-contradicts-goal`. */
export const contradictions = {
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
} as const;

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
  /** `r=43`: the arguments of a structured method that reach the goal, where there are some. */
  readonly rightArguments: string | undefined;
}

/** `274.0x`, `41.2 KB`, `2.10x macs`. */
const amountText = (amount: number, goal: Goal): string =>
  goal.kind === 'bytes' ? bytes(amount) : `${factor(amount)}${unitOf(goal)}`;

/** `sparsity=99.93%` where it is written by name, else the value alone. */
function sparsitySpan(call: Call, span: Span): Span {
  const argument = call.args.find((a) => a.value.span === span || a.name?.text === 'sparsity');
  return argument?.span ?? span;
}

export function reportContradiction(found: Contradiction, report: Report): void {
  const { task, goal, achieved, block, elements, right, rightArguments } = found;
  const { use, node } = task.rule;
  const make = catalogue(use.method.name, contradictions);
  const wanted = goalText(goal);
  const values = { achieved: amountText(achieved, goal), goal: wanted };
  if (use.sparsity === undefined || elements === 0) {
    const callee = `\`${use.call.callee.text}${use.call.args.length > 0 ? '(...)' : ''}\``;
    const drop = `drop \`to ${wanted}\``;
    const hint =
      rightArguments === undefined
        ? use.method.name === 'dense'
          ? `${drop}, or store it by a method that is smaller, such as \`lmf\` or \`prune\``
          : `${drop}, or leave an argument open so that it is solved`
        : `${wanted} needs ${rightArguments}; ${drop}`;
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

/** Complete methods of several layers against the goal that they share; `achieved` in bytes or as a factor. */
export function reportTogether({ use, node }: CheckedRule, goal: Goal, achieved: number, report: Report): void {
  const text = goalText(goal);
  const hint = `drop \`to ${text}\`, or leave an argument open so that it is solved`;
  const fill = { callee: use.call.callee.text, achieved: amountText(achieved, goal), goal: text, hint };
  report(compressError('together-contradicts', node.goal?.span ?? node.span, fill));
}

export interface Unreachable {
  readonly rule: CheckedRule;
  /** Name of the layer. */
  readonly layer: string;
  readonly goal: Goal;
  readonly measure: Measure;
  /** What the goal measures at the smallest and at the largest setting. */
  readonly smallest: number;
  readonly largest: number;
}

export function reportUnreachable(found: Unreachable, report: Report): void {
  const { rule, layer, goal } = found;
  const { use, node } = rule;
  const { least, most, hint } = goal.kind === 'bytes' ? byteBounds(found) : factorBounds(found);
  const fill = { method: use.call.callee.text, layer, least, most, goal: goalText(goal), hint };
  report(compressError('unreachable-goal', node.goal?.span ?? node.span, fill));
}

interface Bounds {
  readonly least: string;
  readonly most: string;
  readonly hint: string;
}

function byteBounds({ smallest, largest }: Unreachable): Bounds {
  return {
    least: bytes(smallest),
    most: bytes(largest),
    hint: `allow at least ${bytes(Math.ceil(smallest * 1.005))}`,
  };
}

/** A factor with as many digits as factors have. The last term: 12.25 may lie below itself in binary. */
function rounded(value: number, round: (value: number) => number): string {
  const scale = value >= 1000 ? 1 : value >= 100 ? 10 : 100;
  const nearest = Math.round(value * scale);
  return factor((Math.abs(value * scale - nearest) < 1e-12 * nearest ? nearest : round(value * scale)) / scale);
}

/** A printed bound must itself be reachable: rounded towards the inside. A goal is never below 1x. */
function factorBounds({ goal, measure, smallest, largest }: Unreachable): Bounds {
  const unit = unitOf(goal);
  const least = measure.before / largest;
  const most = measure.before / smallest;
  const down = rounded(most, Math.floor);
  const up = rounded(Math.max(least, 1), Math.ceil);
  const hint =
    most < 1
      ? `no setting is smaller than the dense layer${unit === '' ? '' : ` in${unit}`}: leave it dense`
      : goal.amount > most
        ? `use \`to ${down}${unit}\` or less`
        : `use \`to ${up}${unit}\` or more`;
  return { least: up === down && least < 1 ? factor(least) : up, most: `${down}${unit}`, hint };
}
