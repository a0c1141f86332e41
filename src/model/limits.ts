/**
 * What an `emit` block limits: bytes of the whole model, and the time of one step. A time is cycles of the core's model
 * by its clock, so it needs both. Whether limits are kept is seen when the program is planned.
 */
import { describe, resolve } from '../arguments/read.js';
import type { Parameter } from '../arguments/schema.js';
import type { Span } from '../diagnostics/source.js';
import { coreOf } from '../kernels/cores.js';
import { listedWords } from '../support/listed.js';
import type { Expression, SizeLiteral, TimeLiteral } from '../syntax/ast.js';
import type { Checking } from './checking.js';
import { emitError } from './messages.js';
import type { Emit } from './model.js';

/** How fast a core runs, in hertz. */
export const clockRate: Parameter<number> = {
  doc: 'how fast the core runs: modelled cycles are also said as time',
  expects: 'a clock rate such as `1.8 GHz`',
  read: (e) => (e.kind === 'clock' && e.value > 0 ? e.value : undefined),
};

export type Limits = Pick<Emit, 'budget' | 'budgetSpan' | 'time' | 'clock'>;

/** What is written, and for which core. */
export interface LimitSettings {
  readonly budget: Expression | undefined;
  readonly clock: number | undefined;
  readonly target: Emit['target'];
  readonly cores: Pick<Emit, 'cpu' | 'cpus'>;
  readonly at: (name: 'budget' | 'clock') => Span;
  /** A setting of the block is misspelt or could not be read: it may be the clock. */
  readonly unsure: boolean;
}

type Amount = SizeLiteral | TimeLiteral;
const isAmount = (e: Expression): e is Amount => e.kind === 'size' || e.kind === 'time';

/** Undefined when an error was reported. */
export function readLimits(settings: LimitSettings, checking: Checking): Limits | undefined {
  const amounts = settings.budget === undefined ? [] : readAmounts(settings.budget, checking);
  if (amounts === undefined) return undefined;
  const size = amounts.find((amount) => amount.kind === 'size');
  const time = amounts.find((amount) => amount.kind === 'time');
  if (!isTimed(settings, time, checking)) return undefined;
  return {
    budget: size?.value,
    budgetSpan: size?.span ?? settings.at('budget'),
    ...(time === undefined ? {} : { time: { seconds: time.value, span: time.span } }),
    ...(settings.clock === undefined ? {} : { clock: settings.clock }),
  };
}

/** A size, a time, or one of each in a list. */
function readAmounts(value: Expression, { constants, report }: Checking): readonly Amount[] | undefined {
  const resolved = resolve(value, constants);
  const items = resolved.kind === 'list' ? resolved.items : [resolved];
  const amounts = items.filter(isAmount);
  const twice = amounts.length !== new Set(amounts.map(({ kind }) => kind)).size;
  if (items.length > 0 && amounts.length === items.length && !twice) return amounts;
  const wrong = items.find((item) => !isAmount(item)) ?? resolved;
  report(emitError('budget', wrong.span, { found: describe(wrong) }));
  return undefined;
}

/** Whether a time can be said where one is asked for. */
function isTimed(
  { clock, target, cores: { cpu, cpus = [cpu] }, at, unsure }: LimitSettings,
  time: TimeLiteral | undefined,
  { report }: Checking,
): boolean {
  if (time === undefined && clock === undefined) return true;
  const unknown = cpus.find((core) => coreOf(core)?.rates === undefined);
  if (unknown !== undefined) {
    const what = time === undefined ? 'a clock' : 'a budget in time';
    const core = unknown === 'any' ? 'any processor' : unknown;
    const fill = { what, target, core, cores: listedWords(timedCores) };
    report(emitError('no-cycle-model', time?.span ?? at('clock'), fill));
    return false;
  }
  if (time === undefined || clock !== undefined || unsure) return true;
  report(emitError('no-clock', time.span, { time: time.text }));
  return false;
}

/** Cores of `emit neon` whose cycles are modelled. */
const timedCores = ['cortex-a53', 'cortex-a55', 'cortex-a57', 'cortex-a72', 'cortex-a73', 'cortex-a76'];
