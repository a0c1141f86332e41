/**
 * The inner part of a product of matrices as WebAssembly: operands are packed block by block into panels that are read
 * one after the other, and tiles of 4 x 8 sums are kept in registers while a block is multiplied (Goto and van de Geijn
 * 2008, figure 4). Sums are made in the order of the contracted axis, block by block: the same bits every time.
 */
import * as c from './wasm-code.js';

/** Rows and columns of a tile. */
export const tileRows = 4;
export const tileColumns = 8;
const vectors = tileColumns / 4;
const bytes = 4;

/**
 * pack(from, far, near, to, lines, depth): panels of `width` lines of a matrix, its element (line, p) at
 * from + far line + near p; of each panel all lines of p = 0 first, then of p = 1. Behind the last line it is repeated.
 */
function pack(width: number): c.WasmFunction {
  const [from, far, near, to, lines, depth, line, p] = [0, 1, 2, 3, 4, 5, 6, 7];
  const pointer = (i: number): c.Local => 8 + i;
  const each = Array.from({ length: width }, (_, i) => i);
  const start = each.flatMap((i) => {
    const own = c.least(c.add(c.get(line), c.integer(i)), c.subtract(c.get(lines), c.integer(1)));
    return c.set(pointer(i), c.add(c.get(from), c.times(own, c.get(far))));
  });
  const column = each.flatMap((i) => [
    ...c.storeFloat(c.get(to), c.loadFloat(c.get(pointer(i))), bytes * i),
    ...c.increase(pointer(i), c.get(near)),
  ]);
  const next = [...column, ...c.increase(to, c.integer(bytes * width)), ...c.increase(p, c.integer(1))];
  const panel = [
    ...start,
    ...c.set(p, c.integer(0)),
    ...c.repeat(next, c.below(c.get(p), c.get(depth))),
    ...c.increase(line, c.integer(width)),
  ];
  const body = [...c.set(line, c.integer(0)), ...c.repeat(panel, c.below(c.get(line), c.get(lines)))];
  return { name: `pack${width}`, parameters: 6, integers: 2 + width, vectors: 0, body };
}

/** Locals of `multiply`: parameters first. */
const [left, right, out, pitch, rows, columns, depth, first, spare] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
const [row, column, p, a, b, target, i, j] = [9, 10, 11, 12, 13, 14, 15, 16];
const sum = (r: number, v: number): c.Local => 17 + r * vectors + v;
const factor = (v: number): c.Local => 17 + tileRows * vectors + v;
const splat = 17 + (tileRows + 1) * vectors;

const cells = Array.from({ length: tileRows * vectors }, (_, at): [number, number] => [
  Math.floor(at / vectors),
  at % vectors,
]);

/** All sums of a tile over the depth of its panels. */
function tileSums(): c.Code {
  const loads = Array.from({ length: vectors }, (_, v) => c.set(factor(v), c.loadVector(c.get(b), 16 * v))).flat();
  const products = cells.flatMap(([r, v]) => [
    ...(v === 0 ? c.set(splat, c.loadSplat(c.get(a), bytes * r)) : []),
    ...c.set(sum(r, v), c.addVectors(c.get(sum(r, v)), c.timesVector(c.get(splat), c.get(factor(v))))),
  ]);
  const step = [
    ...loads,
    ...products,
    ...c.increase(a, c.integer(bytes * tileRows)),
    ...c.increase(b, c.integer(bytes * tileColumns)),
    ...c.increase(p, c.integer(1)),
  ];
  return [
    ...cells.flatMap(([r, v]) => c.set(sum(r, v), c.zeroVector)),
    ...c.set(p, c.integer(0)),
    ...c.repeat(step, c.below(c.get(p), c.get(depth))),
  ];
}

/** A whole tile goes to where it belongs; it is added to what is there unless it is the first. */
function storeTile(): c.Code {
  const address = (r: number): c.Code => c.add(c.get(target), c.times(c.get(pitch), c.integer(r)));
  const plain = cells.flatMap(([r, v]) => c.storeVector(address(r), c.get(sum(r, v)), 16 * v));
  const added = cells.flatMap(([r, v]) =>
    c.storeVector(address(r), c.addVectors(c.loadVector(address(r), 16 * v), c.get(sum(r, v))), 16 * v),
  );
  return c.when(c.get(first), plain, added);
}

