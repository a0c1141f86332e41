/**
 * What plans are weighed by on each core: typical caches, and what the kernels cost in the core's model. The rates are
 * those of llvm-mca 19 for the emitted kernels (`npm run bench:inference` prints both beside each other); it has a
 * model of its own for four cores and takes that of the A57 for A72, A73, A75 and A76. Memory answers from the first
 * level.
 */

/** Modelled cycles of one unit of each kernel's work. */
export interface Rates {
  /** Four rows times one column of a dense matrix in panels. */
  readonly panel: number;
  /** Four multiply-adds of a small product in tiles. */
  readonly tile: number;
  /** One entry of a sparse matrix in slices. */
  readonly entry: number;
  /** Four stored values of a sparse matrix in blocks. */
  readonly block: number;
  /** Four values of large circulant blocks written out. */
  readonly turn: number;
  /** Four rows times one column of a dense matrix in panels of codes: summed in integers, or made floats. */
  readonly codes: Readonly<Record<'int8' | 'int4', number>>;
  readonly decoded: Readonly<Record<'int8' | 'int4', number>>;
  /** One entry of a sparse matrix in integers. */
  readonly codeEntry: number;
  /** One value of codes that is made a float in memory, for a kernel that reads floats. */
  readonly unpack: number;
  /** One value of the many short vectors that a structure multiplies: rounded before, or scaled behind. */
  readonly around: number;
  /** Four rows of spectra times one number, a multiply-add of vectors. */
  readonly spectrum: number;
  /** One operation of a transform on vectors of four numbers. */
  readonly butterfly: number;
  /** One float on its way into a transform or out of it. */
  readonly move: number;
  /** One unit of an LSTM, from its gates to its state; and where every operation has one order on all processors. */
  readonly cell: number;
  readonly cellInOrder: number;
  /** One float that is copied, added or activated. */
  readonly float: number;
}

export interface Core {
  readonly cpu: string;
  /** Of data, in bytes. */
  readonly l1: number;
  readonly l2: number;
  /** Runs 32-bit programs only. */
  readonly narrow?: true;
  /** Multiplies and adds four codes of eight bits at once (Armv8.2 with dotprod). */
  readonly dots?: true;
  /** `A57 model`, and what it says; undefined for cores without one. */
  readonly model?: string;
  readonly rates?: Rates;
}

const KB = 1024;
const a53 = {
  panel: 2.79,
  tile: 2.1,
  entry: 5.03,
  block: 4.7,
  turn: 4.9,
  cell: 83,
  cellInOrder: 108,
  unpack: 5.14,
  float: 1.2,
  codes: { int8: 1.41, int4: 1.67 },
  decoded: { int8: 6.04, int4: 7.68 },
  codeEntry: 11.7,
  around: 11.9,
  spectrum: 2.83,
  butterfly: 3.18,
  move: 8,
};
const a55 = {
  panel: 3.26,
  tile: 1.28,
  entry: 2.9,
  block: 4.25,
  turn: 2.6,
  cell: 41,
  cellInOrder: 53,
  unpack: 3.13,
  float: 1,
  codes: { int8: 1.1, int4: 1.43 },
  decoded: { int8: 3.4, int4: 5.15 },
  codeEntry: 6,
  around: 8.66,
  spectrum: 1.5,
  butterfly: 2.5,
  move: 6,
};
const a57 = {
  panel: 1.075,
  tile: 1.11,
  entry: 1.51,
  block: 1.57,
  turn: 1.46,
  cell: 29,
  cellInOrder: 56,
  unpack: 1.96,
  float: 0.4,
  codes: { int8: 0.523, int4: 0.619 },
  decoded: { int8: 2.3, int4: 3.92 },
  codeEntry: 4.3,
  around: 4.1,
  spectrum: 0.97,
  butterfly: 1.85,
  move: 5,
};
const n1 = {
  panel: 0.524,
  tile: 0.58,
  entry: 0.88,
  block: 1.1,
  turn: 1.09,
  cell: 20,
  cellInOrder: 23,
  unpack: 1.34,
  float: 0.25,
  codes: { int8: 0.137, int4: 0.264 },
  decoded: { int8: 2.32, int4: 3.28 },
  codeEntry: 2.2,
  around: 3.67,
  spectrum: 0.51,
  butterfly: 1.36,
  move: 3,
};

/** What is weighed by where the core has no model. */
export const typicalRates: Rates = a57;

const like57 = { model: 'A57 model', rates: a57 };
/** With products of dots, which the A57 has not. */
const dotsOf57 = { ...like57, dots: true, rates: { ...a57, codes: { int8: 0.277, int4: 0.272 } } } as const;

const cores: readonly Core[] = [
  { cpu: 'cortex-a5', l1: 32 * KB, l2: 512 * KB, narrow: true },
  { cpu: 'cortex-a7', l1: 32 * KB, l2: 512 * KB, narrow: true },
  { cpu: 'cortex-a8', l1: 32 * KB, l2: 256 * KB, narrow: true },
  { cpu: 'cortex-a9', l1: 32 * KB, l2: 512 * KB, narrow: true },
  { cpu: 'cortex-a12', l1: 32 * KB, l2: 1024 * KB, narrow: true },
  { cpu: 'cortex-a15', l1: 32 * KB, l2: 2048 * KB, narrow: true },
  { cpu: 'cortex-a17', l1: 32 * KB, l2: 1024 * KB, narrow: true },
  { cpu: 'cortex-a53', l1: 32 * KB, l2: 512 * KB, model: 'A53 model', rates: a53 },
  { cpu: 'cortex-a55', l1: 32 * KB, l2: 256 * KB, model: 'A55 model', rates: a55, dots: true },
  { cpu: 'cortex-a57', l1: 32 * KB, l2: 2048 * KB, ...like57 },
  { cpu: 'cortex-a72', l1: 32 * KB, l2: 1024 * KB, ...like57 },
  { cpu: 'cortex-a73', l1: 64 * KB, l2: 1024 * KB, ...like57 },
  { cpu: 'cortex-a75', l1: 64 * KB, l2: 512 * KB, ...dotsOf57 },
  { cpu: 'cortex-a76', l1: 64 * KB, l2: 512 * KB, ...dotsOf57 },
  { cpu: 'neoverse-n1', l1: 64 * KB, l2: 1024 * KB, model: 'N1 model', rates: n1, dots: true },
];

/** The core by its name; undefined for any other processor. */
export const coreOf = (cpu: string): Core | undefined => cores.find((core) => core.cpu === cpu);

/** Whether a core runs 32-bit programs only. */
export const isNarrow = (cpu: string): boolean => coreOf(cpu)?.narrow === true;

/** Whether a core has products of dots. */
export const hasDots = (cpu: string): boolean => coreOf(cpu)?.dots === true;
