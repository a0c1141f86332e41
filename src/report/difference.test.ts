import { describe, expect, it } from 'vitest';
import { medium, modelOf } from '../../test/support/check-text.js';
import { difference } from './difference.js';
import { differenceText } from './difference-text.js';

const train = 'train { data = text("ptb")\n epochs = 10\n lr = 1.0 }';
const of = (rules: string, rest = train) => modelOf(medium(rules, rest));
const names = (before: string, after: string, rest?: string): readonly string[] =>
  difference(of(before), of(after, rest)).map(({ section, name }) => `${section}: ${name}`);

describe('the difference of two programs', () => {
  it('is empty for the same meaning in other words', () => {
    expect(difference(of('rnn1, rnn2: prune to 5x'), of('rnn1 ,rnn2 : prune  to 5x // why'))).toEqual([]);
    expect(differenceText([])).toBe('the programs mean the same\n');
  });

  it('tells what a rule that is gone did', () => {
    const changes = difference(of('rnn1: kp(B=13x65, C=50x20)\nrnn2: prune to 2x'), of('rnn2: prune to 2x'));
    const text = differenceText(changes);
    expect(text).toContain('compress\n  - rnn1: kp(B=13x65, C=50x20): rnn1\n');
    expect(text).toContain(
      'weights\n  - rnn1: 4 gates 650x1300 kp B=13x65 C=50x20\n  + rnn1: 4 gates 650x1300 dense\n',
    );
    expect(text).toContain('  ~ rnn1 parameters: 9,980 -> 3,382,600 (338.9 times)\n');
    expect(text).not.toContain('rnn2');
  });

  it('shows a rule that changes nothing in the weights', () => {
    expect(names('rnn1: dense', '')).toEqual(['compress: rnn1: dense']);
  });

  it('tells sparsity, layer sizes, settings and targets apart', () => {
    expect(names('rnn1: prune(sparsity=50%)', 'rnn1: prune(sparsity=51%)')).toContain('weights: rnn1');
    expect(names('', '', train.replace('1.0', '0.5'))).toEqual(['train: lr']);
    expect(names('', '', `${train}\nemit c {}`)).toContain('emit c: activation');
    const narrow = modelOf(medium('').replaceAll('650', '640'));
    const changed = difference(of('', ''), narrow).map(({ section, name }) => `${section}: ${name}`);
    for (const name of ['model: rnn1', 'weights: rnn1', 'cost: all parameters']) expect(changed).toContain(name);
  });

  it('tells which cores a program is for', () => {
    const neon = (cpu: string) => of('', `${train}\nemit neon { cpu = ${cpu} }`);
    const changes = difference(neon('[cortex-a53, cortex-a76]'), neon('cortex-a53'));
    expect(differenceText(changes)).toBe('emit neon\n  - cpu: [cortex-a53, cortex-a76]\n  + cpu: cortex-a53\n');
  });
});
