/** Kernel calls as C statements: one row per kind, and nothing is decided here but how a call is written. */
import type { CallKind, CallOf, ColumnsWithin, KernelCall } from '../../kernels/calls.js';
import { formatOf, indexType, padded, sliceIndexType } from '../../kernels/regions.js';
import { defined } from '../../support/assert.js';
import { type Block, isSingle } from '../../tensor/blocks.js';
import { formatShape } from '../../tensor/shape.js';
import {
  decoded,
  gemvStatement,
  integerGemm,
  rowStatements,
  type Scope,
  scaleArguments,
  sparseScales,
} from './format-statements.js';
import { allCalls, type Places, type Program } from './program.js';
import { hasTurns, readsRoots } from './spectral-kernels.js';

const statements: { readonly [K in CallKind]: (call: CallOf<K>, scope: Scope) => readonly string[] } = {
  gemv: ({ w, scales, codes, rows, columns, within, x, y, mode }, scope) => [
    `/* (${rows}) ${mode === 'set' ? '=' : '+='} (${rows}, ${columns}${withinNote(within)}) (${columns}) */`,
    ...(mode === 'set' ? [`fill_zero(${scope.pointers.at(y)}, ${rows});`] : []),
    gemvStatement(
      { w, scales, rows, columns, within },
      `${scope.pointers.at(codes ?? x)}, ${scope.pointers.at(y)}`,
      scope,
    ),
  ],
  quantize: ({ x, codes, before, columns, after, t, scale }, { pointers, weight }) => {
    const given = scale === undefined ? '' : `${weight(scale)}, `;
    return before * after === 1
      ? [`/* codes of (${x.size}) */`, `quantize(${pointers.at(x)}, ${x.size}, ${given}${pointers.at(codes)});`]
      : [
          `/* codes of (${before}, ${columns}, ${after}), vector by vector */`,
          `quantize_vectors(${pointers.at(x)}, ${before}, ${columns}, ${after}, ${given}` +
            `${t ? pointers.at(t) : 'NULL'}, ${pointers.at(codes)});`,
        ];
  },
  kron: (call, scope) => {
    const { b, bScales, bValues, c, cScales, cValues, bShape, cShape, within, gates, apart, t, x, y } = call;
    const { pointers } = scope;
    const left = decoded({ values: b, scales: bScales, to: bValues }, scope);
    const right = decoded({ values: c, scales: cScales, to: cValues }, scope);
    return [
      `/* (${gates === 1 ? '' : `${gates}, `}${bShape[0] * cShape[0]}) += ` +
        `((${bShape.join(', ')}${withinNote(within)}) (x) (${cShape.join(', ')})) (${x.size}) */`,
      ...left.statements,
      ...right.statements,
      `${kroneckerName(call)}(${left.at}${firstColumn(within)}, ${right.at}, ${pointers.at(x)}, ${pointers.at(t)}, ` +
        `${gates === 1 ? '' : `${apart}, `}${pointers.at(y)});`,
    ];
  },
  gemm: (call, scope) => {
    const { w, scales, rows, columns, before, after, x, y, mode } = call;
    const { pointers } = scope;
    const head = [
      `/* (${before}, ${rows}, ${after}) ${mode === 'set' ? '=' : '+='} (${rows}, ${columns}) along ` +
        `(${before}, ${columns}, ${after}) */`,
      ...(mode === 'set' ? [`fill_zero(${pointers.at(y)}, ${before * rows * after});`] : []),
    ];
    if (call.codes !== undefined) return [...head, integerGemm(call, call.codes, scope)];
    const { statements: decoding, at } = decoded({ values: w, scales, to: call.decoded }, scope);
    return [
      ...head,
      ...decoding,
      after === 1
        ? `gemm_add(${before}, ${rows}, ${columns}, ${pointers.at(x)}, ${columns}, ${at}, ${padded(rows)}, ` +
          `${pointers.at(y)}, ${rows});`
        : `gemm_each_add(${before}, ${rows}, ${columns}, ${after}, ${at}, ${pointers.at(x)}, ${pointers.at(y)});`,
    ];
  },
  circulant: (call, scope) => {
    const { w, scales, rows, columns, block, t, x, y } = call;
    const { pointers, weight } = scope;
    const sizes = `${rows}, ${columns}, ${block}`;
    const rest = `${pointers.at(x)}, ${pointers.at(t)}, ${pointers.at(y)}`;
    return [
      `/* (${rows}) += (${rows}, ${columns}) (${columns}), circulant blocks of ${block} */`,
      call.decoded === undefined
        ? `circulant_add(${sizes}, ${weight(w)}, ${rest});`
        : `circulant_add_${scope.format(w).word}(${sizes}, ${weight(w)}, ${scaleArguments(w, scales, scope)}` +
          `${pointers.at(call.decoded)}, ${rest});`,
    ];
  },
  spectral: ({ w, roots, rows, columns, block, gates, apart, t, x, y }, { program, pointers, weight }) => [
    `/* (${gates === 1 ? '' : `${gates}, `}${rows}) += (${gates * rows}, ${columns}) (${columns}), ` +
      `circulant blocks of ${block} by transforms */`,
    `spectral_add_${block}(${gates}, ${apart}, ${rows}, ${columns}, ${weight(w)}, ` +
      `${readsRoots(block, hasTurns(allCalls(program.plan))) ? `${weight(roots)}, ` : ''}` +
      `${[x, t, y].map((buffer) => pointers.at(buffer)).join(', ')});`,
  ],
  sparse: (call, scope) => {
    const { starts, indices, values, scales, rows, columns, block, kept, x, y } = call;
    const { pointers, weight } = scope;
    const name = sparseName(block, columns);
    const count = rows / block[0];
    const entries = `${weight(starts)}, ${weight(indices)}, ${weight(values)}`;
    const rest = `${pointers.at(call.codes ?? x)}, ${pointers.at(y)}`;
    const head = `/* (${rows}) += (${rows}, ${columns}) (${columns}), ${kept} entries${blockNote(block)} */`;
    const { word } = scope.format(values);
    if (call.codes !== undefined) {
      const scaling = sparseScales(values, scales, scope);
      return [head, `${integerSparseName(block, columns, word)}(${count}, ${entries}, ${scaling}${rest});`];
    }
    return [
      head,
      call.decoded === undefined
        ? `${name}(${count}, ${entries}, ${rest});`
        : `${name}_${word}(${count}, ${entries}, ${sparseScales(values, scales, scope)}` +
          `${pointers.at(call.decoded)}, ${rest});`,
    ];
  },
  sliced: ({ order, counts, indices, values, rows, columns, kept, x, y }, { pointers, weight }) => [
    `/* (${rows}) += (${rows}, ${columns}) (${columns}), ${kept} entries */`,
    `sparse_add_sliced_${sliceBits(rows, columns)}(${rows}, ${weight(order)}, ${weight(counts)}, ${weight(indices)}, ` +
      `${weight(values)}, ${pointers.at(x)}, ${pointers.at(y)});`,
  ],
  bias: ({ w, y }, { pointers, weight }) => [`copy(${weight(w)}, ${pointers.at(y)}, ${y.size});`],
  clear: ({ y }, { pointers }) => [`fill_zero(${pointers.at(y)}, ${y.size});`],
  copy: ({ x, y }, { pointers }) => [`copy(${pointers.at(x)}, ${pointers.at(y)}, ${y.size});`],
  mix: (call, scope) => {
    const { w, scales, rows, columns, x, y, mode } = call;
    const { pointers } = scope;
    const { statements: decoding, at } = decoded({ values: w, scales, to: call.decoded }, scope);
    return [
      `/* (${columns}) ${mode === 'set' ? '=' : '+='} (${rows}) (${rows}, ${columns}) */`,
      ...(mode === 'set' ? [`fill_zero(${pointers.at(y)}, ${columns});`] : []),
      ...decoding,
      `gemm_add(1, ${columns}, ${rows}, ${pointers.at(x)}, ${rows}, ${at}, ${columns}, ${pointers.at(y)}, ` +
        `${columns});`,
    ];
  },
  embed: ({ table, scales, rows, width, input, first, ids, y }, scope) => {
    const { pointers } = scope;
    const id = pointers.token(input);
    const row = first === 0 ? id : `(${id} - ${first})`;
    const gather = rowStatements({ table, scales, width, id: row }, pointers.at(y), scope);
    if (rows === ids) return gather;
    const within = [
      ...(first > 0 ? [`${id} >= ${first}`] : []),
      ...(first + rows < ids ? [`${id} < ${first + rows}`] : []),
    ];
    const braces = gather.length > 1;
    return [
      `if (${within.join(' && ')})${braces ? ' {' : ''}`,
      ...gather.map((line) => `    ${line}`),
      braces ? '} else' : 'else',
      `    fill_zero(${pointers.at(y)}, ${width});`,
    ];
  },
  embedSparse: (call, scope) => {
    const { starts, indices, values, scales, columns, block, input, y } = call;
    const { pointers, weight } = scope;
    const row = call.decoded === undefined ? '' : `_${scope.format(values).word}`;
    const buffer = call.decoded === undefined ? '' : `, ${pointers.at(call.decoded)}`;
    const scaled = call.decoded === undefined ? '' : `, ${sparseScales(values, scales, scope)}`.replace(/, $/, '');
    return [
      `/* (${columns}), row by id, of blocks of ${formatShape(block)} */`,
      `sparse_row_${indexBits(columns, block)}${row}((size_t)${pointers.token(input)}, ${block.join(', ')}, ` +
        `${weight(starts)}, ${weight(indices)}, ${weight(values)}${scaled}${buffer}, ${pointers.at(y)}, ${columns});`,
    ];
  },
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

const withinNote = (within: ColumnsWithin | undefined): string => (within === undefined ? '' : ` of ${within.columns}`);

const blockNote = (block: Block): string => (isSingle(block) ? '' : ` in blocks of ${formatShape(block)}`);

/** Width of the numbers of columns of blocks of a sparse matrix. */
export const indexBits = (columns: number, block: Block): 16 | 32 =>
  indexType(columns / block[1]) === 'uint16' ? 16 : 32;

/** Width of the numbers of a sparse matrix in slices. */
export const sliceBits = (rows: number, columns: number): 16 | 32 =>
  sliceIndexType(rows, columns) === 'uint16' ? 16 : 32;

/** What is added to where a matrix lies, to begin with a column of its first row. */
const firstColumn = (within: ColumnsWithin | undefined): string => (within?.first ? ` + ${within.first}` : '');

/** `kron_13x65_50x20`; `kron_13x65_50x20_x4` of four gates; `kron_13x32_of_65_50x20` with some columns of B. */
export const kroneckerName = ({ bShape, cShape, within, gates }: CallOf<'kron'>): string =>
  [
    ...['kron', formatShape(bShape), ...(within === undefined ? [] : ['of', within.columns])],
    ...[formatShape(cShape), ...(gates === 1 ? [] : [`x${gates}`])],
  ].join('_');

/** `sparse_integer_16_int8`; `sparse_integer_8x4_16_int8` in blocks. */
export const integerSparseName = (block: Block, columns: number, word: string): string =>
  `${sparseName(block, columns).replace('sparse_add', 'sparse_integer')}_${word}`;

/** `sparse_add_16`; `sparse_add_8x4_16` in blocks. */
export const sparseName = (block: Block, columns: number): string =>
  ['sparse_add', ...(isSingle(block) ? [] : [formatShape(block)]), indexBits(columns, block)].join('_');

/** What the statements of a function are written from. */
export function scopeOf(program: Program, pointers: Places): Scope {
  const weight = (id: number): string => `weights->${defined(program.regions[id], `region ${id}`).id}`;
  const layout = (id: number) => defined(program.regions[id], `region ${id}`).layout;
  return { program, pointers, weight, layout, format: (id: number) => formatOf(layout(id)) };
}

/** The statements of one call, a comment before them where it is a product. Declares the pointers they need. */
export const callStatements = (call: KernelCall, scope: Scope): readonly string[] =>
  (statements[call.kind] as (call: KernelCall, scope: Scope) => readonly string[])(call, scope);

/** What is written for calls in order, a comment before each layer's. */
export function withHeadings(calls: readonly KernelCall[], linesOf: (call: KernelCall) => readonly string[]): string[] {
  const lines: string[] = [];
  let layer = '';
  for (const call of calls) {
    if (call.layer !== layer) {
      layer = call.layer;
      lines.push('', `/* ---- ${layer} */`);
    }
    lines.push(...linesOf(call));
  }
  return lines;
}

/** The statements of `calls`, a comment before each layer's. */
export function statementsOf(calls: readonly KernelCall[], program: Program, pointers: Places): string[] {
  const scope = scopeOf(program, pointers);
  return withHeadings(calls, (call) => callStatements(call, scope));
}
