/** What `rnn`, `gru` and `lstm` share: their common arguments, and the layers that one definition makes. */
import type { Arguments } from '../arguments/read.js';
import { named, optional, positiveInteger, withDefault, word, yesNo } from '../arguments/schema.js';
import type { Report } from '../diagnostics/diagnostic.js';
import type { Value } from '../graph/ops.js';
import { type Buffer, part } from '../kernels/planner.js';
import { defined } from '../support/assert.js';
import type { Call } from '../syntax/ast.js';
import { bufferOf, dropoutParameter } from './define.js';
import type { Direction, LayerForward, LayerPart, LayerShape, LayerTensor, Signal } from './layer.js';
import { layerError, sequenceInput } from './messages.js';

const merges = ['concat', 'sum'] as const;
type Merge = (typeof merges)[number];

/** Arguments of every recurrent layer. */
export const recurrentSchema = {
  units: positiveInteger('hidden units'),
  layers: named(withDefault(positiveInteger('how many to stack', 100), 1)),
  dropout: dropoutParameter,
  bidirectional: named(withDefault(yesNo('a second pass from the end'), false)),
  merge: named(optional(word('how two directions are joined', merges))),
};

/** One cell with all sizes known; signal and dropout are the same for all cells. */
export type CellShape = Omit<LayerShape, 'signal' | 'dropout'>;

/** What a definition reads and where it reports. */
interface Place {
  readonly inputs: readonly Signal[];
  readonly call: Call;
  readonly report: Report;
}

/**
 * The layers of one definition: `layers=n` cells above each other; with `bidirectional=yes` each is a pair that walks
 * from both ends, and the layer that joins them. Undefined when an error was reported.
 */
export function recurrentParts(
  args: Arguments<typeof recurrentSchema>,
  { inputs, call, report }: Place,
  cellOf: (inputWidth: number) => CellShape,
): readonly LayerPart[] | undefined {
  const { units, layers, dropout, bidirectional, merge = 'concat' } = args.values;
  if (!bidirectional && args.given('merge')) {
    report(layerError('one-direction', args.at('merge'), { word: call.callee.text }));
    return undefined;
  }
  const input = sequenceInput(call, inputs, report);
  if (input === undefined) return undefined;
  const one = { signal: { kind: 'vector', width: units, perStep: true }, dropout: 0 } as const;
  const parts: LayerPart[] = [];
  for (let i = 1; i <= layers; i++) {
    const [below] = parts.slice(-1);
    const cell = cellOf(below?.shape.signal.kind === 'vector' ? below.shape.signal.width : input.width);
    const place = {
      ...(layers === 1 ? {} : { index: i }),
      ...(below === undefined ? {} : { reads: [parts.length - 1] }),
    };
    if (!bidirectional) parts.push({ ...place, shape: { ...cell, ...one, dropout } });
    else {
      for (const direction of directions) parts.push({ ...place, shape: { ...inDirection(cell, direction), ...one } });
      parts.push({
        ...place,
        kind: merge,
        reads: [parts.length - 2, parts.length - 1],
        shape: merged(merge, units, dropout),
      });
    }
  }
  return parts;
}

const directions = ['forward', 'backward'] as const;

/** A cell that walks over the whole sequence from one of its ends; nothing is known before it, so its state is zero. */
function inDirection(cell: CellShape, direction: Direction): CellShape {
  const forward = (ctx: LayerForward): Value =>
    cell.forward({
      ...ctx,
      state: (name) => ctx.g.constant(0, [ctx.batch, defined(cell.states[name], `state ${name}`)]),
      carry: () => undefined,
      backward: direction === 'backward',
    });
  return { ...cell, direction, forward };
}

/** Both directions behind each other, or added up. */
const merged = (merge: Merge, units: number, dropout: number): LayerShape => ({
  signal: { kind: 'vector', width: merge === 'concat' ? 2 * units : units, perStep: true },
  tensors: {},
  states: {},
  dropout,
  forward: ({ g, inputs: [a, b] }) => (merge === 'concat' ? g.concat([a!, b!], 1) : g.add(a!, b!)),
  plan: ({ p, inputs }) => {
    const [a, b] = inputs.map(bufferOf) as [Buffer, Buffer];
    const y = p.scratch(merge === 'concat' ? 2 * units : units);
    p.copy(a, part(y, 0, units));
    if (merge === 'concat') p.copy(b, part(y, units, units));
    else p.add(b, y);
    return y;
  },
});

/** A bias that starts at zero. */
export const zeroBias = (width: number): LayerTensor => ({ shape: [width], init: { kind: 'constant', value: 0 } });
