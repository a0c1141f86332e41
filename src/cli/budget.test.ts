/** Budgets in time: what is exceeded is said in numbers, and never without the model and the clock. */
import { expect, it } from 'vitest';
import { modelOf } from '../../test/support/check-text.js';
import { exceededBudgets, modelledTimes } from './budget.js';

const program = (emit: string, cpu = 'cortex-a53') =>
  modelOf(`language 1
model m {
  tokens = ids(vocab=900)
  embed  = embedding(tokens, 32)
  rnn    = lstm(embed, 64)
  next   = softmax(rnn, 900)
}
emit neon { cpu = ${cpu}  ${emit} }
`);
const found = (emit: string) => {
  const model = program(emit);
  return exceededBudgets(model, model.emits);
};

it('says which layer takes most, and what would be enough', () => {
  const [error, ...others] = found('budget = 10 us  clock = 1 GHz');
  expect(others).toEqual([]);
  expect(error!.code).toBe('emit/over-time');
  expect(error!.message).toMatch(
    /^one step takes modelled [\d.]+ us \(A53 model, 1 GHz, no cache misses\), the budget is 10 us$/,
  );
  expect(error!.hint).toMatch(/^compress next, which takes \d+% of it, or raise the budget to at least [\d.]+ us$/);
  expect(error!.notes.map(({ message }) => message.split(':')[0])).toEqual(['next', 'rnn', 'embed']);
  const { start, end, source } = error!.span;
  expect(source.text.slice(start, end)).toBe('10 us');
});

it('takes what its hint says is enough, and no digit less', () => {
  const least = /at least ([\d.]+) us/.exec(found('budget = 10 us  clock = 1 GHz')[0]!.hint!)![1]!;
  expect(found(`budget = ${least} us  clock = 1 GHz`)).toEqual([]);
  const less = Number(least) * 0.99;
  expect(found(`budget = ${less.toFixed(3)} us  clock = 1 GHz`)).toHaveLength(1);
  expect(found(`budget = ${(Number(least) / 2).toFixed(3)} us  clock = 2.01 GHz`)).toEqual([]);
});

it('holds bytes and time by themselves', () => {
  expect(found('budget = [1 KB, 10 us]  clock = 1 GHz').map(({ code }) => code)).toEqual([
    'emit/over-budget',
    'emit/over-time',
  ]);
});

it('says the time of every block that states a clock', () => {
  const model = program('budget = 10 ms  clock = 1 GHz');
  expect(modelledTimes(model, model.emits)).toEqual([
    expect.stringMatching(
      /^emit neon: one step takes modelled [\d.]+ us \(A53 model, 1 GHz, no cache misses\), the budget is 10 ms$/,
    ),
  ]);
  const silent = program('');
  expect(modelledTimes(silent, silent.emits)).toEqual([]);
});

it('holds a time on the slowest core of a list, and says that of each', () => {
  const cores = '[cortex-a72, cortex-a53]';
  const tight = program('budget = 10 us  clock = 1 GHz', cores);
  expect(exceededBudgets(tight, tight.emits).map(({ message }) => message)).toEqual([
    expect.stringContaining('(A53 model, 1 GHz'),
  ]);
  const model = program('clock = 1 GHz', cores);
  expect(modelledTimes(model, model.emits)).toEqual([
    expect.stringMatching(/^emit neon on cortex-a72: one step takes .* \(A57 model/),
    expect.stringMatching(/^emit neon on cortex-a53: one step takes .* \(A53 model/),
  ]);
});
