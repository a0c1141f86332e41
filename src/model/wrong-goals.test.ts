import { describe, expect, it } from 'vitest';
import { checkText, medium, written } from '../../test/support/check-text.js';

const errors = (text: string): readonly string[] => checkText(text).all.map(written);

describe('wrong goals', () => {
  const cases: readonly (readonly [rule: string, error: string])[] = [
    [
      'dkp(B=13x65, C=50x20) to 96%',
      'compress/percent-goal: a goal is a factor such as `25x` or a size such as `40 KB`, found the percent 96% (96% ' +
        'fewer parameters is `to 25x`) @ 96%',
    ],
    [
      'dkp to 25',
      'compress/goal-type: a goal is a factor such as `25x` or a size such as `40 KB`, found the number 25 (write ' +
        '`to 25x`) @ 25',
    ],
    [
      'prune to 0.5x',
      'compress/goal-below-one: a goal is at least 1x, found 0.5x (write how many times smaller the layer becomes, ' +
        'such as `to 25x`) @ 0.5x',
    ],
    [
      'dkp(B=13x65, C=50x20) to 400x',
      'compress/unreachable-goal: `dkp` on `rnn1` reaches 1x to 338.9x, not 400x (use `to 338.9x` or less) @ to 400x',
    ],
    [
      'lmf to 2000x',
      'compress/unreachable-goal: `lmf` on `rnn1` reaches 1x to 325.2x, not 2000x (use `to 325.2x` or less) ' +
        '@ to 2000x',
    ],
    [
      'kp(B=13x65, C=50x20) to 100x',
      'kp/arguments-contradict-goal: `kp(...)` gives 338.9x on `rnn1`, not 100x (100x needs ' +
        'B=5x25, C=130x52; drop `to 100x`) @ to 100x',
    ],
    [
      'prune(sparsity=99.99999%)',
      'compress/nothing-kept: sparsity 99.99999% keeps none of the 3,380,000 values of `rnn1` (use ' +
        '`sparsity=99.99997%` or less) @ 99.99999%',
    ],
    [
      'dkp(B=13x65, C=50x20)',
      'compress/open-argument: `dkp` leaves `sparsity` open and has no goal (give `sparsity=...`, or a goal such as ' +
        '`to 25x`) @ dkp(B=13x65, C=50x20)',
    ],
    ['dpk to 2x', 'compress/unknown-method: there is no method `dpk` (did you mean `dkp`?) @ dpk'],
    [
      'lmf(r=10) to 25x',
      'lmf/arguments-contradict-goal: `lmf(...)` gives 41.97x on `rnn1`, not 25x (25x needs r=17; drop `to 25x`) ' +
        '@ to 25x',
    ],
    [
      'dkp(B=13x65, C=50x20, sparsty=9%)',
      'argument/unknown: `dkp` has no argument `sparsty` (did you mean `sparsity`?) @ sparsty',
    ],
    [
      'prune(sparsity=0.9)',
      'argument/number-for-percent: `sparsity` expects a percent from 0% to below 100%, found the number 0.9 (write ' +
        '`90%`) @ 0.9',
    ],
  ];
  for (const [rule, error] of cases) {
    it(error, () => {
      expect(errors(medium(`rnn1: ${rule}`))).toEqual([error]);
    });
  }

  it('too small in bytes say what is enough, and it is', () => {
    const { all } = checkText(medium('rnn1: dkp to 40 KB'));
    expect(all.map((d) => d.code)).toEqual(['compress/unreachable-goal']);
    const enough = /allow at least (.*)/.exec(all[0]!.hint!)![1]!;
    expect(errors(medium(`rnn1: dkp to ${enough}`))).toEqual([]);
  });

  it('factor shapes that do not fit list those that do', () => {
    const { all } = checkText(medium('rnn1: kp(B=13x60, C=50x20)'));
    expect(all.map((d) => d.code)).toEqual(['kp/shapes']);
    expect(all[0]!.hint).toContain('B=13x65, C=50x20');
  });

  it('hlf(j, k) takes names only as constants; with them it parses as written', () => {
    expect(checkText(medium('rnn1.input: hlf(j,k)')).all.map((d) => d.code)).toEqual([
      'argument/unknown-name',
      'argument/unknown-name',
    ]);
    expect(errors(`let j = 102\nlet k = 1\n${medium('rnn1.input: hlf(j,k)').replace('language 1', '')}`)).toEqual([]);
    expect(errors(medium('rnn1.input: hlf(102, 1)'))).toEqual([]);
    expect(errors(medium('rnn1.input: hlf(j=102, k=1)'))).toEqual([]);
  });

  it('hlf is refused on the final softmax', () => {
    expect(checkText(medium('next: hlf to 2x')).all.map((d) => d.code)).toEqual(['hlf/softmax']);
    expect(checkText(medium('next: hlf(j=10)')).all.map((d) => d.code)).toEqual(['hlf/softmax']);
  });
});
