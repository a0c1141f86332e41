/**
 * Which loop over the sequence each layer runs in. A model that works step by step is one loop; a backward layer needs
 * one of its own direction, after whatever it reads and before whatever reads it. Plans no layer.
 */
import type { Layer, Model } from '../model/model.js';

/** Whether a layer works at each step: what keeps a state does, whatever it gives at the end. */
export const worksEachStep = ({ shape: { signal, states } }: Layer): boolean =>
  signal.kind === 'ids' || signal.perStep || Object.keys(states).length > 0;

/**
 * Loops by layer, counted from the last one, 0; odd ones walk backward. Every layer runs as late as what reads it
 * allows, so that few values have to be kept for all steps and all outputs are made by the last loop.
 */
export function loopsOf({ layers }: Pick<Model, 'layers'>): ReadonlyMap<string, number> {
  const loops = new Map<string, number>();
  const backward = ({ shape }: Layer): number => (shape.direction === 'backward' ? 1 : 0);
  for (const layer of layers.toReversed()) {
    const own = loops.get(layer.name) ?? backward(layer);
    loops.set(layer.name, own);
    if (!worksEachStep(layer)) continue;
    for (const below of layers.filter(({ name }) => layer.inputs.includes(name))) {
      const before = own + (backward(below) === own % 2 ? 0 : 1);
      loops.set(below.name, Math.max(before, loops.get(below.name) ?? 0));
    }
  }
  return loops;
}
