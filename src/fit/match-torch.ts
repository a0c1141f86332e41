/**
 * Gives PyTorch's modules to the layers of a program: by name where they agree, else by order and shape where only one
 * assignment is possible. Gates are put in the order of the layer; the two biases of a cell are added.
 */
import type { Report } from '../diagnostics/diagnostic.js';
import { isRecurrent, type Layer } from '../model/model.js';
import { defined } from '../support/assert.js';
import { listed } from '../support/listed.js';
import { formatShape, sameShape } from '../tensor/shape.js';
import type { FloatTensor, Weights } from '../tensor/tensor.js';
import { besides, type GivenLayer, listedTensors } from './given-shapes.js';
import { fitError } from './messages.js';
import { type TorchCell, type TorchModule, torchCells, torchModules } from './torch-names.js';

/** Gates from top to bottom in PyTorch's matrices. */
const torchGates: Readonly<Record<string, readonly string[]>> = { lstm: ['i', 'f', 'g', 'o'], gru: ['r', 'z', 'n'] };

type Matched = Map<string, GivenLayer>;

/** What the layers take from a file; undefined when an error was reported. */
export function matchTorch(layers: readonly Layer[], weights: Weights, report: Report): Matched | undefined {
  const cells = matchCells(layers.filter(isRecurrent), weights, report);
  const modules = matchModules(
    layers.filter((layer) => !isRecurrent(layer)),
    weights,
    report,
  );
  return cells && modules && new Map([...cells, ...modules]);
}

/** `rnn.2.backward` as its definition, its place in the stack from 0, and its direction. */
function placeOf({ name }: Layer): { readonly definition: string; readonly index: number; readonly reverse: boolean } {
  const [definition = '', ...rest] = name.split('.');
  const index = Number(rest.find((part) => /^\d+$/.test(part)) ?? 1) - 1;
  return { definition, index, reverse: rest.includes('backward') };
}

function matchCells(layers: readonly Layer[], weights: Weights, report: Report): Matched | undefined {
  const cells = torchCells(weights);
  const pairs = new Map<Layer, TorchCell>();
  for (const layer of layers) {
    const { definition, index, reverse } = placeOf(layer);
    const same = cells.find((c) => c.prefix === definition && c.index === index && c.reverse === reverse);
    if (same !== undefined) pairs.set(layer, same);
  }
  const open = layers.filter((layer) => !pairs.has(layer));
  const free = cells.filter((cell) => ![...pairs.values()].includes(cell));
  const inOrder = free.length === open.length && new Set(free.map((c) => c.prefix)).size <= 1;
  if (!inOrder) {
    for (const layer of open)
      reportOpen(
        layer,
        free.flatMap((c) => c.names),
        weights,
        report,
      );
    return undefined;
  }
  for (const [i, layer] of open.entries()) pairs.set(layer, free[i]!);
  const given = [...pairs].map(([layer, cell]) => [layer.name, fromCell(layer, cell, report)] as const);
  return given.some(([, made]) => made === undefined) ? undefined : new Map(given.map(([name, made]) => [name, made!]));
}

function reportOpen(layer: Layer, names: readonly string[], weights: Weights, report: Report): void {
  const what = `\`${layer.name} = ${layer.kind}\``;
  if (names.length > 0) {
    const example = isRecurrent(layer) ? `${layer.name}.weight_ih_l0` : `${layer.name}.weight`;
    report(fitError('ambiguous', layer.span, { what, found: listedTensors(weights, names), example }));
    return;
  }
  const hint = `name it ${isRecurrent(layer) ? `\`${layer.name}.weight_ih_l0\` or ` : ''}\`${layer.name}.${
    layer.shape.family?.lookup === true ? 'table' : 'W'
  }\`; the file holds ${listedTensors(weights, [...weights.keys()])}`;
  report(fitError('missing', layer.span, { what, hint }));
}

/** Rows of all gates, PyTorch's order to the layer's. */
function gatesInOrder({ kind, shape }: Layer, { data }: FloatTensor): Float32Array {
  const gates = shape.family?.gates ?? [];
  const theirs = torchGates[kind] ?? gates;
  const size = data.length / Math.max(gates.length, 1);
  const turned = new Float32Array(data.length);
  for (const [i, gate] of (gates.length === 0 ? [''] : gates).entries()) {
    const at = Math.max(theirs.indexOf(gate), 0);
    turned.set(data.subarray(at * size, (at + 1) * size), i * size);
  }
  return turned;
}

type Named = readonly [name: string, tensor: FloatTensor];

/** False after a report. */
function hasShape(layer: Layer, [name, tensor]: Named, needed: readonly number[], report: Report): boolean {
  if (sameShape(tensor.shape, needed)) return true;
  const hint = `give \`${layer.name}\` the sizes of the file, or another file`;
  const fill = {
    name: `\`${name}\``,
    found: formatShape(tensor.shape),
    layer: layer.name,
    needed: formatShape(needed),
    hint,
  };
  report(fitError('shape', layer.span, fill));
  return false;
}

