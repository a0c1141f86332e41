/** Central differences through the oracle: what every gradient in the tests is compared with. Never used to train. */
import { evaluate, type Feed } from '../graph/evaluate.js';
import type { Graph } from '../graph/ops.js';
import { defined } from '../support/assert.js';

/** Balances truncation against rounding for values near 1 in doubles. */
const step = 1e-5;

/** d(output `loss`, one element)/d(input `name`), element by element, in doubles. */
export function finiteDifferences(graph: Graph, loss: string, feed: Feed, name: string): Float64Array {
  const given = defined(feed[name], `feed of ${name}`);
  const lossOnly: Graph = {
    ops: graph.ops.slice(0, graph.outputs[loss]! + 1),
    outputs: { [loss]: graph.outputs[loss]! },
  };
  const data = Float64Array.from(given.data);
  const at = (i: number, x: number): number => {
    const before = data[i]!;
    data[i] = x;
    const value = evaluate(lossOnly, { ...feed, [name]: { shape: given.shape, data } })[loss]!.data[0]!;
    data[i] = before;
    return value;
  };
  return data.map((x, i) => (at(i, x + step) - at(i, x - step)) / (2 * step));
}
