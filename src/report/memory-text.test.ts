import { expect, it } from 'vitest';
import { explainMemory } from './memory-text.js';

it('says what each part is', () => {
  const kept = { engine: 8_000_000, update: 2_000_000, start: 1_000_500 };
  const parts = { carried: 2_000_000, masks: 500, fed: 30_000, values: 4_000_000, ...kept };
  expect(explainMemory({ ...parts, step: 17_031_000, checkpoint: 3_000_000 })).toBe(`memory
  step        17.0 MB  of a training step at its peak
    weights   2.00 MB  weights, moments and recurrent state
    masks       500 B  of pruned weights
    fed       30.0 KB  tokens and random draws, of this step and the next
    values    4.00 MB  intermediate values alive at once
    engine    8.00 MB  kept by onnxruntime for later steps
    update    2.00 MB  kept by onnxruntime for gradients and changes of weights
    start     1.00 MB  the values that the run starts from, for its first steps
  checkpoint  3.00 MB  more while one is written
`);
});
