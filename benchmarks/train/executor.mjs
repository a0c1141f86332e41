/**
 * What rnnc runs on the wasm backend of tfjs beside what tfjs itself would run: one training step (H=200, T=20) through
 * the graph executor and the kernels of tfjs, as an emitted `model.json` is loaded by anyone, in turn with the same
 * step as the engine `tfjs-wasm` runs it, and with the parts of the difference, by the time of the processor.
 * Usage, after `npm run build`: node benchmarks/train/executor.mjs [--runs 12] [--hidden 200]
 */
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { runtimeFor } from '../../dist/engines/tfjs/runtime.js';
import { TfjsSession } from '../../dist/engines/tfjs/session.js';
import { takesProduct } from '../../dist/engines/tfjs/wasm-matmul.js';
import { encodeTfjsWeights, tfjsArtifacts } from '../../dist/targets/tfjs/encode-tfjs.js';
import { graphToTfjs } from '../../dist/targets/tfjs/to-tfjs.js';
import { carriesOf, compileStep, feedsOf, initialValues, sizes } from './steps.mjs';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '12' }, hidden: { type: 'string', default: '200' } },
});
const { hidden, steps } = sizes.find((size) => size.hidden === Number(values.hidden));
const require = createRequire(import.meta.resolve('../../dist/engines/tfjs/runtime.js'));
const { loadGraphModel } = require('@tensorflow/tfjs-converter');

const core = require('@tensorflow/tfjs-core');
require('@tensorflow/tfjs-backend-wasm');
const replaced = ['SplitV', 'GatherV2', 'BatchMatMul', 'Sum'];
const registered = () => replaced.map((name) => core.getKernel(name, 'wasm'));
const theirs = registered();
const runtime = await runtimeFor('wasm');
await core.setBackend('wasm');
const ours = registered();

/** Kernels are looked up at every call by the executor of tfjs, when a graph is planned by ours. */
function use(kernels) {
  for (const kernel of kernels) {
    core.unregisterKernel(kernel.kernelName, 'wasm');
    core.registerKernel({ ...kernel, setupFunc: undefined });
  }
}

const step = compileStep(hidden, steps, false);
const model = graphToTfjs(step.graph);
const ownModel = graphToTfjs(step.graph, { kernels: { takesProduct } });
const [carries, feeds, start] = [carriesOf(step), feedsOf(step), initialValues(step)];

/** One step through the executor of tfjs, in the way in which a program of tfjs would make it. */
async function startExecutor() {
  const artifacts = { ...tfjsArtifacts(model), weightData: encodeTfjsWeights(model).buffer };
  const graph = await loadGraphModel({ load: () => Promise.resolve(artifacts) });
  const toTensor = ({ data, shape }) => core.tensor(data, shape, data instanceof Int32Array ? 'int32' : 'float32');
  const resident = new Map([...start].map(([name, tensor]) => [name, toTensor(tensor)]));
  const names = model.outputs.map(({ name }) => name);
  return async () => {
    const fed = Object.entries(feeds).map(([name, tensor]) => [name, toTensor(tensor)]);
    const outputs = graph.execute(Object.fromEntries([...resident, ...fed]), names);
    const rest = {};
    for (const [i, name] of names.entries()) {
      const input = carries.get(name);
      if (input === undefined) rest[name] = await outputs[i].data();
      else resident.get(input).dispose();
      if (input === undefined) outputs[i].dispose();
      else resident.set(input, outputs[i]);
    }
    for (const [, tensor] of fed) tensor.dispose();
    return rest.loss[0];
  };
}

function startPlanned(kernels, planned) {
  use(kernels);
  const session = new TfjsSession(runtime, planned, { threads: 1, carries });
  for (const [name, tensor] of start) session.set(name, tensor);
  return async () => (await session.run(feeds)).loss.data[0];
}

const executor = await startExecutor();
const ways = {
  'executor and kernels of tfjs': () => {
    use(theirs);
    return executor();
  },
  'planned, kernels of tfjs': startPlanned(theirs, model),
  'planned, kernels of rnnc': startPlanned(ours, ownModel),
};
const least = new Map();
for (let run = 0; run < Number(values.runs); run++) {
  const losses = [];
  for (const [name, once] of Object.entries(ways)) {
    const used = process.cpuUsage();
    losses.push(await once());
    const { user, system } = process.cpuUsage(used);
    if (run > 1) least.set(name, Math.min(least.get(name) ?? Infinity, (user + system) / 1000));
  }
  // Later ones drift apart, as training does where sums are rounded in another order.
  if (run === 0 && Math.max(...losses) > 1.0001 * Math.min(...losses))
    throw new Error(`losses ${losses.join(', ')} of the same step`);
}
console.log(`H=${hidden}, T=${steps}; least time of the processor over ${values.runs} runs in turn`);
const first = [...least.values()][0];
for (const [name, milliseconds] of least)
  console.log(`  ${name.padEnd(30)} ${milliseconds.toFixed(1).padStart(7)} ms  ${(first / milliseconds).toFixed(2)}`);