/** A tile that reaches over an edge goes by way of a spare one, number by number. */
function storeEdge(): c.Code {
  const spared = cells.flatMap(([r, v]) =>
    c.storeVector(c.get(spare), c.get(sum(r, v)), bytes * (r * tileColumns + 4 * v)),
  );
  const from = c.add(
    c.get(spare),
    c.times(c.add(c.times(c.get(i), c.integer(tileColumns)), c.get(j)), c.integer(bytes)),
  );
  const to = c.add(c.get(target), c.add(c.times(c.get(i), c.get(pitch)), c.times(c.get(j), c.integer(bytes))));
  const one = [
    ...c.when(
      c.get(first),
      c.storeFloat(to, c.loadFloat(from)),
      c.storeFloat(to, c.addFloats(c.loadFloat(to), c.loadFloat(from))),
    ),
    ...c.increase(j, c.integer(1)),
  ];
  const inside = (at: c.Local, start: c.Local, extent: c.Local, most: number): c.Code =>
    c.below(c.get(at), c.least(c.subtract(c.get(extent), c.get(start)), c.integer(most)));
  const line = [
    ...c.set(j, c.integer(0)),
    ...c.repeat(one, inside(j, column, columns, tileColumns)),
    ...c.increase(i, c.integer(1)),
  ];
  return [...spared, ...c.set(i, c.integer(0)), ...c.repeat(line, inside(i, row, rows, tileRows))];
}

/**
 * multiply(left, right, out, pitch, rows, columns, depth, first, spare): packed panels of `rows` and of `columns` lines
 * into the matrix at `out`, whose rows are `pitch` bytes apart; `spare` has room for a tile.
 */
function multiply(): c.WasmFunction {
  const panelOf = (base: c.Local, line: c.Local): c.Code =>
    c.add(c.get(base), c.times(c.times(c.get(line), c.get(depth)), c.integer(bytes)));
  const whole = (start: c.Local, extent: c.Local, most: number): c.Code =>
    c.below(c.add(c.get(start), c.integer(most - 1)), c.get(extent));
  const tile = [
    ...c.set(a, panelOf(left, row)),
    ...c.set(b, panelOf(right, column)),
    ...c.set(
      target,
      c.add(c.get(out), c.add(c.times(c.get(row), c.get(pitch)), c.times(c.get(column), c.integer(bytes)))),
    ),
    ...tileSums(),
    ...c.when(
      whole(row, rows, tileRows),
      c.when(whole(column, columns, tileColumns), storeTile(), storeEdge()),
      storeEdge(),
    ),
    ...c.increase(row, c.integer(tileRows)),
  ];
  const across = [
    ...c.set(row, c.integer(0)),
    ...c.repeat(tile, c.below(c.get(row), c.get(rows))),
    ...c.increase(column, c.integer(tileColumns)),
  ];
  const body = [...c.set(column, c.integer(0)), ...c.repeat(across, c.below(c.get(column), c.get(columns)))];
  return { name: 'multiply', parameters: 9, integers: 8, vectors: (tileRows + 1) * vectors + 1, body };
}

/**
 * addRows(from, to, rows, columns): the rows of a matrix, added up one after the other.
 */
function addRows(): c.WasmFunction {
  const [from, to, lines, width, line, left, at] = [0, 1, 2, 3, 4, 5, 6];
  const four = [
    ...c.storeVector(c.get(at), c.addVectors(c.loadVector(c.get(at)), c.loadVector(c.get(from)))),
    ...c.increase(at, c.integer(16)),
    ...c.increase(from, c.integer(16)),
    ...c.set(left, c.subtract(c.get(left), c.integer(4))),
  ];
  const one = [
    ...c.storeFloat(c.get(at), c.addFloats(c.loadFloat(c.get(at)), c.loadFloat(c.get(from)))),
    ...c.increase(at, c.integer(bytes)),
    ...c.increase(from, c.integer(bytes)),
    ...c.set(left, c.subtract(c.get(left), c.integer(1))),
  ];
  const more = (than: number): c.Code => c.below(c.integer(than), c.get(left));
  const row = [
    ...c.set(at, c.get(to)),
    ...c.set(left, c.get(width)),
    ...c.when(more(3), c.repeat(four, more(3))),
    ...c.when(more(0), c.repeat(one, more(0))),
    ...c.increase(line, c.integer(1)),
  ];
  const rest = c.repeat(row, c.below(c.get(line), c.get(lines)));
  const clear = [
    ...c.storeFloat(c.get(at), c.zero),
    ...c.increase(at, c.integer(bytes)),
    ...c.set(left, c.subtract(c.get(left), c.integer(1))),
  ];
  const body = [
    ...c.set(at, c.get(to)),
    ...c.set(left, c.get(width)),
    ...c.repeat(clear, more(0)),
    ...c.set(line, c.integer(0)),
    ...rest,
  ];
  return { name: 'addRows', parameters: 4, integers: 3, vectors: 0, body };
}

/** The functions of the module. */
export interface MatmulExports {
  readonly pack4: (from: number, far: number, near: number, ...to: [to: number, lines: number, depth: number]) => void;
  readonly pack8: MatmulExports['pack4'];
  readonly multiply: (...given: readonly number[]) => void;
  readonly addRows: (from: number, to: number, rows: number, columns: number) => void;
}

export const matmulModule = (): Uint8Array<ArrayBuffer> =>
  c.wasmModule([pack(tileRows), pack(tileColumns), multiply(), addRows()]);
