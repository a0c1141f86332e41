/** The weights in C: fields, arrays, and what is checked of a blob before it is used. */
import type { RegionLayout } from '../../kernels/calls.js';
import { type ElementType, elementCount, elementType, formOf, valueCount } from '../../kernels/regions.js';
import { invariant } from '../../support/assert.js';
import { count } from '../../support/units.js';
import { area } from '../../tensor/blocks.js';
import type { View } from '../render.js';
import { type Blob, blobVersion, headerBytes, headerFields } from './blob.js';
import { arrayLines, crcLiteral, floatLiteral, hexLiteral } from './literals.js';
import type { NamedRegion, Program } from './program.js';

const elementNames = {
  float32: 'float',
  int8: 'int8_t',
  uint8: 'uint8_t',
  uint16: 'uint16_t',
  uint32: 'uint32_t',
} as const;

/** Whether several values share a byte. */
const packs = (layout: RegionLayout): boolean => elementCount(layout) !== valueCount(layout);

/** Name, type, length and place of every stored weight. */
export const regionViews = (program: Program) =>
  program.regions.map(({ id, layout, elements, offset }) => {
    const { tensor, rows, columns } = layout.matrix;
    const form = formOf(layout).replace('sparse ', 'sparse, ');
    invariant(elements === elementCount(layout), `${id} has ${elements} elements`);
    return {
      name: id,
      type: elementNames[elementType(layout)],
      count: elements,
      offset,
      comment: `${tensor} (${rows}, ${columns}) as ${form}: ${count(elements)} ${packs(layout) ? 'bytes' : 'values'}`,
    };
  });

/** Calls that find out whether a region leads outside of others; none for values and scales, which lead nowhere. */
function boundsOf({ id, layout, elements }: NamedRegion): readonly string[] {
  if (layout.kind !== 'sparse' || layout.section === 'values') return [];
  const { rows, columns, block } = layout.matrix;
  if (layout.section === 'starts') return [`starts_within(weights->${id}, ${elements}, ${layout.kept / area(block)})`];
  const bits = elementType(layout) === 'uint16' ? 16 : 32;
  if (layout.section === 'counts') return [`counts_within_${bits}(weights->${id}, ${elements}, ${layout.kept})`];
  const end = layout.section === 'order' ? rows : columns / block[1];
  return [`indices_within_${bits}(weights->${id}, ${elements}, ${end})`];
}

/** What `_weights_check` and `_weights_from_blob` need to know. */
export function blobView(program: Program, blob: Blob): View {
  const checks = program.regions.flatMap(boundsOf);
  const bits = [16, 32].filter((n) => checks.some((check) => check.startsWith(`indices_within_${n}(`)));
  return {
    regions: regionViews(program),
    bounds: checks,
    bounded: checks.length > 0,
    startsChecked: checks.some((check) => check.startsWith('starts_within(')),
    indexTypes: bits.map((n) => ({
      bits: n,
      counts: checks.some((check) => check.startsWith(`counts_within_${n}(`)),
    })),
    headerBytes,
    blobVersion,
    fields: headerFields,
    crcEnd: headerFields.blobCrc + 4,
    layoutHash: hexLiteral(blob.layoutHash),
    vocabularyHash: hexLiteral(blob.vocabularyHash),
  };
}

/** Fills `c/weights-array.c`. */
export function arrayView(program: Program, blob: Blob): View {
  return {
    regions: regionViews(program).map((region, i) => ({
      ...region,
      // C has no empty arrays.
      count: Math.max(1, region.count),
      lines: region.count === 0 ? ['0'] : arrayLines(elementsOf(region.type, blob.regions[i]!)),
    })),
    valuesCrc: crcLiteral(blob.valuesCrc),
  };
}

function* elementsOf(type: (typeof elementNames)[ElementType], bytes: Uint8Array): Iterable<string> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (type === 'int8_t' || type === 'uint8_t')
    for (let i = 0; i < bytes.length; i++) yield String(type === 'int8_t' ? view.getInt8(i) : view.getUint8(i));
  else if (type === 'uint16_t') for (let i = 0; i < bytes.length; i += 2) yield String(view.getUint16(i, true));
  else if (type === 'uint32_t') for (let i = 0; i < bytes.length; i += 4) yield `${view.getUint32(i, true)}u`;
  else for (let i = 0; i < bytes.length; i += 4) yield floatLiteral(view.getFloat32(i, true));
}
