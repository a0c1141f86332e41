/**
 * Divides the weights of a layer into units: what one rule selects as a whole is one unit of all gates over all
 * column blocks; `.input` and `.recurrent` are units by themselves; some gates only, one unit each. What no rule
 * selects is dense. A layer may need gates or column blocks apart. Binds no method.
 */

import type { MatrixFamily } from '../layers/layer.js';
import type { Matrix } from '../methods/method.js';
import type { DefinedLayer } from './definitions.js';
import type { Claim } from './rules.js';
import { cellKey } from './rules.js';
import { gateCount } from './selectors.js';

/** A unit before its method is bound. */
export interface UnitDraft {
  readonly path: string;
  readonly gates: readonly number[];
  readonly blocks: readonly number[];
  readonly matrix: Matrix;
  /** The matrix as the program writes it, before `small`. */
  readonly written: Matrix;
  readonly rule: number | undefined;
}

/** Cells with one claim: gates whose column blocks are the same stand together. */
interface Group {
  readonly rule: number | undefined;
  readonly blocks: readonly number[];
  readonly gates: number[];
}

/** Whether the method of a rule (undefined: dense) may store column blocks by themselves without another law. */
type Columnwise = (rule: number | undefined) => boolean;

/** In the order of column blocks, then gates. */
export function draftUnits(
  layer: DefinedLayer,
  claims: ReadonlyMap<string, Claim> | undefined,
  columnwise: Columnwise,
): readonly UnitDraft[] {
  const { family } = layer.shape;
  if (family === undefined) return [];
  const divides = (rule: number | undefined): boolean => family.apart?.kind === 'blocks' && columnwise(rule);
  const groups = new Map<string, Group>();
  for (let gate = 0; gate < gateCount(family); gate++) {
    for (const { rule, blocks } of blocksOfGate(gate, family.columns.length, { claims, divides })) {
      const key = `${rule} ${blocks.join(' ')}`;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, { rule, blocks, gates: [gate] });
      else group.gates.push(gate);
    }
  }
  return [...groups.values()]
    .sort((a, b) => a.blocks[0]! - b.blocks[0]! || a.gates[0]! - b.gates[0]!)
    .flatMap((group) => unitsOf(layer, group));
}

type Piece = Pick<Group, 'rule' | 'blocks'>;

/** The column blocks of one gate, joined where one claim covers several of them as a whole. */
function blocksOfGate(
  gate: number,
  count: number,
  { claims, divides }: { readonly claims: ReadonlyMap<string, Claim> | undefined; readonly divides: Columnwise },
): readonly Piece[] {
  const pieces: { rule: number | undefined; blocks: number[]; split: boolean }[] = [];
  for (let block = 0; block < count; block++) {
    const claim = claims?.get(cellKey({ gate, block }));
    const split = claim?.split === true || divides(claim?.rule);
    const open = split ? undefined : pieces.find((p) => p.rule === claim?.rule && !p.split);
    if (open !== undefined) open.blocks.push(block);
    else pieces.push({ rule: claim?.rule, blocks: [block], split });
  }
  return pieces;
}

function unitsOf(layer: DefinedLayer, { rule, blocks, gates }: Group): readonly UnitDraft[] {
  const family = layer.shape.family!;
  const fused = blocks.length > 1;
  const { apart } = family;
  const alone = apart?.kind === 'gates' || (apart?.kind === 'blocks' && fused);
  const whole = gates.length === gateCount(family);
  const part = blocks.length === family.columns.length ? [] : blocks.map((b) => family.parts[b]!);
  const apartOf = (gate: number) =>
    apart?.kind === 'blocks' && fused && gate === apart.gate ? { apart: true as const } : {};
  return (whole && !alone ? [gates] : gates.map((gate) => [gate])).map((covered) => ({
    path: [layer.name, ...part, ...(whole && !alone ? [] : [family.gates[covered[0]!]!])].join('.'),
    gates: covered,
    blocks,
    matrix: { ...matrixOf(family, covered.length, blocks), ...apartOf(covered[0]!) },
    written: matrixOf(layer.written.family ?? family, covered.length, blocks),
    rule,
  }));
}

/** Some gates of some column blocks of a layer, one matrix per gate. */
export function matrixOf(family: MatrixFamily, gates: number, blocks: readonly number[]): Matrix {
  const columns = blocks.map((block) => family.columns[block]!);
  const table = family.lookup === true ? { lookup: true as const } : {};
  return { gates, shape: [family.rows, columns.reduce((sum, c) => sum + c, 0)], columns, ...table };
}
