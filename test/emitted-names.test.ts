/** Names of layers that meet names of the emitted program, or each other: the C still compiles and agrees. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { modelOf } from './support/check-text.js';
import { emitTo, selfTest } from './support/emitted-programs.js';
import { prunedWeights } from './support/program-checks.js';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'rnnc-names-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** A model with two inputs, two layers that carry a state, and two outputs. */
const program = (model: string, [x, y, one, two, next, other]: Names): string => `language 1
model ${model} {
  ${x} = features(3)
  ${y} = features(3)
  ${one} = gru(${x}, 4)
  ${two} = lstm(${y}, 3, layers=2)
  ${next} = dense(${one}, 2)
  ${other} = dense(${two}, 3)
}
emit c { }
`;
type Names = readonly [string, string, string, string, string, string];

const cases: readonly (readonly [string, string, Names])[] = [
  ['layers of layers', 'a', ['a_b_c', 'b', 'a_b_1', 'a_b', 'a_b_1_h', 'a_b_2_c']],
  ['arrays of the self-test', 'm', ['one_h_before', 'two_1_c_after', 'one', 'two', 'next', 'next_bound']],
  ['accessors of outputs', 'm', ['x', 'y', 'one', 'two', 'next', 'next_of']],
  ['kernels', 'm', ['copy', 'gemv_add', 'lstm_cell', 'gru_cell', 'tanh', 'sigmoid']],
  ['functions of the model', 'm', ['m_state', 'm_weights', 'm_step', 'm_reset', 'm_run', 'm_run_all']],
  ['constants of the model', 'm', ['M_STATE_BYTES', 'M_BLOB_BYTES', 'M', 'm', 'M_E_NULL', 'M_ALIGNMENT']],
  ['constants of each other', 'm', ['x', 'X', 'next_size', 'M_next', 'next', 'NEXT']],
  ['constants of the system', 'm', ['INT32_MAX', 'SIZE_MAX', 'EOF', 'FLT_MAX', 'UINT32_MAX', 'EXIT_FAILURE']],
];

it.for(cases)('%s', { timeout: 60_000 }, async ([what, name, names], { skip }) => {
  const model = modelOf(program(name, names));
  const folder = join(root, what);
  await emitTo(folder, model, prunedWeights(model, 3), { target: 'c', linked: false });
  const { failure, missing } = await selfTest(folder, 'native', 'gcc');
  if (missing) skip(failure);
  expect(failure).toBe('');
});
