/** Modelled steps beside what was counted of the emitted programs (`npm run bench:sizes`, gcc 12). */
import { describe, expect, it } from 'vitest';
import { compile } from '../compile.js';
import { formatsOf } from '../model/formats.js';
import { lowerInference } from './inference.js';
import { modelledStep } from './modelled-step.js';

function modelled(units: number, rule: string, cpu: string, arithmetic: 'float32' | 'integer' = 'integer'): number {
  const text = `model m {
    x   = features(${units})
    rnn = lstm(x, ${units})
  }
  ${rule === '' ? '' : `compress { rnn: ${rule} }`}
  emit neon { weights = int8  arithmetic = ${arithmetic} }`;
  const { model } = compile(
    'm.cmp',
    () => text,
    ({ message }) => expect.fail(message),
  )!;
  const formatOf = formatsOf(model, model.emits[0]!.weights, arithmetic);
  return modelledStep(lowerInference(model, { formatOf, cpu }), cpu)!.cycles;
}

describe('a step with int8 products in integers', () => {
  // Few units: what is not a product counts. Its cells keep one order of operations on every processor.
  it.each([
    ['cortex-a73', 64, 9_077],
    ['cortex-a73', 128, 26_509],
    ['cortex-a73', 256, 86_074],
    ['neoverse-n1', 64, 3_154],
    ['neoverse-n1', 128, 8_419],
    ['neoverse-n1', 256, 25_170],
  ] as const)('on %s with %i units is within 15% of what was counted', (cpu, units, counted) => {
    expect(Math.abs(modelled(units, '', cpu) / counted - 1)).toBeLessThan(0.15);
  });

  it('counts the codes that become floats before a Kronecker product', () => {
    const kp = (arithmetic: 'float32' | 'integer') => modelled(650, 'kp(B=13x65, C=50x20)', 'cortex-a73', arithmetic);
    expect(kp('integer')).toBeLessThan(1.2 * kp('float32'));
  });
});
