/** What `rnn`, `gru` and `lstm` share: their common arguments, and the layers that one definition makes. */
import { refuseLater } from '../arguments/later.js';
import type { Arguments } from '../arguments/read.js';
import { expression, named, optional, positiveInteger, withDefault, yesNo } from '../arguments/schema.js';
import type { Report } from '../diagnostics/diagnostic.js';
import type { Call } from '../syntax/ast.js';
import { dropoutParameter } from './define.js';
import type { LayerShape, LayerTensor, Signal } from './layer.js';
import { sequenceInput } from './messages.js';

/** Arguments of every recurrent layer. */
export const recurrentSchema = {
  units: positiveInteger('hidden units'),
  layers: named(withDefault(positiveInteger('how many to stack', 100), 1)),
  dropout: dropoutParameter,
  bidirectional: named(withDefault(yesNo('a second pass from the end'), false)),
  merge: named(optional(expression('how two directions are joined'))),
};

/** One cell with all sizes known; signal and dropout are the same for all cells. */
export type CellShape = Omit<LayerShape, 'signal' | 'dropout'>;

/** What a definition reads and where it reports. */
interface Place {
  readonly inputs: readonly Signal[];
  readonly call: Call;
  readonly report: Report;
}

/** `layers=n` cells above each other; undefined when an error was reported. */
export function stackCells(
  args: Arguments<typeof recurrentSchema>,
  { inputs, call, report }: Place,
  cellOf: (inputWidth: number) => CellShape,
): readonly LayerShape[] | undefined {
  const { units, layers, dropout, bidirectional } = args.values;
  const later = bidirectional ? 'bidirectional' : args.given('merge') ? 'merge' : undefined;
  if (later !== undefined) {
    const what = `\`${later}=\` of \`${call.callee.text}\``;
    return refuseLater(what, `leave \`${later}=\` out`, args.at(later), report);
  }
  const input = sequenceInput(call, inputs, report);
  if (input === undefined) return undefined;
  return Array.from({ length: layers }, (_, i) => ({
    ...cellOf(i === 0 ? input.width : units),
    signal: { kind: 'vector', width: units, perStep: true },
    dropout,
  }));
}

/** A bias that starts at zero. */
export const zeroBias = (width: number): LayerTensor => ({ shape: [width], init: { kind: 'constant', value: 0 } });
