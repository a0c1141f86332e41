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

it('is for several cores: built for one whose code all of them run', () => {
  const coresOf = (cpu: string) => {
    const { cpu: built, cpus } = modelOf(medium('', `emit neon { cpu = ${cpu} }`)).emits[0]!;
    return { cpu: built, cpus };
  };
  expect(coresOf('[cortex-a76, cortex-a72, cortex-a53]')).toEqual({
    cpu: 'cortex-a72',
    cpus: ['cortex-a76', 'cortex-a72', 'cortex-a53'],
  });
  expect(coresOf('[cortex-a76, cortex-a55]').cpu).toBe('cortex-a76');
  expect(coresOf('[cortex-a9, cortex-a7]').cpu).toBe('cortex-a9');
  expect(coresOf('[cortex-a9]')).toEqual({ cpu: 'cortex-a9', cpus: undefined });
});

describe('a budget', () => {
  const limits = (block: string) => {
    const { budget, time, clock } = modelOf(medium('', `emit neon { ${block} }`)).emits[0]!;
    return { budget, seconds: time?.seconds, clock };
  };

  it('is bytes, a time of one step, or both, in any order', () => {
    expect(limits('budget = 56 MB')).toEqual({ budget: 56e6, seconds: undefined, clock: undefined });
    expect(limits('budget = 12 ms  clock = 1.8 GHz')).toEqual({ budget: undefined, seconds: 0.012, clock: 1.8e9 });
    expect(limits('budget = [12 ms, 56 MB]  clock = 900 MHz')).toEqual({ budget: 56e6, seconds: 0.012, clock: 9e8 });
    expect(limits('clock = 1.8 GHz')).toEqual({ budget: undefined, seconds: undefined, clock: 1.8e9 });
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
    [
      'emit neon { weights = int8  vectors = calibrated }',
      'emit/vectors-of-floats: `vectors = calibrated` of `emit neon` is of no use: vectors of float32 products are ' +
        'not rounded (write `arithmetic = integer` too, or remove `vectors`) @ emit',
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
      'emit neon { cpu = [cortex-a53, cortex-a74] }',
      'argument/unknown-word: `cpu` cannot be `cortex-a74` (did you mean `cortex-a72` or `cortex-a73` or ' +
        '`cortex-a76`?) @ cortex-a74',
    ],
    [
      'emit neon { cpu = [cortex-a53, cortex-a53] }',
      'emit/core-twice: the list asks for `cortex-a53` twice (write `cortex-a53` once) @ [cortex-a53, cortex-a53]',
    ],
    [
      'emit neon { cpu = [cortex-a53, cortex-a9] }',
      'emit/mixed-cores: no program runs on both `cortex-a9` (32-bit) and `cortex-a53` (64-bit) (write one ' +
        '`emit neon` for each kind, each with a `prefix` of its own) @ [cortex-a53, cortex-a9]',
    ],
    [
      'emit neon { cpu = [cortex-a53, cortex-a76]  budget = 2 ms }',
      'emit/no-clock: `2 ms` is a time, and nothing says how fast the core runs (write its clock, such as ' +
        '`clock = 1.8 GHz`) @ 2 ms',
    ],
    [
      'emit neon { cpus = cortex-a73 }',
      'model/unknown-setting: `emit neon` has no setting `cpus` (did you mean `cpu`?) @ cpus',
    ],
    [
      'emit c { cpu = cortex-a73 }',
      'model/unknown-setting: `emit c` has no setting `cpu` (use one of `weights`, `max_steps`, ' +
        '`arithmetic`, `vectors`, `activation`, `prefix`, `vocab`, `budget`) @ cpu',
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
      'emit/no-clock: `2 ms` is a time, and nothing says how fast the core runs (write its clock, such as ' +
        '`clock = 1.8 GHz`) @ 2 ms',
    ],
    [
      'emit neon { budget = [56 MB, 2 ms] }',
      'emit/no-clock: `2 ms` is a time, and nothing says how fast the core runs (write its clock, such as ' +
        '`clock = 1.8 GHz`) @ 2 ms',
    ],
    [
      'emit neon { cpu = cortex-a7  budget = 2 ms  clock = 1 GHz }',
      'emit/no-cycle-model: a budget in time needs a core whose cycles are modelled, `emit neon` is for cortex-a7 ' +
        '(write `emit neon` with `cpu =` one of `cortex-a53`, `cortex-a55`, `cortex-a57`, `cortex-a72`, ' +
        '`cortex-a73`, `cortex-a76`, or remove it) @ 2 ms',
    ],
    [
      'emit c { budget = 2 ms }',
      'emit/no-cycle-model: a budget in time needs a core whose cycles are modelled, `emit c` is for any processor ' +
        '(write `emit neon` with `cpu =` one of `cortex-a53`, `cortex-a55`, `cortex-a57`, `cortex-a72`, ' +
        '`cortex-a73`, `cortex-a76`, or remove it) @ 2 ms',
    ],
    [
      'emit neon { cpu = cortex-a9  clock = 1 GHz }',
      'emit/no-cycle-model: a clock needs a core whose cycles are modelled, `emit neon` is for cortex-a9 ' +
        '(write `emit neon` with `cpu =` one of `cortex-a53`, `cortex-a55`, `cortex-a57`, `cortex-a72`, ' +
        '`cortex-a73`, `cortex-a76`, or remove it) @ 1 GHz',
    ],
    [
      'emit neon { clock = 2 ms }',
      'argument/type: `clock` expects a clock rate such as `1.8 GHz`, found the time 2 ms (write `clock = 1.8 GHz`, ' +
        'for instance) @ 2 ms',
    ],
    [
      'emit neon { budget = [2 ms, 3 ms]  clock = 1 GHz }',
      'emit/budget: `budget` expects a size such as `56 MB`, a time such as `2 ms`, or one of each in a list, found ' +
        'the list `[2 ms, 3 ms]` (write a number with `KB`, `MB`, `KiB` or `MiB`, with `us` or `ms`, or ' +
        '`[56 MB, 2 ms]`) @ [2 ms, 3 ms]',
    ],
    [
      'emit c { budget = 20 }',
      'emit/budget: `budget` expects a size such as `56 MB`, a time such as `2 ms`, or one of each in a list, found ' +
        'the number 20 (write a number with `KB`, `MB`, `KiB` or `MiB`, with `us` or `ms`, or `[56 MB, 2 ms]`) @ 20',
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
