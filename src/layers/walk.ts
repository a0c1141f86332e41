/**
 * The walk of a recurrent layer over its steps: state in, cell after cell, outputs and state out. Every cell and both
 * directions go through here, so what concerns steps as such is said once. Knows no equation of a cell.
 */
import type { Value } from '../graph/ops.js';
import type { RowRange } from '../methods/method.js';
import type { LayerForward } from './layer.js';

/** One value (batch, width) for each state. */
type Of<S extends readonly string[]> = { readonly [K in keyof S]: Value };

/**
 * The next state from the present one, for the rows of one step in the time-major input. The first state is the
 * layer's output.
 */
export type Advance<S extends readonly string[]> = (rows: RowRange, now: Of<S>) => Of<S>;

/**
 * Runs `advance` over all steps, from the last one on where the layer walks backward; outputs of all steps
 * (steps * batch, width) in the order of time. Behind the end of a sequence a backward walk keeps its zero state, so
 * that each sequence begins at its own last step.
 */
export function walk<const S extends readonly string[]>(ctx: LayerForward, states: S, advance: Advance<S>): Value {
  const { g, steps, batch, backward = false } = ctx;
  const here = backward ? ctx.present() : undefined;
  let now = states.map((name) => ctx.state(name)) as unknown as Of<S>;
  const outputs: Value[] = [];
  for (let i = 0; i < steps; i++) {
    const step = backward ? steps - 1 - i : i;
    const next = advance({ start: step * batch, count: batch }, now);
    const column = here && g.reshape(g.slice(here, 0, step * batch, batch), [batch, 1]);
    now = column === undefined ? next : (next.map((value) => g.mul(value, column)) as unknown as Of<S>);
    outputs[step] = now[0]!;
  }
  for (const [i, name] of states.entries()) ctx.carry(name, now[i]!);
  return g.concat(outputs, 0);
}
