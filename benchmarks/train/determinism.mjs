/**
 * Shows that every distinct node of the H=650 training steps (dense, and doped Kronecker products with co-matrix row
 * dropout) is bit-identical from run to run with two threads on onnxruntime, and so is the whole step. Exit code 1
 * when one is not. Usage, after `npm run build`: node benchmarks/train/determinism.mjs [HIDDEN STEPS RUNS [ONLY]]
 * ONLY is a pattern of nodes, such as 'ScatterND|Gemm .* 20x': others are left out, and so are the whole steps.
 */
import { encodeOnnx } from '../../dist/targets/onnx/encode-onnx.js';
import { repeatModel, repeatNodes } from './repeat-nodes.mjs';
import { compileStep, nativeStep } from './steps.mjs';

const [hidden = 650, steps = 35, runs = 100] = process.argv.slice(2, 5).map(Number);
const only = process.argv[5] === undefined ? undefined : new RegExp(process.argv[5]);
const threads = 2;
const wholeRuns = Math.max(2, Math.ceil(runs / 5));

console.log(`H=${hidden}, T=${steps}: ${runs} runs of each node, ${wholeRuns} of each step, ${threads} threads`);
const seen = new Set();
let differing = 0;
for (const compressed of [false, true]) {
  const step = compileStep(hidden, steps, compressed);
  const { onnx, inputs } = nativeStep(step);
  const [bytes, feeds] = [encodeOnnx(onnx), Object.fromEntries(inputs)];
  console.log(compressed ? '\nin the dkp step with cmr, besides:' : '\nin the dense step:');
  for (const { text, count, identical } of await repeatNodes(bytes, feeds, { threads, runs, seen, only })) {
    differing += identical ? 0 : 1;
    console.log(`  ${identical ? 'identical' : 'DIFFERS  '}  ${String(count).padStart(4)} x ${text.slice(0, 90)}`);
  }
  if (only !== undefined) continue;
  const whole = await repeatModel(bytes, feeds, { threads, runs: wholeRuns });
  differing += whole ? 0 : 1;
  console.log(`  ${whole ? 'identical' : 'DIFFERS  '}  the whole step`);
}
console.log(differing === 0 ? '\nevery node repeats bit by bit' : `\n${differing} differ`);
process.exitCode = differing === 0 ? 0 : 1;
