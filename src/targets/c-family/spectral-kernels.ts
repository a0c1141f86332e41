/** The kernels of circulant products by transforms: the stages that blocks need, and for each block its own. */
import type { CallOf, KernelCall } from '../../kernels/calls.js';
import { frequenciesOf, radicesOf } from '../../kernels/spectra.js';
import type { Piece } from './piece.js';

/** Radices that have a stage of their own. */
const written = [2, 3, 4, 5];

/** In the order in which C wants them. */
export function spectralPieces(calls: readonly CallOf<'spectral'>[]): readonly Piece[] {
  const blocks = [...new Set(calls.map(({ block }) => block))];
  if (blocks.length === 0) return [];
  const used = new Set(blocks.flatMap(radicesOf));
  const other = [...used].some((radix) => !written.includes(radix));
  const turns = hasTurns(calls);
  const odd = [...used].some((radix) => radix % 2 === 1);
  const stages = [...used].filter((radix) => written.includes(radix)).sort((a, b) => a - b);
  const plain = (name: string, view: Piece['view'] = {}): Piece => ({ name, neon: false, view });
  return [
    { name: 'fours', neon: true, view: { quarters: odd || used.has(4), odd, turns } },
    ...(turns || other ? [plain('transform-root')] : []),
    ...stages.map((radix) => plain('transform-stage', stageView(radix, turns))),
    ...(other ? [plain('transform-odd', { turns })] : []),
    plain('spectral-parts'),
    { name: 'spectral-product', neon: true, view: {} },
    ...blocks.map((block) => plain('spectral', blockView(block, turns))),
  ];
}

/** Whether any block of a program has several stages, with turns between them. */
export const hasTurns = (calls: readonly KernelCall[]): boolean =>
  calls.some((call) => call.kind === 'spectral' && radicesOf(call.block).length > 1);

const stageView = (radix: number, turns: boolean) => ({
  radix,
  turns,
  two: radix === 2,
  three: radix === 3,
  four: radix === 4,
  five: radix === 5,
  others: Array.from({ length: radix - 1 }, (_, i) => ({ index: i + 1, times: i === 0 ? '' : `${i + 1} * ` })),
  skip: radix === 2 ? '' : `${radix - 1} * `,
});

/** Stages read and write by turns. */
function blockView(block: number, turns: boolean) {
  const radices = radicesOf(block);
  let stride = 1;
  const stages = radices.map((radix, i) => {
    const [from, to] = i % 2 === 0 ? ['z', 'other'] : ['other', 'z'];
    const own = written.includes(radix);
    const roots = own && !turns ? '' : 'roots, ';
    const name = own ? `transform_stage_${radix}(` : `transform_stage_odd(${radix}, `;
    const statement = `${name}${block}, ${stride}, ${roots}${from}, ${to});`;
    stride *= radix;
    return statement;
  });
  return {
    block,
    stages,
    roots: readsRoots(block, turns),
    result: radices.length % 2 === 0 ? 'z' : 'other',
    last: block - 1,
    twice: 2 * block,
    floats: 8 * block,
    parts: 2 * frequenciesOf(block),
  };
}

/** Whether the kernel of a block is given roots: all are, where any block has several stages. */
export const readsRoots = (block: number, turns: boolean): boolean =>
  turns || radicesOf(block).some((radix) => !written.includes(radix));
