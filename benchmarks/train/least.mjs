/**
 * The least time that a step could take on this machine, from three rates that the same engine reaches in the same
 * run: products at the speed of a large one, large elementwise ops at the speed of memory, and the start of each node.
 */
import { Builder } from '../../dist/graph/builder.js';
import { graphToOnnx } from '../../dist/targets/onnx/to-onnx.js';
import { size } from '../../dist/tensor/shape.js';

/** Elements of the operands of the copy that measures memory: far more than caches hold. */
const copied = 2 ** 24;
/** Ops of a graph that does nothing else than starting them. */
const started = 1000;
/** Elements from which an operand is read from memory and not from the cache of a core. */
const largeOperand = 2 ** 18;

const filled = (shape, value) => ({ shape, data: new Float32Array(size(shape)).fill(value) });

/** A sum of two tensors of which neither is in a cache. */
export async function startCopy(engine, threads) {
  const g = new Builder();
  const [a, b] = ['a', 'b'].map((name) => g.input(name, [copied >> 10, 1024]));
  const session = await engine.load(g.finish({ 'a.next': g.add(a, b) }), {
    threads,
    carries: new Map([['a.next', 'a']]),
  });
  for (const name of ['a', 'b']) session.set(name, filled([copied >> 10, 1024], 0.5));
  return { session, feeds: {}, bytes: 3 * 4 * copied };
}

/** A chain of ops on four numbers. */
export async function startNodes(engine, threads) {
  const g = new Builder();
  let x = g.input('x', [2, 2]);
  for (let i = 0; i < started; i++) x = g.tanh(x);
  const session = await engine.load(g.finish({ 'x.next': x }), { threads, carries: new Map([['x.next', 'x']]) });
  session.set('x', filled([2, 2], 0.5));
  return { session, feeds: {}, nodes: started };
}

/** What a step needs: operations of its products, bytes of its large elementwise ops, nodes. */
export function needsOf({ ops, outputs }) {
  let [operations, bytes] = [0, 0];
  for (const { kind, inputs, shape, attrs } of ops) {
    if (kind === 'matmul') {
      const left = ops[inputs[0]].shape;
      operations += 2 * size(shape) * left.at(attrs.transposeA ? -2 : -1);
    } else if (!['input', 'constant', 'reshape', 'slice', 'gather'].includes(kind)) {
      const touched = [shape, ...inputs.map((i) => ops[i].shape)].filter((s) => size(s) >= largeOperand);
      bytes += 4 * touched.reduce((total, s) => total + size(s), 0);
    }
  }
  return { operations, bytes, nodes: graphToOnnx({ ops, outputs }).nodes.length };
}

/** Milliseconds of each part, from the best times of the large product, the copy and the chain of nodes. */
export function leastOf({ operations, bytes, nodes }, { product, copy, chain }) {
  const parts = [
    [`${(operations / 1e9).toFixed(1)} GFLOP of products as fast as a large one`, operations / product],
    [`${(bytes / 1e6).toFixed(0)} MB of large elementwise ops at the speed of memory`, bytes / copy],
    [`${nodes} nodes at ${(1000 / chain).toFixed(1)} us`, nodes / chain],
  ];
  return { parts, total: parts.reduce((sum, [, milliseconds]) => sum + milliseconds, 0) };
}
