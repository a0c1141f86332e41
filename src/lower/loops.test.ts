import { describe, expect, it } from 'vitest';
import { modelOf } from '../../test/support/check-text.js';
import { lowerInference } from './inference.js';
import { planSummary } from './inference-summary.js';
import { loopsOf } from './loops.js';

const model = (lines: string) => modelOf(`language 1\nmodel m {\n${lines}\n}`);
const tagger = model(`tokens = ids(vocab=9)
  embed = embedding(tokens, 6)
  rnn = gru(embed, 8, bidirectional=yes)
  tags = softmax(rnn, 2)`);

describe('loops over a sequence', () => {
  it('are one for a model that works step by step', () => {
    const causal = model('x = features(3)\n a = lstm(x, 4, layers=3)\n end = last(a)\n y = softmax(end, 2)');
    expect(new Set(loopsOf(causal).values())).toEqual(new Set([0]));
    expect(lowerInference(causal, { maxSteps: 7 })).toMatchObject({ earlier: [], maxSteps: undefined });
  });

  it('let a layer run as late as it can, and a backward layer by itself', () => {
    expect(Object.fromEntries(loopsOf(tagger))).toEqual({
      tokens: 2,
      embed: 2,
      'rnn.forward': 0,
      'rnn.backward': 1,
      rnn: 0,
      tags: 0,
    });
  });

  it('grow by two with every pair above another, not with one beside another', () => {
    const pairs = (second: string) =>
      model(`x = features(3)\n a = rnn(x, 4, bidirectional=yes)\n b = rnn(${second}, 4, bidirectional=yes)
        both = concat(a, b)\n y = dense(both, 2)`);
    const directions = (second: string) =>
      lowerInference(pairs(second), { maxSteps: 2 }).earlier.map(({ backward }) => backward);
    expect(directions('a')).toEqual([true, false, true]);
    expect(directions('x')).toEqual([true]);
  });

  it('keep a row for each step of what crosses them, and nothing else', () => {
    const rows = (maxSteps: number) => {
      const plan = lowerInference(tagger, { maxSteps });
      const kept = plan.buffers.filter(({ role }) => role === 'rows');
      expect(kept.map(({ purpose, size }) => `${purpose} ${size}`)).toEqual(['embed rows 6', 'rnn.backward rows 8']);
      return planSummary(plan).ramBytes;
    };
    // 16 steps of 6 and of 8 floats: both are whole cache lines.
    expect(rows(32) - rows(16)).toBe(4 * 16 * (6 + 8));
    expect(rows(48) - rows(32)).toBe(4 * 16 * (6 + 8));
  });

  it('count the multiply-adds of a step in every loop', () => {
    const { multiplyAdds } = planSummary(lowerInference(tagger, { maxSteps: 3 }));
    expect(multiplyAdds).toBe(2 * 3 * 8 * (6 + 8) + 2 * 16);
  });

  it('have a length', () => {
    expect(() => lowerInference(tagger)).toThrow('rnn.backward needs the whole sequence');
  });
});
