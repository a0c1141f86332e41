/** The target `onnx`: a training or prediction step as `model.onnx` and `signature.json`. Makes files in memory. */
import type { StepGraph } from '../../lower/training-graph.js';
import type { Weights } from '../../tensor/tensor.js';
import type { OutputFile } from '../output-file.js';
import { constantsOf, printSignature, signatureOf } from '../signature.js';
import { encodeOnnx } from './encode-onnx.js';
import { graphToOnnx } from './to-onnx.js';

/** Files of one step under `folder`. A prediction step holds its weights; a training step takes them as inputs. */
export function emitOnnx(step: StepGraph, folder: string, weights?: Weights): readonly OutputFile[] {
  const constants = constantsOf(step, weights);
  const model = graphToOnnx(step.graph, { constants });
  return [
    { path: `${folder}/model.onnx`, contents: encodeOnnx(model) },
    { path: `${folder}/signature.json`, contents: printSignature(signatureOf(step, constants)) },
  ];
}
