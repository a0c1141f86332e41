/** The target `tfjs`: a training or prediction step as files that `loadGraphModel` reads. Makes files in memory. */
import type { StepGraph } from '../../lower/training-graph.js';
import type { Weights } from '../../tensor/tensor.js';
import type { OutputFile } from '../output-file.js';
import { constantsOf, printSignature, signatureOf } from '../signature.js';
import { encodeTfjs, encodeTfjsWeights } from './encode-tfjs.js';
import { graphToTfjs } from './to-tfjs.js';

/** Files of one step under `folder`. A prediction step holds its weights; a training step takes them as inputs. */
export function emitTfjs(step: StepGraph, folder: string, weights?: Weights): readonly OutputFile[] {
  const constants = constantsOf(step, weights);
  const model = graphToTfjs(step.graph, { constants });
  return [
    { path: `${folder}/model.json`, contents: encodeTfjs(model) },
    { path: `${folder}/weights.bin`, contents: encodeTfjsWeights(model) },
    { path: `${folder}/signature.json`, contents: printSignature(signatureOf(step, constants)) },
  ];
}
