/** Layers whose gates or column blocks are needed apart: what their weights are, and what is refused. */
import { describe, expect, it } from 'vitest';
import { checkText, modelOf, written } from '../../test/support/check-text.js';

const program = (cell: string, rules: string): string => `language 1
model tiny {
  x   = features(8)
  rnn = ${cell}
}
compress { ${rules} }
`;
const gru = 'gru(x, 12)';
const after = 'gru(x, 12, reset_after=yes)';

/** Path, gates, columns, whether their shares are needed by themselves. */
const units = (cell: string, rules: string) =>
  modelOf(program(cell, rules))
    .layers.at(-1)!
    .units.map(({ path, gates, weight: { matrix } }) => [path, gates, matrix.columns, matrix.apart === true]);

describe('gru, reset before the product', () => {
  it('stores each gate by itself', () => {
    const apart = [
      ['rnn.r', [0], [8, 12], false],
      ['rnn.z', [1], [8, 12], false],
      ['rnn.n', [2], [8, 12], false],
    ];
    expect(units(gru, '')).toEqual(apart);
    expect(units(gru, 'rnn: lmf(r=2)')).toEqual(apart);
    expect(units(gru, 'rnn.input: lmf(r=2)').map(([path]) => path)).toEqual([
      'rnn.input.r',
      'rnn.input.z',
      'rnn.input.n',
      'rnn.recurrent.r',
      'rnn.recurrent.z',
      'rnn.recurrent.n',
    ]);
  });

  it('prunes all gates by one ranking', () => {
    const { pools } = modelOf(program(gru, 'rnn: prune(sparsity=50%)'));
    expect(pools).toMatchObject([
      { layers: ['rnn'], rule: 0, tensors: ['rnn.r.W', 'rnn.z.W', 'rnn.n.W'], elements: 720, kept: 360 },
    ]);
  });

  it('refuses all gates in one matrix', () => {
    const { all } = checkText(program(gru, 'rnn: lmf(r=2, layout=stacked)'));
    expect(all.map(written)).toEqual([
      'compress/stacked-apart: `layout=stacked` stores all gates in one matrix, but the gates r, z, n of `rnn` read ' +
        'different vectors (leave `layout=stacked` out, or write `reset_after=yes` in the layer) @ ' +
        'lmf(r=2, layout=stacked)',
    ]);
  });
});

describe('gru, reset after the product', () => {
  it('stores what divides by columns as column blocks', () => {
    const blocks = [
      ['rnn.input', [0, 1, 2], [8], false],
      ['rnn.recurrent', [0, 1, 2], [12], false],
    ];
    expect(units(after, '')).toEqual(blocks);
    expect(units(after, 'rnn: prune(sparsity=50%)')).toEqual(blocks);
    expect(units(after, 'rnn.input, rnn.recurrent: lmf(r=2, layout=stacked)')).toEqual([
      ['rnn.input', [0, 1, 2], [8], false],
      ['rnn.recurrent', [0, 1, 2], [12], false],
    ]);
  });

  it('applies gate n twice where it cannot', () => {
    expect(units(after, 'rnn: kp()')).toEqual([
      ['rnn.r', [0], [8, 12], false],
      ['rnn.z', [1], [8, 12], false],
      ['rnn.n', [2], [8, 12], true],
    ]);
  });

  it('refuses both in one matrix', () => {
    const { all } = checkText(program(after, 'rnn: lmf(r=2, layout=stacked)'));
    expect(all.map(written)).toEqual([
      'compress/stacked-apart: `layout=stacked` stores all gates in one matrix, but gate n of `rnn` needs the shares ' +
        'of input and state apart (leave `layout=stacked` out, or select `rnn.input, rnn.recurrent`) @ ' +
        'lmf(r=2, layout=stacked)',
    ]);
  });
});