function fromCell(layer: Layer, cell: TorchCell, report: Report): GivenLayer | undefined {
  const family = defined(layer.shape.family, 'matrices of a recurrent layer');
  const gates = Math.max(family.gates.length, 1);
  const rows = gates * family.rows;
  const nameOf = (role: string): string =>
    cell.names.find((n) => n.includes(`${role}_l`)) ?? `${cell.prefix}.${role}_l${cell.index}`;
  const take = (role: string, shape: readonly number[]): FloatTensor | undefined => {
    const tensor = cell.tensors.get(role);
    if (tensor === undefined) {
      const hint = `the file holds ${listed(cell.names)}`;
      report(fitError('missing', layer.span, { what: `\`${nameOf(role)}\``, hint }));
      return undefined;
    }
    return hasShape(layer, [nameOf(role), tensor], shape, report) ? tensor : undefined;
  };
  const input = take('weight_ih', [rows, family.columns[0]!]);
  const recurrent = take('weight_hh', [rows, family.columns[1]!]);
  // PyTorch's cells have both biases or, with `bias=False`, none: one alone is a file that lost the other.
  const roles = ['bias_ih', 'bias_hh'];
  const biased = roles.some((role) => cell.tensors.has(role));
  const biases = roles.map((role) => (biased ? take(role, [rows]) : zeros(rows)));
  if (input === undefined || recurrent === undefined || biases.includes(undefined)) return undefined;
  const tensors = biasesOf(
    layer,
    biases.map((b) => gatesInOrder(layer, b!)),
  );
  if (tensors === undefined) {
    const { definition, index, reverse } = placeOf(layer);
    const found = `\`${cell.prefix || cell.names[0]!}\``;
    if (index === 0 && !reverse) report(fitError('reset-before', layer.span, { found, layer: definition }));
    return undefined;
  }
  const blocks = [input, recurrent].map((tensor) => gatesInOrder(layer, tensor));
  return { matrix: besides(gates, family.rows, blocks), tensors, stored: false, names: cell.names };
}

const zeros = (length: number): FloatTensor => ({ shape: [length], data: new Float32Array(length) });

/** The layer's biases from those of W x and of U h; undefined where the layer has no place for the second. */
function biasesOf(
  { kind, shape }: Layer,
  [input, recurrent]: readonly Float32Array[],
): Map<string, Float32Array> | undefined {
  if ('recurrent_bias' in shape.tensors)
    return new Map([
      ['bias', input!],
      ['recurrent_bias', recurrent!],
    ]);
  if (kind === 'gru') return undefined;
  return new Map([['bias', input!.map((value, i) => value + recurrent![i]!)]]);
}

/** The shape of a plain layer's `weight` in PyTorch. */
function weightShape({ shape: { family } }: Layer): readonly number[] {
  return family === undefined ? [] : [family.rows, family.columns.reduce((sum, c) => sum + c, 0)];
}

/** Embeddings have no bias; other layers may lack theirs. */
const takes = (layer: Layer, module: TorchModule): boolean =>
  sameShape(module.weight.shape, weightShape(layer)) &&
  (layer.shape.family?.lookup !== true || module.bias === undefined);

function matchModules(layers: readonly Layer[], weights: Weights, report: Report): Matched | undefined {
  const modules = torchModules(weights);
  const pairs = new Map<Layer, TorchModule>();
  const free = (): readonly TorchModule[] => modules.filter((module) => ![...pairs.values()].includes(module));
  for (const layer of layers) {
    const same = modules.find((module) => module.prefix === layer.name);
    if (same !== undefined) pairs.set(layer, same);
  }
  // What only one layer can take is taken first: it leaves less to choose for the others.
  for (let found = true; found; ) {
    found = false;
    const open = layers.filter((layer) => !pairs.has(layer));
    for (const module of free()) {
      const takers = open.filter((layer) => !pairs.has(layer) && takes(layer, module));
      const rivals = takers.length === 1 ? free().filter((other) => takes(takers[0]!, other) && other !== module) : [];
      const settled = rivals.every((other) => module.bias !== undefined && other.bias === undefined);
      if (takers.length !== 1 || !settled) continue;
      pairs.set(takers[0]!, module);
      found = true;
    }
  }
  const open = layers.filter((layer) => !pairs.has(layer));
  const [last] = free();
  if (open.length === 1 && free().length === 1 && last !== undefined) pairs.set(open[0]!, last);
  else
    for (const layer of open)
      reportOpen(
        layer,
        free().flatMap((m) => m.names),
        weights,
        report,
      );
  const given = [...pairs].map(([layer, module]) => [layer.name, fromModule(layer, module, report)] as const);
  const whole = pairs.size === layers.length && given.every(([, made]) => made !== undefined);
  return whole ? new Map(given.map(([name, made]) => [name, made!])) : undefined;
}

function fromModule(
  layer: Layer,
  { prefix, weight, bias, names }: TorchModule,
  report: Report,
): GivenLayer | undefined {
  const { family } = layer.shape;
  if (!hasShape(layer, [`${prefix}.weight`, weight], weightShape(layer), report)) return undefined;
  const matrix = Float64Array.from(weight.data);
  if (family?.lookup === true) return { matrix, tensors: new Map(), stored: false, names };
  if (bias !== undefined && !hasShape(layer, [`${prefix}.bias`, bias], [weight.shape[0]!], report)) return undefined;
  const given = bias?.data ?? new Float32Array(weight.shape[0]!);
  return { matrix, tensors: new Map([['bias', given]]), stored: false, names };
}
