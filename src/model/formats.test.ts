import { describe, expect, it } from 'vitest';
import { checkText, modelOf, written } from '../../test/support/check-text.js';
import { lowerInference } from '../lower/inference.js';
import { explain } from '../report/explain.js';
import { formatText } from '../tensor/number-format.js';
import { formatsOf } from './formats.js';
import { summarize, summarizeRules, totals } from './summary.js';

const program = (rules: string, emit = ''): string => `model m {
  tokens = ids(vocab=40)
  embed = embedding(tokens, 12)
  rnn = lstm(embed, 12)
  next = softmax(rnn, 40)
}
compress {
  ${rules}
}
${emit}`;
const errors = (rules: string): readonly string[] => checkText(program(rules)).all.map(written);
const formats = (rules: string, emit?: string): ((path: string) => string) => {
  const model = modelOf(program(rules, emit));
  const of = formatsOf(model, model.emits[0]?.weights);
  return (path) => formatText(of(path));
};

describe('number formats of weights', () => {
  it('stand behind a method, or alone for a dense one, per row unless said', () => {
    const of = formats('rnn: lmf(r=3) then int4(per=group(5))\n  next: int8');
    expect(['rnn.U', 'rnn.V', 'next.W'].map(of)).toEqual(['int4(per=group(5))', 'int4(per=group(5))', 'int8(per=row)']);
    expect(['rnn.bias', 'next.bias', 'embed.table'].map(of)).toEqual(['float32', 'float32', 'float32']);
  });

  it('take tables, by name, by kind and by a star', () => {
    expect(formats('embed: int8(per=tensor)')('embed.table')).toBe('int8(per=tensor)');
    expect(formats('embedding *: bfloat16')('embed.table')).toBe('bfloat16');
    const all = formats('*: float16');
    expect(['embed.table', 'rnn.W', 'next.W', 'rnn.bias'].map(all)).toEqual([
      'float16',
      'float16',
      'float16',
      'float32',
    ]);
    expect(formats('embed: lmf(r=2) then int4')('embed.V')).toBe('int4(per=row)');
  });

  it('come from `emit` where the rule names none; `then` wins, float32 too', () => {
    const of = formats('rnn: lmf(r=3) then float32\n  next: prune(sparsity=50%)', 'emit c { weights = int8 }');
    expect(['rnn.U', 'next.W', 'embed.table', 'next.bias'].map(of)).toEqual([
      'float32',
      'int8(per=row)',
      'int8(per=row)',
      'float32',
    ]);
  });

  it('are trained straight-through unless `train=no`; floats are rounded at the end', () => {
    const unit = (rule: string) => modelOf(program(rule)).layers.find((l) => l.name === 'rnn')!.units[0]!.format;
    expect(unit('rnn: int8')?.trained).toBe(true);
    expect(unit('rnn: int8(per=row, train=no)')?.trained).toBe(false);
    expect(unit('rnn: float16')?.trained).toBe(false);
    expect(unit('rnn: lmf(r=2)')).toBeUndefined();
  });

  it('leave counts of parameters as they are, and goals in bytes count their bytes', () => {
    const row = (rule: string) => summarizeRules(modelOf(program(rule)))[0]!;
    expect(row('rnn: lmf to 2x then int4').after.parameters).toBe(row('rnn: lmf to 2x').after.parameters);
    const rank = (rule: string) => Number(row(rule).units[0]!.arguments[0]!.value);
    expect(rank('rnn: lmf to 1.3 KB then int8(per=tensor)')).toBeGreaterThan(rank('rnn: lmf to 1.3 KB'));
    expect(row('rnn: lmf to 1.3 KB then int8(per=tensor)').after.bytes).toBeLessThanOrEqual(1300);
    const emitted = modelOf(program('rnn: lmf to 1.3 KB', 'emit c { weights = int8(per=tensor) }'));
    expect(summarizeRules(emitted)[0]!.units[0]!.arguments[0]!.value).toBe(
      String(rank('rnn: lmf to 1.3 KB then int8(per=tensor)')),
    );
  });

  it('refuse a size that the dense matrix has already: a rank for it would store more', () => {
    // 4 gates of 12x24 int8 codes, 48 scales and 48 biases.
    const errors = (rule: string) => checkText(program(rule)).all.map(written);
    expect(errors('rnn: lmf to 4 KB then int8')).toEqual([
      'compress/goal-above-dense: `rnn` takes 1.54 KB as a dense matrix in int8(per=row), which is within 4 KB ' +
        'already (use less than 1.54 KB, or write `rnn: int8(per=row)`) @ 4 KB',
    ]);
    expect(errors('rnn: prune to 9 KB')[0]).toContain('is within 9 KB already');
    expect(errors('rnn: lmf to 1.2 KB then int8')).toEqual([]);
  });

  it('are explained: who says so, and when values are rounded', () => {
    const text = explain(modelOf(program('rnn: lmf(r=3) then int8\n  embed: float16', 'emit neon { weights = int4 }')));
    expect(text).toContain('lmf r=3 then int8(per=row) (by the rule, trained straight-through)');
    expect(text).toContain('dense then float16 (by the rule, rounded after training)');
    expect(text).toContain('dense in int4(per=row)');
    expect(text).toMatch(/weights +=? int4\(per=row\)/);
  });
});

