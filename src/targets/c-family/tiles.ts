/**
 * Small products Y += A B cut into tiles whose sums all stay in registers: which tiles, decided here, as the C
 * statements that call them. Sizes are known, so that compilers see every tile with constants.
 */

/** An operand or a result: where its element (row, column) lies is `name + row * stride + column`. */
export interface Operand {
  readonly name: string;
  readonly stride: number;
}

export interface SmallProduct {
  readonly rows: number;
  readonly columns: number;
  readonly inner: number;
  readonly a: Operand;
  readonly b: Operand;
  readonly y: Operand;
}

/** Equal tiles one after the other: `times` of `size`, from `start`. */
export interface Run {
  readonly start: number;
  readonly size: number;
  readonly times: number;
}

/**
 * How tiles are written: for 32 or 16 registers of vectors, or, for 32 registers of a core that executes in order, with
 * the loads of four multiply-adds of every sum before all of these.
 */
export type Tiling = 'many registers' | 'few registers' | 'loads first';

/** Vectors of sums beside each other for bands of 1 to 5 rows, so that the factors fit into registers besides. */
const widest: Readonly<Record<Tiling, readonly number[]>> = {
  'many registers': [8, 8, 6, 5, 4],
  'few registers': [8, 4, 2, 2, 1],
  'loads first': [6, 4, 4, 3, 2],
};

/** Rows in bands of 4; a single row that is left makes the last band one of 5 where there are registers for it. */
export function bandsOf(rows: number, tiling: Tiling): readonly Run[] {
  const left = rows % 4;
  const tall = tiling !== 'few registers' && left === 1 && rows > 4;
  const fours = Math.floor(rows / 4) - (tall ? 1 : 0);
  const last = tall ? 5 : left;
  return [
    ...(fours > 0 ? [{ start: 0, size: 4, times: fours }] : []),
    ...(last > 0 ? [{ start: 4 * fours, size: last, times: 1 }] : []),
  ];
}

/** Whole vectors of columns, as evenly as they go into the fewest tiles; widths differ by at most one vector. */
export function vectorsOf(columns: number, height: number, tiling: Tiling): readonly Run[] {
  const vectors = Math.floor(columns / 4);
  if (vectors === 0) return [];
  const tiles = Math.ceil(vectors / widest[tiling][height - 1]!);
  const small = Math.floor(vectors / tiles);
  const larger = vectors % tiles;
  const head = { start: 0, size: small + 1, times: larger };
  const rest = { start: 4 * larger * (small + 1), size: small, times: tiles - larger };
  return [head, rest].filter(({ times }) => times > 0);
}

const plus = (name: string, ...offsets: readonly (string | number)[]): string =>
  [name, ...offsets.filter((offset) => offset !== 0)].join(' + ');

/** Statements under a loop over a run, or with its one value. */
function looped(
  { start, times }: Run,
  variable: string,
  step: number,
  body: (at: string | number, times: (factor: number) => string | number) => readonly string[],
): readonly string[] {
  if (times === 1) return body(start, (factor) => start * factor);
  const head = `for (${variable} = ${start}; ${variable} < ${start + times * step}; ${variable} += ${step})`;
  const inner = body(variable, (factor) => (factor === 1 ? variable : `${variable} * ${factor}`));
  const braces = inner.length > 1;
  return [`${head}${braces ? ' {' : ''}`, ...inner.map((line) => `    ${line}`), ...(braces ? ['}'] : [])];
}

/** Statements that add A B to Y tile by tile: whole vectors of columns, then the last 1 to 3 columns. */
export function tileStatements({ rows, columns, inner, a, b, y }: SmallProduct, tiling: Tiling): readonly string[] {
  const whole = bandsOf(rows, tiling).flatMap((band) =>
    vectorsOf(columns, band.size, tiling).flatMap((run) =>
      looped(run, 'column', 4 * run.size, (column) =>
        looped(band, 'row', band.size, (_, row) => [
          `add_tile(${band.size}, ${run.size}, ${inner}, ${plus(a.name, row(a.stride))}, ${a.stride}, ` +
            `${plus(b.name, column)}, ${b.stride}, ${plus(y.name, row(y.stride), column)}, ${y.stride});`,
        ]),
      ),
    ),
  );
  const lanes = columns % 4;
  const edge = columns - lanes;
  const last = edgeRuns(rows, tiling).flatMap((band) =>
    looped(band, 'row', band.size, (_, row) => [
      `add_edge(${band.size}, ${lanes}, ${inner}, ${plus(a.name, row(a.stride))}, ${a.stride}, ` +
        `${plus(b.name, edge)}, ${b.stride}, ${plus(y.name, row(y.stride), edge)}, ${y.stride});`,
    ]),
  );
  return [...whole, ...(lanes === 0 ? [] : last)];
}

/** Rows of the last columns: as many at once as have their sum in a register. */
function edgeRuns(rows: number, tiling: Tiling): readonly Run[] {
  const bands = Math.ceil(rows / (tiling === 'few registers' ? 8 : 16));
  const small = Math.floor(rows / bands);
  const larger = rows % bands;
  const head = { start: 0, size: small + 1, times: larger };
  const rest = { start: larger * (small + 1), size: small, times: bands - larger };
  return [head, rest].filter(({ times }) => times > 0);
}
