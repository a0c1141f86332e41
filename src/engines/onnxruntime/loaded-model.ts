/**
 * A graph as the ONNX model that a session loads, and where what it carries from run to run lies. On the processor,
 * whose memory the session shares, large weights are stored in the pieces that the graph reads, new values are written
 * over old ones, of tables only the rows that change are written, and rows of equal ids are made once. Pure.
 */
import { writtenInPlace } from '../../graph/in-place.js';
import type { Graph } from '../../graph/ops.js';
import type { CarriedForm } from '../../passes/carried-families.js';
import { pieceCarried } from '../../passes/carried-pieces.js';
import { textRule } from '../../targets/onnx/distinct-rule.js';
import type { OnnxModel, RowOutput } from '../../targets/onnx/onnx-model.js';
import { graphToOnnx } from '../../targets/onnx/to-onnx.js';

export interface LoadedModel {
  readonly onnx: OnnxModel;
  /** Output -> input of what is carried, piece by piece. */
  readonly carries: ReadonlyMap<string, string>;
  /** Which of these outputs are written to the memory of their input. */
  readonly inPlace: ReadonlySet<string>;
  /** Of inputs that are stored in pieces. */
  readonly forms: ReadonlyMap<string, CarriedForm>;
  /** Of these outputs, tables whose changed rows the session writes. */
  readonly rows: readonly RowOutput[];
}

/** On a device with memory of its own: as the graph says, and never in place. */
export const onDevice = (graph: Graph, carries: ReadonlyMap<string, string>): LoadedModel => ({
  onnx: graphToOnnx(graph),
  carries,
  inPlace: new Set(),
  forms: new Map(),
  rows: [],
});

export function onProcessor(graph: Graph, carries: ReadonlyMap<string, string>): LoadedModel {
  const pieced = pieceCarried(graph, carries);
  const inPlace = writtenInPlace(pieced.graph, pieced.carries);
  const onnx = graphToOnnx(pieced.graph, { rowsOnly: inPlace, distinctIds: textRule });
  return { onnx, carries: pieced.carries, inPlace, forms: pieced.forms, rows: onnx.rowOutputs ?? [] };
}