const methods = [
  'dense',
  'lmf(r=3)',
  'hlf(j=2, k=1)',
  'kp',
  'dkp(sparsity=70%)',
  'dkp(B=3x4, C=4x6, sparsity=70%, block=4x1)',
  'prune(sparsity=60%)',
  'prune(sparsity=50%, block=1x4)',
  'hkp(rows=2, B=2x4, C=5x6)',
  'tt(shapes=[3x4, 4x6], ranks=2)',
  'circulant(block=5)',
];
const words = ['float16', 'bfloat16', 'int8(per=tensor)', 'int8', 'int8(per=group(7))', 'int4', 'int3'];

it.each(['dense', 'lmf(r=3)', 'hlf(j=5, k=2)', 'prune(sparsity=60%)', 'prune(sparsity=50%, block=4x2)'])(
  'the bytes that are predicted of a table are those that are emitted: %s in every format',
  (method) => {
    for (const word of ['float32', ...words.map((w) => (w.includes('group') ? `${w.slice(0, -1)}, train=no)` : w))]) {
      const model = modelOf(program(`embed: ${method} then ${word}`));
      const plan = lowerInference(model, { formatOf: formatsOf(model) });
      expect([word, totals(summarize(model)).after.bytes]).toEqual([word, plan.weightBytes]);
    }
  },
);

it.each(methods)('the bytes that are predicted are those that are emitted: %s in every format', (method) => {
  for (const word of ['float32', ...words.map((w) => (w.includes('group') ? `${w.slice(0, -1)}, train=no)` : w))]) {
    const model = modelOf(program(`rnn: ${method} then ${word}\n  embed, next: ${word}`));
    const plan = lowerInference(model, { formatOf: formatsOf(model) });
    expect([word, totals(summarize(model)).after.bytes]).toEqual([word, plan.weightBytes]);
    const emitted = modelOf(program(`rnn: ${method}`, `emit c { weights = ${word.replace(', train=no', '')} }`));
    const byEmit = lowerInference(emitted, { formatOf: formatsOf(emitted, emitted.emits[0]!.weights) });
    expect([word, byEmit.weightBytes]).toEqual([word, plan.weightBytes]);
    expect(totals(summarize(emitted)).after.bytes).toBe(plan.weightBytes);
  }
});

describe('wrong number formats', () => {
  const cases: readonly (readonly [rules: string, error: string])[] = [
    [
      'rnn: int8 then lmf(r=2)',
      'compress/format-first: the method `lmf` stands behind the number format `int8`, which is of the values that a ' +
        'method stores (write `lmf(...) then int8`) @ lmf',
    ],
    [
      'rnn: lmf(r=2) then int8 then int4',
      'compress/two-formats: the values of a weight have one number format, found `int8` and then `int4` ' +
        '(keep one of ' +
        'the two) @ int4',
    ],
    [
      'rnn: lmf(r=2) then prune(sparsity=50%)',
      'compress/two-methods: `then` takes a number format, found the method `prune`: a weight is stored ' +
        'by one method ' +
        '(keep one method, and write a format such as `then int8(per=row)`) @ prune',
    ],
    [
      'rnn: lmf(r=2) then int9',
      'compress/unknown-format: there is no number format `int9` (did you mean `int8` or `int4` or `int3`?) @ int9',
    ],
    [
      'rnn: int8(per=column)',
      'argument/unknown-word: `per` cannot be `column` (use one of `tensor`, `row`, `group(n)`) @ column',
    ],
    [
      'rnn: int8(per=group(0))',
      'argument/type: `per` expects `tensor`, `row`, or `group(n)` with a whole n of at least 1, found the call ' +
        '`group(0)` (use one of `tensor`, `row`, `group(n)`) @ group(0)',
    ],
    [
      'rnn: float16(per=row)',
      'argument/unknown: `float16` has no argument `per` (there is nothing to choose from here) @ per',
    ],
    [
      'rnn: prune(sparsity=50%) then int8(per=group(4))',
      'compress/group-of-pruned: `int8(per=group(4))` cannot be trained on the pruned values of `rnn`: which of them ' +
        'share a scale is known at the end (write `train=no`, or `per=row`) @ int8(per=group(4))',
    ],
  ];
  it.each(cases)('%s', (rules, error) => expect(errors(rules)).toEqual([error]));
});
