/** Kernel calls as C statements: one row per kind, and nothing is decided here but how a call is written. */
import type { CallKind, CallOf, KernelCall } from '../../kernels/calls.js';
import { indexType, padded } from '../../kernels/regions.js';
import { defined } from '../../support/assert.js';
import { type Block, isSingle } from '../../tensor/blocks.js';
import { formatShape } from '../../tensor/shape.js';
import type { Pointers, Program } from './program.js';

interface Scope {
  readonly program: Program;
  readonly pointers: Pointers;
  readonly weight: (id: number) => string;
}

const statements: { readonly [K in CallKind]: (call: CallOf<K>, scope: Scope) => readonly string[] } = {
  gemv: ({ w, rows, columns, x, y, mode }, { pointers, weight }) => [
    `/* (${rows}) ${mode === 'set' ? '=' : '+='} (${rows}, ${columns}) (${columns}) */`,
    ...(mode === 'set' ? [`fill_zero(${pointers.at(y)}, ${rows});`] : []),
    `gemv_add(${weight(w)}, ${rows}, ${columns}, ${pointers.at(x)}, ${pointers.at(y)});`,
  ],
  kron: ({ b, c, bShape, cShape, order, t, x, y }, { pointers, weight }) => [
    `/* (${y.size}) += ((${bShape.join(', ')}) (x) (${cShape.join(', ')})) (${x.size}) */`,
    `kron_add_${order === 'b-first' ? 'b_first' : 'c_first'}(${bShape.join(', ')}, ${weight(b)}, ` +
      `${cShape.join(', ')}, ${weight(c)}, ${pointers.at(x)}, ${pointers.at(t)}, ${pointers.at(y)});`,
  ],
  gemm: ({ w, rows, columns, before, after, x, y, mode }, { pointers, weight }) => [
    `/* (${before}, ${rows}, ${after}) ${mode === 'set' ? '=' : '+='} (${rows}, ${columns}) along ` +
      `(${before}, ${columns}, ${after}) */`,
    ...(mode === 'set' ? [`fill_zero(${pointers.at(y)}, ${before * rows * after});`] : []),
    after === 1
      ? `gemm_add(${before}, ${rows}, ${columns}, ${pointers.at(x)}, ${columns}, ${weight(w)}, ${padded(rows)}, ` +
        `${pointers.at(y)}, ${rows});`
      : `gemm_each_add(${before}, ${rows}, ${columns}, ${after}, ${weight(w)}, ${pointers.at(x)}, ${pointers.at(y)});`,
  ],
  circulant: ({ w, rows, columns, block, t, x, y }, { pointers, weight }) => [
    `/* (${rows}) += (${rows}, ${columns}) (${columns}), circulant blocks of ${block} */`,
    `circulant_add(${rows}, ${columns}, ${block}, ${weight(w)}, ${pointers.at(x)}, ${pointers.at(t)}, ` +
      `${pointers.at(y)});`,
  ],
  sparse: ({ starts, indices, values, rows, columns, block, kept, x, y }, { pointers, weight }) => [
    `/* (${rows}) += (${rows}, ${columns}) (${columns}), ${kept} entries${blockNote(block)} */`,
    `${sparseName(block, columns)}(${rows / block[0]}, ${weight(starts)}, ${weight(indices)}, ${weight(values)}, ` +
      `${pointers.at(x)}, ${pointers.at(y)});`,
  ],
  bias: ({ w, y }, { pointers, weight }) => [`copy(${weight(w)}, ${pointers.at(y)}, ${y.size});`],
  clear: ({ y }, { pointers }) => [`fill_zero(${pointers.at(y)}, ${y.size});`],
  copy: ({ x, y }, { pointers }) => [`copy(${pointers.at(x)}, ${pointers.at(y)}, ${y.size});`],
  mix: ({ w, rows, columns, x, y, mode }, { pointers, weight }) => [
    `/* (${columns}) ${mode === 'set' ? '=' : '+='} (${rows}) (${rows}, ${columns}) */`,
    ...(mode === 'set' ? [`fill_zero(${pointers.at(y)}, ${columns});`] : []),
    `gemm_add(1, ${columns}, ${rows}, ${pointers.at(x)}, ${rows}, ${weight(w)}, ${columns}, ${pointers.at(y)}, ` +
      `${columns});`,
  ],
  embed: ({ table, rows, width, input, first, ids, y }, { program, pointers, weight }) => {
    const id = idOf(program, input);
    const row = first === 0 ? id : `(${id} - ${first})`;
    const gather = `copy(${weight(table)} + (size_t)${row} * ${width}, ${pointers.at(y)}, ${width});`;
    if (rows === ids) return [gather];
    const within = [
      ...(first > 0 ? [`${id} >= ${first}`] : []),
      ...(first + rows < ids ? [`${id} < ${first + rows}`] : []),
    ];
    return [`if (${within.join(' && ')})`, `    ${gather}`, 'else', `    fill_zero(${pointers.at(y)}, ${width});`];
  },
  embedSparse: ({ starts, indices, values, columns, block, input, y }, { program, pointers, weight }) => [
    `/* (${columns}), row by id, of blocks of ${formatShape(block)} */`,
    `sparse_row_${indexBits(columns, block)}((size_t)${idOf(program, input)}, ${block.join(', ')}, ` +
      `${weight(starts)}, ${weight(indices)}, ${weight(values)}, ${pointers.at(y)}, ${columns});`,
  ],
  lstmCell: ({ z, c, cNext, h }, { pointers }) => [
    `lstm_cell(${pointers.at(z)}, ${c.size}, ${pointers.at(c)}, ${pointers.at(cNext)}, ${pointers.at(h)});`,
  ],
  add: ({ x, y }, { pointers }) => [`add_vector(${pointers.at(x)}, ${pointers.at(y)}, ${y.size});`],
  gate: ({ z, x, y, mode }, { pointers }) => [
    `gate_${mode}(${pointers.at(z)}, ${pointers.at(x)}, ${pointers.at(y)}, ${y.size});`,
  ],
  runningMax: ({ x, seen, now, seenNext, next }, { pointers }) => {
    const places = [x, seen, now, seenNext, next].map((buffer) => pointers.at(buffer));
    return [`running_max(${[...places, next.size].join(', ')});`];
  },
  gruCell: ({ update, candidate, h, hNext }, { pointers }) => [
    `gru_cell(${pointers.at(update)}, ${pointers.at(candidate)}, ${pointers.at(h)}, ${h.size}, ${pointers.at(hNext)});`,
  ],
  activate: ({ function: name, x }, { pointers }) => [`activate_${name}(${pointers.at(x)}, ${x.size});`],
};

