/** Which kernels a program needs, in the order in which C wants them, rendered for a tier. */
import type { CallOf, KernelCall } from '../../kernels/calls.js';
import { isExact } from '../../kernels/exact.js';
import { isOfIntegers } from '../../kernels/uses.js';
import type { Emit } from '../../model/model.js';
import { render, type View } from '../render.js';
import { activationView } from './activations.js';
import {
  circulantPieces,
  decodesForMany,
  formatPieces,
  rowFormatPieces,
  sparseFormatPieces,
} from './format-kernels.js';
import { dotsOf } from './integer-kernels.js';
import { kroneckerPieces } from './kronecker-kernels.js';
import type { Piece } from './piece.js';
import { tilingFor } from './processors.js';
import { hasPanels, panelUses, pieceColumns } from './product-uses.js';
import { allCalls, type Program } from './program.js';
import { inVectors, rowPieces, slicedPieces, sparsePieces } from './sparse-kernels.js';
import { spectralPieces } from './spectral-kernels.js';
import type { Tiling } from './tiles.js';
import { tile } from './top-tiles.js';

/** Portable C99, or Arm intrinsics. */
export type Tier = 'c' | 'neon';
export type Activation = 'exact' | 'std' | 'fast';

const ofKind = <K extends KernelCall['kind']>(calls: readonly KernelCall[], kind: K): CallOf<K>[] =>
  calls.filter((call) => call.kind === kind) as unknown as CallOf<K>[];

/** The kernels' C, each a definition or a few, in order. */
export function renderKernels(program: Program, tier: Tier, options: Emit): string[] {
  return renderPieces(piecesOf(program, tier, options), tier);
}

const renderPieces = (pieces: readonly Piece[], tier: Tier): string[] =>
  pieces.map(({ name, neon, view, ifDots }) => {
    const text = render(`${tier === 'neon' && neon ? 'neon' : 'c'}/kernels/${name}.c`, view).trimEnd();
    return ifDots === true ? `#if defined(MAY_HAVE_DOTS)\n${text}\n#endif` : text;
  });

/** What approximate activations in vectors rest on. */
const vectorPieces: readonly Piece[] = ['vectors', 'lanes'].map((name) => ({ name, neon: true, view: {} }));

function piecesOf(program: Program, tier: Tier, { activation, cpu, cpus }: Emit): Piece[] {
  const tiling = tier === 'neon' ? tilingFor(cpu) : undefined;
  const calls = allCalls(program.plan);
  const gemvs = ofKind(calls, 'gemv');
  const ofFloats = calls.filter((call) => !isOfIntegers(call));
  const small = (['kron', 'gemm', 'mix'] as const).some((kind) => ofKind(ofFloats, kind).length > 0);
  const circulants = ofKind(calls, 'circulant').length > 0;
  const spectral = ofKind(calls, 'spectral');
  const vectors = tier === 'neon';
  const own = vectors && !isExact(calls, activation) && activation !== 'exact';
  const blocks = ofKind(ofFloats, 'sparse').some(({ block }) => inVectors(block));
  const pieces: Piece[] = [];
  const add = (wanted: boolean, name: string, neon: boolean, view: View = {}): void => {
    if (wanted) pieces.push({ name, neon, view });
  };
  const approximate = own && usesActivations(calls);
  const slices = ofKind(calls, 'sliced');
  const written = circulants || spectral.length > 0 || blocks || slices.length > 0;
  const products = gemvs.length > 0 || ofKind(calls, 'gemm').length > 0 || small || written;
  add(vectors && (products || approximate), 'vectors', true);
  add(vectors && (small || circulants || spectral.length > 0 || approximate), 'lanes', true);
  add(calls.some(fills), 'fill', false);
  // Outputs are copied to the caller.
  add(true, 'copy', false);
  pieces.push(...plainPanelPieces(program, vectors), ...formatPieces(program, vectors, dotsOf(cpus)));
  pieces.push(...smallProductPieces(ofFloats, tiling));
  add(circulants, 'circulant', true);
  pieces.push(...spectralPieces(spectral));
  pieces.push(...slicedPieces(slices, program), ...circulantPieces(program));
  pieces.push(...sparsePieces(ofKind(ofFloats, 'sparse'), program), ...sparseFormatPieces(program));
  pieces.push(...rowPieces(ofKind(calls, 'embedSparse')), ...rowFormatPieces(program));
  pieces.push(...elementPieces(calls));
  pieces.push(...activationPieces(calls, activation, own));
  const rectifies = ofKind(calls, 'activate').some((call) => call.function === 'relu');
  add(rectifies, 'relu', false);
  add(program.classifier !== undefined, 'top', false, { tile });
  return pieces;
}

