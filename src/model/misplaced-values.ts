/** Values that stand where a schedule takes moments of the run: said once, with the call as it was meant. */
import { describe, resolve } from '../arguments/read.js';
import type { Parameter } from '../arguments/schema.js';
import type { Call, Expression } from '../syntax/ast.js';
import type { Checking } from './checking.js';
import { trainError } from './train-messages.js';

/** `linear(1, to=0.1)`: values where moments belong; one error, with the call as it was meant. */
export function reportsValuesAsMoments(call: Call, value: Parameter<number>, { constants, report }: Checking): boolean {
  const given = (name: string): Expression | undefined => call.args.find((a) => a.name?.text === name)?.value;
  const isValue = (e: Expression | undefined): boolean =>
    e !== undefined && value.read(resolve(e, constants)) !== undefined;
  const [from, to] = [given('from'), given('to')];
  const wrong = isValue(to) ? to : isValue(from) ? from : undefined;
  if (wrong === undefined) return false;
  const text = (e: Expression): string => e.span.source.text.slice(e.span.start, e.span.end);
  const plain = call.args.filter((a) => a.name === undefined).map((a) => a.value);
  const start = given('start') ?? (isValue(from) ? from : plain[0]);
  const end = given('end') ?? (isValue(to) ? to : plain[start === plain[0] ? 1 : 0]);
  const rest = [
    ...(from === undefined || isValue(from) ? [] : [`from=${text(from)}`]),
    `to=${to === undefined || isValue(to) ? '4 epochs' : text(to)}`,
  ];
  const shown = (e: Expression | undefined): string => (e === undefined ? '...' : text(e));
  const instead = `${call.callee.text}(${[shown(start), shown(end), ...rest].join(', ')})`;
  const fill = { name: wrong === to ? 'to' : 'from', word: call.callee.text, found: describe(wrong), instead };
  report(trainError('moment-not-value', wrong.span, fill));
  return true;
}
