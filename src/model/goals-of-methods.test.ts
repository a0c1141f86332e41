/** Every kind of goal with every method: reached, said why, or refused with a number that is right. */
import { describe, expect, it } from 'vitest';
import { checkText, modelOf, written } from '../../test/support/check-text.js';
import { type RuleSummary, summarizeRules } from './summary.js';

const program = (rules: string, units = 60): string => `model m {
  tokens = ids(vocab=100)
  embed  = embedding(tokens, 48)
  rnn1   = lstm(embed, ${units})
  rnn2   = lstm(rnn1, ${units})
  next   = softmax(rnn2, 100)
}
compress { ${rules} }`;
const rows = (rules: string): readonly RuleSummary[] => summarizeRules(modelOf(program(rules)));
const found = (rules: string): readonly string[] => checkText(program(rules)).all.map(written);

const methods = ['prune', 'prune(block=4x1)', 'lmf', 'hlf', 'kp', 'dkp', 'hkp', 'tt', 'circulant', 'small'];
const sum = (all: readonly RuleSummary[], of: (row: RuleSummary) => number): number =>
  all.reduce((total, row) => total + of(row), 0);

describe('every method reaches every kind of goal', () => {
  it.each(methods)('%s to 6x, each layer by itself', (method) => {
    for (const { factor } of rows(`rnn1, rnn2: ${method} to 6x`)) expect(factor).toBeGreaterThanOrEqual(6);
  });
  it.each(methods)('%s to 40 KB', (method) => {
    for (const { after } of rows(`rnn1, rnn2: ${method} to 40 KB`)) expect(after.bytes).toBeLessThanOrEqual(40_000);
  });
  it.each(methods)('%s to 6x together', (method) => {
    const all = rows(`rnn1, rnn2: ${method} to 6x together`);
    const before = sum(all, (r) => r.before.parameters);
    expect(sum(all, (r) => r.after.parameters)).toBeLessThanOrEqual(before / 6);
  });
  it.each(methods)('%s to 80 KB together', (method) => {
    expect(sum(rows(`rnn1, rnn2: ${method} to 80 KB together`), (r) => r.after.bytes)).toBeLessThanOrEqual(80_000);
  });
  it.each(methods)('%s to 1.5x macs', (method) => {
    for (const { before, after } of rows(`rnn1, rnn2: ${method} to 1.5x macs`))
      expect(before.macs / after.macs).toBeGreaterThanOrEqual(1.5);
  });
  it.each(methods)('%s says why', (method) => {
    for (const { units } of rows(`rnn1: ${method} to 6x`)) {
      for (const { why } of units) expect(why.join('\n')).toMatch(/the most (within|that)/);
    }
  });
});

describe('why', () => {
  const why = (rule: string): readonly string[] => rows(rule)[0]!.units[0]!.why;
  it('the next setting would not do', () => {
    const [line] = why('rnn1: lmf to 6x');
    const [, now, next] = /^r=(\d+) is the most within 6x: r=(\d+) would give/.exec(line!)!;
    expect(Number(next)).toBe(Number(now) + 1);
    expect(rows(`rnn1: lmf(r=${next})`)[0]!.factor).toBeLessThan(6);
  });
  it('dkp without shapes names the rule that chose them', () => {
    expect(why('rnn1: dkp to 6x')[0]).toMatch(/^B=\d+x\d+, C=\d+x\d+: the fewest parameters of \d+ factor pairs/);
    expect(why('rnn1: dkp(B=6x9, C=10x12) to 6x')).toHaveLength(1);
  });
});

describe('a goal that cannot be met', () => {
  it.each([
    'lmf to 5000x',
    'hlf to 5000x',
    'kp to 50_000x',
    'dkp to 50_000x',
    'hkp to 5000x',
    'tt to 50_000x',
    'circulant to 5000x',
    'small to 50_000x',
  ])('%s: the factor in the hint can be met', (rule) => {
    const { all } = checkText(program(`rnn1: ${rule}`));
    expect(all.map((d) => d.code)).toEqual(['compress/unreachable-goal']);
    const [, goal] = /use `(to [^`]*)` or less/.exec(all[0]!.hint!)!;
    expect(found(`rnn1: ${rule.split(' ')[0]} ${goal}`)).toEqual([]);
  });
  it.each(methods)('%s to 1 B: the size in the hint is enough', (method) => {
    const { all } = checkText(program(`rnn1: ${method} to 1 B`));
    expect(all.map((d) => d.code)).toEqual(['compress/unreachable-goal']);
    const [, size] = /allow at least (.*)/.exec(all[0]!.hint!)!;
    expect(found(`rnn1: ${method} to ${size}`)).toEqual([]);
  });
  it('a hint never asks for less than 1x', () => {
    for (const method of ['lmf', 'hlf', 'tt', 'hkp', 'kp', 'circulant']) {
      for (const goal of ['1x', '1.001x', '1.5x macs', '9999x macs']) {
        for (const { message, hint } of checkText(program(`rnn1: ${method} to ${goal}`)).all) {
          expect(`${message} ${hint}`).not.toMatch(/to 0(\.\d+)?x/);
        }
      }
    }
  });
});

describe('a complete method beside another goal', () => {
  it.each([
    ['lmf(r=3)', 'lmf'],
    ['hlf(j=3)', 'hlf'],
    ['kp(B=6x9, C=10x12)', 'kp'],
    ['circulant(block=2)', 'circulant'],
    ['tt(ranks=2)', 'tt'],
  ])('%s to 6x: the arguments in the hint reach it', (written, name) => {
    const { all } = checkText(program(`rnn1: ${written} to 6x`));
    expect(all.map((d) => d.code)).toEqual([`${name}/arguments-contradict-goal`]);
    const [, right] = /^6x needs (.*); drop/.exec(all[0]!.hint!)!;
    expect(rows(`rnn1: ${name}(${right})`)[0]!.factor).toBeGreaterThanOrEqual(6);
  });
});

describe('what does not fit', () => {
  it.each([
    ['lmf(r=61)', 'lmf/rank-too-large'],
    ['hlf(j=60)', 'hlf/too-many-rows'],
    ['hlf(j=2, k=60)', 'hlf/rank-too-large'],
    ['kp(B=7x9, C=10x12)', 'kp/shapes'],
    ['dkp(B=7x9, C=10x12) to 6x', 'dkp/shapes'],
    ['hkp(rows=60)', 'hkp/too-many-rows'],
    ['tt(shapes=[7x3, 2x2], ranks=2)', 'tt/shapes'],
    ['tt(ranks=5000)', 'tt/rank-too-large'],
    ['circulant(block=61)', 'circulant/block-too-large'],
    ['prune(sparsity=100%)', 'argument/type'],
    ['prune(sparsity=90%, block=7x1)', 'prune/block'],
    ['prune(sparsity=99.999%)', 'compress/nothing-kept'],
    ['small(61)', 'compress/small-arguments'],
  ])('%s: %s, once', (rule, code) => {
    expect(checkText(program(`rnn1: ${rule}`)).all.map((d) => d.code)).toEqual([code]);
  });
  it('hlf on the final softmax', () => {
    expect(checkText(program('next: hlf to 2x')).all.map((d) => d.code)).toEqual(['hlf/softmax']);
  });
});