/** Products with float32 in panels; in portable C those of other formats decode their weights for its panel of 32. */
function plainPanelPieces(program: Program, vectors: boolean): readonly Piece[] {
  const plain = hasPanels(program, 'float32');
  const view = { heights: '32, 16, 8 or 4', parts: [8, 4], ...panelUses(program, 'float32'), piece: pieceColumns };
  return [
    ...(!vectors && (plain || decodesForMany(program)) ? [{ name: 'panel', neon: false, view: {} }] : []),
    ...(plain ? [{ name: 'gemv', neon: true, view }] : []),
  ];
}

/** What small products fall into: in vectors tiles, and of Kronecker products one kernel for each pair of shapes. */
function smallProductPieces(calls: readonly KernelCall[], tiling?: Tiling): readonly Piece[] {
  const krons = ofKind(calls, 'kron');
  const gemms = ofKind(calls, 'gemm');
  const others = gemms.length + ofKind(calls, 'mix').length > 0;
  const tiled = tiling !== undefined;
  const view = { loadsFirst: tiling === 'loads first' };
  const pieces: readonly (readonly [wanted: boolean, piece: readonly Piece[]])[] = [
    [tiled && (others || krons.length > 0), [{ name: 'gemm-tile', neon: true, view }]],
    [others || (!tiled && krons.length > 0), [{ name: 'gemm', neon: true, view }]],
    [true, kroneckerPieces(krons, tiling)],
    [gemms.some(({ after }) => after > 1), [{ name: 'gemm-each', neon: false, view: {} }]],
  ];
  return pieces.flatMap(([wanted, piece]) => (wanted ? piece : []));
}

/** Kernels that work one by one in portable C: compilers vectorize them. */
const elementPieces = (calls: readonly KernelCall[]): readonly Piece[] =>
  (['add', 'runningMax'] as const)
    .filter((kind) => ofKind(calls, kind).length > 0)
    .map((kind) => ({ name: kind === 'add' ? 'add' : 'running-max', neon: false, view: {} }));

const usesActivations = (calls: readonly KernelCall[]): boolean => calls.some((call) => activationsOf(call).length > 0);

/** Whether a call starts by writing zeros. */
const fills = (call: KernelCall): boolean =>
  ['clear', 'kron', 'embedSparse'].includes(call.kind) ||
  (call.kind === 'embed' && call.rows < call.ids) ||
  ('mode' in call && call.kind !== 'gate' && call.mode === 'set');

/** The functions that a call computes inside. */
function activationsOf(call: KernelCall): readonly ('tanh' | 'sigmoid')[] {
  if (call.kind === 'lstmCell' || call.kind === 'gruCell') return ['tanh', 'sigmoid'];
  if (call.kind === 'gate') return ['sigmoid'];
  return call.kind === 'activate' && call.function !== 'relu' ? [call.function] : [];
}

