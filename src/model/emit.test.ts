import { describe, expect, it } from 'vitest';
import { checkText, medium, modelOf, written } from '../../test/support/check-text.js';

const errors = (block: string): readonly string[] => checkText(medium('', block)).all.map(written);

describe('emit', () => {
  it('fills in every default', () => {
    const facts = modelOf(medium('', 'emit neon {}\nemit c {}\nemit tfjs {}\nemit onnx {}')).emits.map(
      ({ span: _, budgetSpan: __, ...rest }) => rest,
    );
    const common = {
      weights: { kind: 'float', word: 'float32' },
      arithmetic: 'float32',
      prefix: 'ptb',
      vocabulary: 'file',
      budget: undefined,
    };
    expect(facts).toEqual([
      { target: 'neon', cpu: 'cortex-a73', activation: 'std', ...common },
      { target: 'c', cpu: 'any', activation: 'std', ...common },
      { target: 'tfjs', cpu: 'any', activation: 'exact', ...common },
      { target: 'onnx', cpu: 'any', activation: 'exact', ...common },
    ]);
  });

  it('reads every setting', () => {
    const block = `emit neon {
      cpu = cortex-a9
      weights = int4(per=group(32))
      arithmetic = integer
      activation = fast
      prefix = "lm"
      vocab = c
      budget = 56 MB
      max_steps = 40
    }`;
    expect(modelOf(medium('', block)).emits[0]).toMatchObject({
      cpu: 'cortex-a9',
      weights: { kind: 'integer', word: 'int4', per: { kind: 'group', values: 32 }, arithmetic: 'integer' },
      arithmetic: 'integer',
      activation: 'fast',
      prefix: 'lm',
      vocabulary: 'c',
      budget: 56_000_000,
      maxSteps: 40,
    });
  });
});

describe('a wrong emit block', () => {
  const cases: readonly (readonly [block: string, error: string])[] = [
    [
      'emit neon { arithmetic = integer }',
      'emit/no-integers: `arithmetic = integer` of `emit neon` finds no product with weights in int8 or int4 ' +
        '(write `weights = int8`, or `then int8` behind a dense or thin matrix; or remove `arithmetic`) @ emit',
    ],
    [
      'emit neon { weights = int3  arithmetic = integer }',
      'emit/no-integers: `arithmetic = integer` of `emit neon` finds no product with weights in int8 or int4 ' +
        '(write `weights = int8`, or `then int8` behind a dense or thin matrix; or remove `arithmetic`) @ emit',
    ],
    [
      'emit neon { weights = int8  arithmetic = int }',
      'argument/unknown-word: `arithmetic` cannot be `int` (use one of `float32`, `integer`) @ int',
    ],
    [
      'emit onnx { arithmetic = integer }',
      'model/unknown-setting: `emit onnx` has no setting `arithmetic` (use one of `weights`, `max_steps`) @ arithmetic',
    ],
    ['emit neno {}', 'emit/unknown-target: there is no target `neno` (did you mean `neon`?) @ neno'],
    [
      'emit torch {}',
      'model/not-in-this-version: the target `torch` is not in this version (use one of `neon`, `c`, `tfjs`, `onnx`) ' +
        '@ torch',
    ],
    [
      'emit neon { cpu = cortex-a74 }',
      'argument/unknown-word: `cpu` cannot be `cortex-a74` (did you mean `cortex-a72` or `cortex-a73` or ' +
        '`cortex-a76`?) @ cortex-a74',
    ],
    [
      'emit neon { cpus = cortex-a73 }',
      'model/unknown-setting: `emit neon` has no setting `cpus` (did you mean `cpu`?) @ cpus',
    ],
    [
      'emit c { cpu = cortex-a73 }',
      'model/unknown-setting: `emit c` has no setting `cpu` (use one of `weights`, `max_steps`, ' +
        '`arithmetic`, `activation`, `prefix`, `vocab`, `budget`) @ cpu',
    ],
    [
      'emit c { weights = int8(per=column) }',
      'argument/unknown-word: `per` cannot be `column` (use one of `tensor`, `row`, `group(n)`) @ column',
    ],
    [
      'emit onnx { weights = flot32 }',
      'emit/weights: `weights` expects a number format, found `flot32` (did you mean `float32`?) @ flot32',
    ],
    [
      'emit neon { budget = 2 ms }',
      'model/not-in-this-version: a budget in time is not in this version (give a size, such as `budget = 56 MB`) ' +
        '@ 2 ms',
    ],
    [
      'emit neon { clock = 1.8 GHz }',
      'model/not-in-this-version: a budget in time is not in this version (remove `clock`) @ clock = 1.8 GHz',
    ],
    [
      'emit neon { cpu = [cortex-a53, cortex-a76] }',
      'model/not-in-this-version: a list of cores is not in this version (write one `emit` for one core) ' +
        '@ [cortex-a53, cortex-a76]',
    ],
    [
      'emit c { budget = 20 }',
      'emit/budget: `budget` expects a size such as `56 MB`, found a number (write a number with `KB`, ' +
        '`MB`, `KiB` or ' +
        '`MiB`) @ 20',
    ],
    [
      'emit c { prefix = "a b" }',
      'emit/bad-prefix: a prefix is a C identifier, found "a b" (use letters, digits and `_`, such as ' +
        '`prefix = ptb`) ' +
        '@ "a b"',
    ],
  ];
  for (const [block, error] of cases) it(error, () => expect(errors(block)).toEqual([error]));
});

describe('the length of a sequence', () => {
  const directed = (emits: string) =>
    checkText(`language 1
model m {
  x = features(3)
  rnn = gru(x, 4, bidirectional=yes)
  y = softmax(rnn, 2)
}
${emits}`).all.map(written);

  it('is needed where C starts at the end', () => {
    expect(directed('emit c { max_steps = 9 }\nemit neon { max_steps = 9 }\nemit onnx {}')).toEqual([]);
    expect(directed('emit neon {}')).toEqual([
      'emit/no-length: `emit neon` of rnn.backward, which reads a sequence from its end, expects `max_steps` ' +
        '(write how long a sequence may be, such as `max_steps = 50`) @ emit',
    ]);
    expect(directed('emit c { max_steps = 0 }')[0]).toContain('`max_steps`');
  });
});
