/**
 * What it is worth to call the kernels of tfjs as planned: one training step (H=200, T=20) on the wasm backend through
 * the graph executor of tfjs, in turn with the same nodes through `PlannedGraph`, by the time of the processor.
 * Usage, after `npm run build`: node benchmarks/train/executor.mjs [--runs 12] [--hidden 200]
 */
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { runtimeFor } from '../../dist/engines/tfjs/runtime.js';
import { TfjsSession } from '../../dist/engines/tfjs/session.js';
import { encodeTfjsWeights, tfjsArtifacts } from '../../dist/targets/tfjs/encode-tfjs.js';
import { graphToTfjs } from '../../dist/targets/tfjs/to-tfjs.js';
import { carriesOf, compileStep, feedsOf, initialValues, sizes } from './steps.mjs';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '12' }, hidden: { type: 'string', default: '200' } },
});
const { hidden, steps } = sizes.find((size) => size.hidden === Number(values.hidden));
const require = createRequire(import.meta.resolve('../../dist/engines/tfjs/runtime.js'));
const { loadGraphModel } = require('@tensorflow/tfjs-converter');

const runtime = await runtimeFor('wasm');
const { core } = runtime;
await core.setBackend('wasm');
const step = compileStep(hidden, steps, false);
const model = graphToTfjs(step.graph);
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

function startPlanned() {
  const session = new TfjsSession(runtime, model, { threads: 1, carries });
  for (const [name, tensor] of start) session.set(name, tensor);
  return async () => (await session.run(feeds)).loss.data[0];
}

const ways = { 'executor of tfjs': await startExecutor(), planned: startPlanned() };
const least = new Map();
for (let run = 0; run < Number(values.runs); run++) {
  const losses = [];
  for (const [name, once] of Object.entries(ways)) {
    const used = process.cpuUsage();
    losses.push(await once());
    const { user, system } = process.cpuUsage(used);
    if (run > 1) least.set(name, Math.min(least.get(name) ?? Infinity, (user + system) / 1000));
  }
  if (losses[0] !== losses[1]) throw new Error(`losses ${losses.join(' and ')} of the same step`);
}
console.log(`H=${hidden}, T=${steps}: ${model.nodes.length} nodes; least time of the processor`);
for (const [name, milliseconds] of least) console.log(`  ${name.padEnd(18)} ${milliseconds.toFixed(1)} ms`);
const [executor, planned] = [...least.values()];
console.log(`  ratio              ${(executor / planned).toFixed(2)}`);