function activationPieces(calls: readonly KernelCall[], activation: Activation, vectors: boolean): Piece[] {
  const used = new Set(calls.flatMap(activationsOf));
  if (used.size === 0) return [];
  const has = (name: string): boolean => calls.some((call) => call.kind === 'activate' && call.function === name);
  const [tanh, sigmoid] = [has('tanh'), has('sigmoid')];
  const view = {
    ...activationView(activation),
    tanh: used.has('tanh') || activation !== 'exact',
    sigmoid: used.has('sigmoid'),
  };
  const functions = [
    ...(tanh ? [{ name: 'tanh', law: 'tanh(x)', before: '', beforeEnd: '', after: '', afterEnd: '' }] : []),
    ...(sigmoid ? [sigmoidView] : []),
  ];
  return [
    ...(vectors || activation === 'exact' ? [] : [{ name: 'clamped', neon: false, view }]),
    { name: `activation-${activation}`, neon: vectors, view },
    ...cellPieces(calls).map(({ name, view: own }) => ({ name, neon: vectors, view: own })),
    ...(tanh || sigmoid ? [{ name: 'activate', neon: vectors, view: { tanh, sigmoid, functions } }] : []),
  ];
}

/** Cells, and what gates let through. */
function cellPieces(calls: readonly KernelCall[]): readonly Pick<Piece, 'name' | 'view'>[] {
  const has = (kind: KernelCall['kind']): boolean => ofKind(calls, kind).length > 0;
  const modes = (['set', 'add'] as const).filter((mode) => ofKind(calls, 'gate').some((call) => call.mode === mode));
  const forms = modes.map((mode) => ({ mode, law: mode === 'set' ? 'y =' : 'y +=', adds: mode === 'add' }));
  return [
    ...(has('lstmCell') ? [{ name: 'lstm', view: {} }] : []),
    ...(forms.length > 0 ? [{ name: 'gate', view: { forms } }] : []),
    ...(has('gruCell') ? [{ name: 'gru', view: {} }] : []),
  ];
}

/** A program that checks the activations of a tier and mode over all floats. */
export function renderActivationCheck(tier: Tier, mode: Activation): string {
  const buffer = { id: 0, offset: 0, size: 1 };
  const calls = (['tanh', 'sigmoid'] as const).map(
    (name): KernelCall => ({ kind: 'activate', layer: '', function: name, x: buffer }),
  );
  const pieces = [
    ...(tier === 'neon' && mode !== 'exact' ? vectorPieces : []),
    ...activationPieces(calls, mode, tier === 'neon' && mode !== 'exact'),
  ];
  const includes = [...(tier === 'neon' ? ['arm_neon.h'] : []), 'math.h', 'string.h'];
  return render('c/activation-check.c', { mode, includes, kernels: renderPieces(pieces, tier) });
}

/** sigmoid(x) = 1/2 + tanh(x / 2) / 2, around a vector of tanh. */
const sigmoidView = {
  name: 'sigmoid',
  law: '1 / (1 + exp(-x))',
  before: 'vmulq_f32(vdupq_n_f32(0.5f), ',
  beforeEnd: ')',
  after: 'FMA(vdupq_n_f32(0.5f), ',
  afterEnd: ', vdupq_n_f32(0.5f))',
};

/** Products that have a form of their own in Arm intrinsics. */
const productsInVectors: readonly string[] = ['gemv', 'kron', 'gemm', 'circulant', 'spectral', 'mix', 'sliced'];

/** Standard headers that the source needs, in order. */
export function includesOf(program: Program, tier: Tier, activation: Activation): string[] {
  const calls = allCalls(program.plan);
  const math = program.classifier !== undefined || (activation === 'exact' && usesActivations(calls));
  const needsVectors = calls.some(
    (call) =>
      productsInVectors.includes(call.kind) ||
      (call.kind === 'sparse' && inVectors(call.block)) ||
      usesActivations([call]),
  );
  return [...(tier === 'neon' && needsVectors ? ['arm_neon.h'] : []), ...(math ? ['math.h'] : []), 'string.h'];
}
