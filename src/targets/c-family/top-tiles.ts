/**
 * The most probable classes of a step without all logits at once: where the last product of a step is a dense one that
 * makes the logits, it is called for a tile of rows at a time, and every tile is taken into the ranking before the
 * next.
 */
import type { CallOf, KernelCall, RegionLayout } from '../../kernels/calls.js';
import type { Buffer } from '../../kernels/planner.js';
import { elementCount, formatOf } from '../../kernels/regions.js';
import { invariant } from '../../support/assert.js';
import { gemvStatement } from './format-statements.js';
import type { NamedOutput, Pointers, Program } from './program.js';

/** Logits at a time: the rows of a whole panel. */
export const tile = 32;

/** The calls of a step that make its logits, at its end, and those before them. */
export interface OutputTail {
  readonly before: readonly KernelCall[];
  readonly bias: CallOf<'bias'>;
  readonly quantize: CallOf<'quantize'> | undefined;
  readonly product: CallOf<'gemv'>;
}

const same = (a: Buffer, b: Buffer): boolean => a.id === b.id && a.offset === b.offset && a.size === b.size;

/** Undefined where the model does not classify after each step, or its logits are made in another way. */
export function outputTail({ plan, classifier }: Program): OutputTail | undefined {
  if (classifier === undefined) return undefined;
  const { buffer: y } = classifier;
  const product = plan.step.at(-1);
  if (product?.kind !== 'gemv' || product.mode !== 'add' || !same(product.y, y)) return undefined;
  const previous = plan.step.at(-2);
  const quantize = previous?.kind === 'quantize' ? previous : undefined;
  if ((product.codes === undefined) !== (quantize === undefined)) return undefined;
  const bias = plan.step.at(quantize === undefined ? -2 : -3);
  if (bias?.kind !== 'bias' || !same(bias.y, y)) return undefined;
  return { before: plan.step.slice(0, quantize === undefined ? -2 : -3), bias, quantize, product };
}

/** Elements of a tile's rows; 0 for what all rows share. */
function tileElements(layout: RegionLayout): number {
  const rows = <L extends RegionLayout>(of: L): L => ({ ...of, matrix: { ...of.matrix, rows: tile } });
  if (layout.kind !== 'scales') return elementCount(rows(layout));
  return layout.format.per.kind === 'tensor' ? 0 : elementCount({ ...rows(layout), values: rows(layout.values) });
}

/** What `advance_top` does after all calls but the product. */
export function tileStatements(program: Program, { bias, product }: OutputTail, pointers: Pointers): string[] {
  const { w, scales, rows: classes, columns, within, codes, x } = product;
  const layout = (id: number): RegionLayout => program.regions[id]!.layout;
  const weight = (id: number): string => {
    const elements = tileElements(layout(id));
    return `weights->${program.regions[id]!.id}${elements === 0 ? '' : ` + row / ${tile} * ${elements}`}`;
  };
  const format = (id: number) => {
    const found = layout(id);
    invariant(found.kind === 'panels' || found.kind === 'quads', 'the product has panels');
    return formatOf(found);
  };
  const scope = { program, pointers, weight, layout, format };
  const from = pointers.at(codes ?? x);
  return [
    ...tileLoop(`${classes}`, [
      `copy(weights->${program.regions[bias.w]!.id} + row, logits, rows);`,
      gemvStatement({ w, scales, rows: 'rows', columns, within }, `${from}, logits`, scope),
      'top_add(&top, logits, row, rows, k, ids, scores);',
    ]),
    'top_end(&top, k, scores);',
  ];
}

/** The ranking of logits that are there. */
export const rankStatements = ({ accessor, constant }: NamedOutput): string[] => [
  ...tileLoop(constant, [`top_add(&top, ${accessor}(state) + row, row, rows, k, ids, scores);`]),
  'top_end(&top, k, scores);',
];

const tileLoop = (classes: string, body: readonly string[]): string[] => [
  `for (row = 0; row < ${classes}; row += ${tile}) {`,
  `    const size_t rows = ${classes} - row < ${tile} ? ${classes} - row : ${tile};`,
  ...body.map((line) => `    ${line}`),
  '}',
];
