import { describe, expect, it } from 'vitest';
import { medium, modelOf } from '../../test/support/check-text.js';
import { explain } from './explain.js';
import { change, formatTable } from './summary-table.js';

describe('explain', () => {
  it('prints 3,382,600 -> 9,980 for kp in each layer of the medium PTB model', () => {
    const text = explain(modelOf(medium('rnn1, rnn2: kp(B=13x65, C=50x20)')));
    expect(text).toContain('rnn1: 3,382,600 -> 9,980 parameters with biases, 338.9x;');
    expect(text).toContain('rnn2: 3,382,600 -> 9,980 parameters with biases, 338.9x;');
    expect(text).toMatch(/rnn1 +lstm +kp +3,382,600 -> 9,980 {2}338\.9x +13\.5 MB -> [\d.]+ KB/);
  });

  it('prints 274.0x for sparsity=99.93%', () => {
    const text = explain(modelOf(medium('rnn1: dkp(B=13x65, C=50x20, sparsity=99.93%)')));
    expect(text).toContain('rnn1: 3,382,600 -> 12,346 parameters with biases, 274.0x;');
    expect(text).toContain('dkp B=13x65 C=50x20 sparsity=99.93% (2,366 of 3,380,000 kept)');
  });

  it('prints what was solved', () => {
    const text = explain(modelOf(medium('rnn1: dkp(B=13x65, C=50x20) to 25x')));
    expect(text).toContain('sparsity=96.2922% (125,324 of 3,380,000 kept)');
  });

  it('prints the defaults in force', () => {
    const text = explain(
      modelOf(medium('rnn1: prune to 2x', 'train { data = text("ptb")\n epochs = 10 }\nemit neon {}')),
    );
    for (const line of [
      'data       = text("ptb", batch=20, unroll=35, unit=word, lower=no)',
      'init       = uniform(0.1), biases 0; structured weights drawn for the same variance',
      'optimizer  = sgd(clip=none, weight_decay=0)',
      'sparsity   = cubic(from=0 epochs, to=6 epochs, every=100 steps, start=0%), the default, each weight to its own',
      'seed       = 1',
      'cpu        = cortex-a73',
      'budget     = none',
    ]) {
      expect(text).toContain(line);
    }
    expect(text).toMatch(/rnn1 +lstm +embed +650 values at each step +gates i, f, g, o; forget bias 0; dropout 50%/);
  });
});

describe('formatTable', () => {
  it('aligns columns and leaves no trailing spaces', () => {
    const columns = [{ title: 'name' }, { title: 'n', align: 'right' as const }, { title: 'note' }];
    expect(
      formatTable(
        columns,
        [
          ['a', '1,000', ''],
          ['longer', '2', 'x'],
        ],
        '  ',
      ),
    ).toBe('  name        n  note\n  ------  -----  ----\n  a       1,000\n  longer      2  x\n');
  });

  it('writes a change only where there is one', () => {
    expect([change('1', '2'), change('1', '1')]).toEqual(['1 -> 2', '1']);
  });
});
