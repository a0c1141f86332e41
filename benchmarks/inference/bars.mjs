/**
 * The bars as data: which figure is compared with which, and how far it must be. A figure is a subject of rnnc
 * (`product dense`, `step kp`) or a peer, measured with a compiler and a processor's flags, in a core's model.
 */

const [a53, a57, n1] = ['cortex-a53', 'cortex-a57', 'neoverse-n1'];
export const models = [a53, a57, n1];

/** The layer's matrix. */
export const [rows, columns] = [2600, 1300];
const valuesAt = (factor) => Math.round((rows * columns) / factor);

const own = (what, form, options = {}) => ({ kind: 'own', what, form, ...options });
const eigen = { kind: 'eigen', args: ['dense', rows, columns, 0] };
const plain = { kind: 'plain' };
/** OpenBLAS has kernels for the model's core; W by rows and by columns are different functions of it. */
const libraries = [
  ['OpenBLAS, W by rows', { kind: 'library', library: 'openblas', layout: 'rows' }],
  ['OpenBLAS, W by columns', { kind: 'library', library: 'openblas', layout: 'columns' }],
  ['XNNPACK', { kind: 'library', library: 'xnnpack' }],
];
const csr = (factor) => ({ kind: 'eigen', args: ['csr', rows, columns, valuesAt(factor)] });
const onnx = (steps) => ({ kind: 'onnxruntime', steps });
/** Cycles of its one step in the A57 model, measured when the bars were set: for where onnxruntime is not installed. */
export const statedOnnxruntime = { 1: 1119e3, 10: 989e3 };

const dense = own('product', 'dense');
const step = own('step', 'dense');
const integers = (weights, options = {}) => own('product', 'dense', { weights, arithmetic: 'integer', ...options });
/** Products of dots need a processor that has them, and an emulator that has it too. */
const dots = { cpu: 'cortex-a76', emulated: 'max' };

/**
 * `least` and `most` bound cycles of `over` / cycles of `under`, both with the row's compiler unless they name one;
 * without a bound a row only informs.
 */
const faster = (name, group, under, over, bounds, model = a57) => ({ name, group, under, over, model, ...bounds });

const gcc = (figure) => ({ ...figure, compiler: 'gcc' });

export const bars = [
  faster('dense product over Eigen built by gcc', 'dense', gcc(eigen), dense, { most: 0.78 }),
  faster('dense product over Eigen', 'dense', eigen, dense, { most: 0.85 }),
  faster('dense product over Eigen', 'dense', eigen, dense, { most: 0.75 }, a53),
  ...[a57, a53].flatMap((model) =>
    libraries.map(([name, library]) => faster(`dense product over ${name}`, 'peers', library, dense, {}, model)),
  ),
  faster('dense product over a plain loop in C', 'peers', plain, dense, {}),
  faster('dense product over a plain loop in C', 'peers', plain, dense, {}, a53),
  faster('dense step over one step of onnxruntime', 'dense', onnx(1), step, { most: 0.87 }),
  faster('dense run of 10 steps over 10 steps of onnxruntime', 'dense', onnx(10), own('run', 'dense'), { most: 0.95 }),
  { ...faster('all but the products of a dense step, std', 'dense', step, step, { most: 0.025 }), minus: dense },
  { ...faster('all but the products of a dense step, std', 'dense', step, step, { most: 0.033 }, n1), minus: dense },
  { ...faster('hlf product over dense, times 10', 'hlf', dense, own('product', 'hlf'), { most: 1.08 }), times: 10 },
  { ...faster('lmf product over dense, times 10', 'lmf', dense, own('product', 'lmf'), { most: 1.08 }), times: 10 },
  ...[
    ['hlf-2.5x', 2.5, 2.43],
    ['hlf-10/3x', 10 / 3, 3.2],
    ['hlf-5x', 5, 4.85],
  ].flatMap(([form, factor, least]) => [
    faster(`Eigen CSR of as many values over ${form}`, 'hlf', own('product', form), csr(factor), { least: 14 }),
    faster(`Eigen CSR of as many values over ${form}`, 'hlf', own('product', form), csr(factor), { least: 12 }, a53),
    faster(`dense product over ${form}`, 'hlf', own('product', form), dense, { least }),
  ]),
  faster('dense product over kp 338x', 'kp', own('product', 'kp'), dense, { least: 24 }),
  faster('dense product over kp 338x', 'kp', own('product', 'kp'), dense, { least: 22 }, n1),
  faster('dense product over kp 338x', 'kp', own('product', 'kp'), dense, { least: 35 }, a53),
  faster('dense step over kp 338x', 'kp', own('step', 'kp'), step, { least: 16 }),
  faster('dense product over dkp 25x, elements', 'dkp', own('product', 'dkp'), dense, { least: 3.7 }),
  faster('dense step over dkp 25x, elements', 'dkp', own('step', 'dkp'), step, { least: 3.4 }),
  faster('dense product over dkp 25x, blocks of 8x4', 'dkp', own('product', 'dkp-8x4'), dense, { least: 10.5 }),
  faster('dense step over dkp 25x, blocks of 8x4', 'dkp', own('step', 'dkp-8x4'), step, { least: 8.8 }),
  ...[
    [8, 3.8, 3.6, 3.4],
    [50, 9, 11, 7],
    [64, 9.5, 1, 7.3],
    [325, 8.8, 1, 6.2],
    [650, 5, 6, 4],
  ].flatMap(([block, ...least]) =>
    [a57, a53, n1].map((model, i) =>
      faster(
        `dense product over circulant blocks of ${block}`,
        'circulant',
        own('product', `circulant-${block}`),
        dense,
        { least: least[i] },
        model,
      ),
    ),
  ),
  // Against the faster of both compilers: clang's own order of loads makes its dense product slow there.
  faster(
    'dense product built by gcc over int8 in integers',
    'integer',
    integers('int8'),
    gcc(dense),
    { least: 1.9 },
    a53,
  ),
  faster(
    'dense product over int8 by dots',
    'integer',
    integers('int8', dots),
    { ...dense, ...dots },
    { least: 3.7 },
    n1,
  ),
];

/** Natively, in turns in one run: a peer's time over that of the portable C, of one product or of one step. */
export const nativeBars = [
  { name: 'Eigen over portable C, 2600x1300', peer: 'eigen', hidden: 650, least: 1.2 },
  { name: 'Eigen over portable C, 400x400', peer: 'eigen', hidden: 100, inputs: 300, least: 1.0 },
  { name: 'Eigen over portable C on the same bytes, 2600x1300', peer: 'eigen shared', hidden: 650 },
  { name: 'Eigen over portable C on the same bytes, 400x400', peer: 'eigen shared', hidden: 100, inputs: 300 },
  { name: 'reading the same bytes alone over portable C, 2600x1300', peer: 'reading', hidden: 650 },
  { name: 'reading them with 4 KB prefetched over portable C, 2600x1300', peer: 'reading ahead', hidden: 650 },
  { name: 'reading the same bytes alone over portable C, 400x400', peer: 'reading', hidden: 100, inputs: 300 },
  { name: "onnxruntime's LSTM over portable C, one step", peer: 'onnxruntime', hidden: 650 },
];
