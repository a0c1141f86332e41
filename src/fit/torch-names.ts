/**
 * Names as PyTorch writes them: `rnn.weight_ih_l0`, `encoder.weight`, `decoder.bias`. Takes a file's names apart into
 * cells and plain modules; knows no program.
 */
import type { FloatTensor, Weights } from '../tensor/tensor.js';

/** One direction of one layer of `nn.LSTM`, `nn.GRU` or `nn.RNN`. */
export interface TorchCell {
  /** `rnn` in `rnn.weight_ih_l0`; empty where the module is the whole file. */
  readonly prefix: string;
  readonly index: number;
  readonly reverse: boolean;
  /** By `weight_ih`, `weight_hh`, `bias_ih`, `bias_hh`. */
  readonly tensors: ReadonlyMap<string, FloatTensor>;
  readonly names: readonly string[];
}

/** `nn.Embedding`, or `nn.Linear` with or without its bias. */
export interface TorchModule {
  readonly prefix: string;
  readonly weight: FloatTensor;
  readonly bias: FloatTensor | undefined;
  readonly names: readonly string[];
}

const cellName = /^(?:(.*)\.)?(weight_ih|weight_hh|bias_ih|bias_hh)_l(\d+)(_reverse)?$/;

/** A cell while its tensors are gathered. */
interface OpenCell extends Omit<TorchCell, 'tensors' | 'names'> {
  readonly tensors: Map<string, FloatTensor>;
  readonly names: string[];
}

/** All cells, by module, then layer, then direction. */
export function torchCells(weights: Weights): readonly TorchCell[] {
  const cells = new Map<string, OpenCell>();
  for (const [name, tensor] of weights) {
    const [, prefix = '', role, index, reverse] = cellName.exec(name) ?? [];
    if (role === undefined) continue;
    const key = `${prefix} ${index} ${reverse ?? ''}`;
    const open: OpenCell = {
      prefix,
      index: Number(index),
      reverse: reverse !== undefined,
      tensors: new Map(),
      names: [],
    };
    const cell = cells.get(key) ?? open;
    cells.set(key, cell);
    cell.tensors.set(role, tensor);
    cell.names.push(name);
  }
  const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  return [...cells.values()].sort(
    (a, b) => order(a.prefix, b.prefix) || a.index - b.index || Number(a.reverse) - Number(b.reverse),
  );
}

/** All modules with a matrix called `weight`. */
export const torchModules = (weights: Weights): readonly TorchModule[] =>
  [...weights].flatMap(([name, weight]) => {
    const prefix = /^(.*)\.weight$/.exec(name)?.[1];
    if (prefix === undefined || weight.shape.length !== 2) return [];
    const bias = weights.get(`${prefix}.bias`);
    return [{ prefix, weight, bias, names: bias === undefined ? [name] : [name, `${prefix}.bias`] }];
  });