/** The parameter that an input of ids is given by. */
const idOf = ({ inputs }: Program, input: string): string =>
  defined(
    inputs.find((i) => i.name === input),
    `input ${input}`,
  ).id;

const blockNote = (block: Block): string => (isSingle(block) ? '' : ` in blocks of ${formatShape(block)}`);

/** Width of the numbers of columns of blocks of a sparse matrix. */
export const indexBits = (columns: number, block: Block): 16 | 32 =>
  indexType(columns / block[1]) === 'uint16' ? 16 : 32;

/** `sparse_add_16`; `sparse_add_8x4_16` in blocks. */
export const sparseName = (block: Block, columns: number): string =>
  ['sparse_add', ...(isSingle(block) ? [] : [formatShape(block)]), indexBits(columns, block)].join('_');

/** The statements of `calls`, a comment before each layer's. Declares the pointers they need. */
export function statementsOf(calls: readonly KernelCall[], program: Program, pointers: Pointers): string[] {
  const weight = (id: number): string => `weights->${defined(program.regions[id], `region ${id}`).id}`;
  const scope = { program, pointers, weight };
  const lines: string[] = [];
  let layer = '';
  for (const call of calls) {
    if (call.layer !== layer) {
      layer = call.layer;
      lines.push('', `/* ---- ${layer} */`);
    }
    lines.push(...(statements[call.kind] as (call: KernelCall, scope: Scope) => readonly string[])(call, scope));
  }
  return lines;
}
