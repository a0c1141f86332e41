/** `explain --plan`: the decisions with their numbers, and what is said of layers that compression does not help. */
import { describe, expect, it } from 'vitest';
import { compile } from '../compile.js';
import { coreOf } from '../kernels/cores.js';
import { lowerInference } from '../lower/inference.js';
import { formatsOf } from '../model/formats.js';
import type { Model } from '../model/model.js';
import { explainPlan, planCosts } from './plan-text.js';

function modelOf(rule: string, emit = ''): Model {
  const text = `model m {
    x   = features(650)
    rnn = lstm(x, 650)
  }
  ${rule === '' ? '' : `compress { rnn: ${rule} }`}
  ${emit}`;
  return compile(
    'm.cmp',
    () => text,
    () => undefined,
  )!.model;
}
const explained = (rule: string, cpu: string): string => {
  const model = modelOf(rule);
  return explainPlan(planCosts(model, lowerInference(model), { cpu }));
};

it('says both association orders, and every form of an overlay, in the cycles of the core', () => {
  const text = explained('dkp(B=13x65, C=50x20) to 25x', 'cortex-a73');
  expect(text).toContain('(B X) C^T 119,600 multiply-adds');
  expect(text).toContain('B (X C^T) 429,000 multiply-adds');
  expect(text).toMatch(/rnn: 3\.7% kept: entries in slices \d+k, blocks of 8x4 [\d.]+k, dense \d+k\n/);
  expect(text).toContain('A57 model');
  expect(text).not.toContain('note:');
});

it('reports a layer that is slower than dense, and one that is larger', () => {
  expect(explained('prune(sparsity=50%)', 'cortex-a53')).toContain('note: rnn is slower than dense: modelled');
  expect(explained('prune(sparsity=50%)', 'cortex-a53')).toContain('dense would be faster');
  const larger = explained('prune(sparsity=20%)', 'cortex-a53');
  expect(larger).toContain('note: rnn is larger than dense');
});

describe('a layer with products of integers', () => {
  const costsOf = (rule: string, cpu: string) => {
    const model = modelOf(rule, 'emit neon { weights = int8  arithmetic = integer }');
    const { weights } = model.emits[0]!;
    const lowered = (arithmetic: 'float32' | 'integer') =>
      lowerInference(model, { formatOf: formatsOf(model, weights, arithmetic), cpu });
    const inFloats = { stored: lowered('float32'), plain: lowerInference(model, { cpu }) };
    return planCosts(model, lowered('integer'), { cpu }, inFloats);
  };

  it('is held against float32 arithmetic and float32 weights, with what to write', () => {
    const { notes, layers } = costsOf('kp(B=13x65, C=50x20)', 'neoverse-n1');
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatch(
      /^rnn is not fastest in integers: modelled \S+ cycles, .*\S+ with `then float32` behind its rule, in \S+ KB for/,
    );
    const { cycles, floats } = layers[0]!;
    expect(cycles!).toBeGreaterThan(floats!.plainCycles);
    expect(floats!.storedCycles).toBeGreaterThan(floats!.plainCycles);
  });

  it('says nothing where integers are fastest', () => {
    const { notes, layers } = costsOf('', 'cortex-a73');
    expect(notes).toEqual([]);
    expect(layers[0]!.cycles!).toBeLessThan(layers[0]!.floats!.plainCycles);
  });
});

it('says what circulant blocks cost in both forms', () => {
  for (const block of [8, 50, 650]) {
    const text = explained(`circulant(block=${block})`, 'cortex-a53');
    expect(text).toMatch(new RegExp(`rnn: circulant blocks of ${block}: by transforms [\\d.,]+k, written out`));
    expect(text).not.toContain('note:');
  }
});

it('says into which cache weights fit, and models nothing where there is no model', () => {
  const text = explained('kp(B=13x65, C=50x20)', 'cortex-a7');
  expect(text).toContain('L2 (512 KiB)');
  expect(text).not.toContain('cycles');
  expect(explained('kp(B=13x65, C=50x20)', 'any')).toContain('unknown caches');
});

it('says a time only where a clock is stated, with its model', () => {
  const model = modelOf('kp(B=13x65, C=50x20)');
  const costs = planCosts(model, lowerInference(model), { cpu: 'cortex-a73', clock: 2e9 });
  expect(explainPlan(costs)).toMatch(
    /cycles \(A57 model, no cache misses\), modelled [\d.]+ us \(A57 model, 2 GHz, no/,
  );
  expect(costs.seconds).toBe(costs.cycles! / 2e9);
  expect(explained('kp(B=13x65, C=50x20)', 'cortex-a73')).not.toContain(' us');
});

it('says what the plan takes on every core that it is for', () => {
  const model = modelOf('kp(B=13x65, C=50x20)');
  const cores = { cpu: 'cortex-a53', cpus: ['cortex-a53', 'cortex-a76'], clock: 1e9 };
  const costs = planCosts(model, lowerInference(model), cores);
  expect(costs.others.map(({ cpu, seconds, cycles }) => [cpu, seconds === cycles! / 1e9])).toEqual([
    ['cortex-a76', true],
  ]);
  expect(explainPlan(costs)).toMatch(/the same plan on cortex-a76; one step: modelled [\d.,]+ ?k? ?\S* ?cycles/);
});

it('has rates where it has a model', () => {
  expect(coreOf('cortex-a73')?.rates).toBe(coreOf('cortex-a57')?.rates);
  expect(coreOf('neoverse-n1')?.model).toBe('N1 model');
  expect(coreOf('pdp-11')).toBeUndefined();
});
