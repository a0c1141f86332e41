import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkText, medium, modelOf, written } from '../../test/support/check-text.js';
import { isRecurrent } from './model.js';

const folder = new URL('../../examples/', import.meta.url);

describe('examples', () => {
  const files = readdirSync(folder).filter((f) => f.endsWith('.cmp'));
  it('are there', () => expect(files.length).toBeGreaterThan(0));
  for (const file of files) {
    it(`${file} is right`, () => {
      const { model, all } = checkText(readFileSync(new URL(file, folder), 'utf8'));
      expect(all.map(written)).toEqual([]);
      expect(model?.training).toBeDefined();
    });
  }
});

describe('check', () => {
  /** The next of a fixed sequence of numbers below `limit`. */
  const draws = (seed: number) => {
    let state = seed;
    return (limit: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return (state >>> 8) % limit;
    };
  };

  for (const file of readdirSync(folder).filter((f) => f.endsWith('.cmp'))) {
    it(`never throws, and never refuses without a reason: ${file} with a word lost, doubled or exchanged`, () => {
      const words = readFileSync(new URL(file, folder), 'utf8').split(/(\s+|[(){}=:,])/);
      const draw = draws(words.length);
      for (let round = 0; round < 60; round++) {
        const copy = [...words];
        const [i, j] = [draw(copy.length), draw(copy.length)];
        copy.splice(i, draw(2), ...(draw(2) === 0 ? [] : [copy[j]!]));
        const { model, all } = checkText(copy.join(''));
        expect(model !== undefined || all.some((d) => d.severity === 'error'), copy.join('')).toBe(true);
      }
    });
  }
});

describe('a model', () => {
  it('lists layers in order, what they read, and the output', () => {
    const { layers, outputs, name } = modelOf(medium(''));
    expect(name).toBe('ptb');
    expect(layers.map((l) => [l.name, l.kind, l.inputs])).toEqual([
      ['tokens', 'ids', []],
      ['embed', 'embedding', ['tokens']],
      ['rnn1', 'lstm', ['embed']],
      ['rnn2', 'lstm', ['rnn1']],
      ['next', 'softmax', ['rnn2']],
    ]);
    expect(outputs).toEqual(['next']);
    expect(layers.filter(isRecurrent).map((l) => l.name)).toEqual(['rnn1', 'rnn2']);
  });

  it('names the members of a stack', () => {
    const text = `model m {
      x = features(3)
      rnn = lstm(x, 4, layers=2)
      end = last(rnn)
      y = softmax(end, 5)
    }`;
    const { layers } = modelOf(text);
    expect(layers.map((l) => [l.name, ...l.inputs])).toEqual([
      ['x'],
      ['rnn.1', 'x'],
      ['rnn.2', 'rnn.1'],
      ['end', 'rnn.2'],
      ['y', 'end'],
    ]);
    expect(layers.flatMap((l) => l.units.map((u) => u.path))).toEqual(['rnn.1', 'rnn.2', 'y']);
  });

  it('reads `let` constants everywhere', () => {
    const text = `let h = 8
      let goal = 4x
      model m {
        x = features(8)
        rnn = lstm(x, h)
        y = softmax(rnn, h)
      }
      compress { rnn: lmf to goal }`;
    const model = modelOf(text);
    expect(model.layers[1]?.shape.family?.rows).toBe(8);
    expect(model.rules[0]?.layers).toEqual(['rnn']);
  });
});

describe('a wrong model block', () => {
  const cases: readonly (readonly [definitions: string, error: string])[] = [
    ['y = lstn(x, 4)', 'model/unknown-layer: there is no layer `lstn` (did you mean `lstm`?) @ lstn'],
    [
      'y = attention(x, 4)',
      'model/not-in-this-version: the layer `attention` is not in this version (use one of `ids`, `features`, ' +
        '`embedding`, `rnn`, `gru`, `lstm`, `dense`, `softmax`, `last`, `max_over_time`, `concat`) @ attention',
    ],
    ['y = dense(xx, 4)', 'model/unknown-input: no layer `xx` is defined above (did you mean `x`?) @ xx'],
    [
      'y = dense(z, 4)\n z = dense(x, 4)',
      'model/used-before-defined: `z` is used before it is defined (move the definition of `z` above this line) @ z',
    ],
    [
      'y = dense(x, 1_000_000_000)',
      'model/too-large: `y.W` would hold 3,000,000,000 values, a tensor holds at most 2,147,483,647 (make ' +
        'the layer smaller, or ' +
        'store it by a method) @ y = dense(x, 1_000_000_000)',
    ],
    [
      'y = dense(y, 4)',
      'model/reads-itself: `y` reads itself (read a layer that is defined above `y`; a recurrent layer feeds its own ' +
        'state back by itself) @ y',
    ],
    ['y = dense(x, unts=4)', 'argument/unknown: `dense` has no argument `unts` (did you mean `units`?) @ unts'],
    [
      'y = dense(4)',
      'model/missing-input: `dense` reads a layer, found the number 4 (write the name of a layer that is defined ' +
        'above first: `dense(name, ...)`) @ 4',
    ],
    [
      'y = dense',
      'model/not-a-layer: `y` is defined by the word dense, not by a layer (write `y = dense(...)`) @ dense',
    ],
    ['y = dense(x, unts=4)', 'argument/unknown: `dense` has no argument `unts` (did you mean `units`?) @ unts'],
    [
      'y = dense(x, 4, dropout=0.5)',
      'argument/number-for-percent: `dropout` expects a percent from 0% to below 100%, found the number 0.5 ' +
        '(write `50%`) @ 0.5',
    ],
    [
      'y = dense(x, 4, activation=tanhh)',
      'argument/unknown-word: `activation` cannot be `tanhh` (did you mean `tanh`?) @ tanhh',
    ],
    ['y = dense(x, 4)\n y = dense(x, 5)', 'model/duplicate-name: `y` is defined twice (rename one of the two) @ y'],
    [
      'y = softmax(x, 4)\n z = dense(x, 4)',
      'model/unused-layer: nothing reads `z` (read it in a later layer, or remove it) @ z = dense(x, 4)',
    ],
    [
      '',
      'model/no-output: the model has no output: no layer follows its inputs (end it with a layer such as ' +
        '`next = softmax(..., classes)`) @ m',
    ],
    [
      'y = dense(x, 4, dropout=linear(0, 1))',
      'model/not-in-this-version: a schedule of `dropout` is not in this version (give a constant) @ linear(0, 1)',
    ],
  ];
  for (const [definitions, error] of cases) {
    it(error, () => {
      const { model, all } = checkText(`model m {\n x = features(3)\n ${definitions}\n}`);
      expect(model).toBeUndefined();
      const first = all.map(written);
      expect(first).toContain(error);
    });
  }

  it('costs one error, not one for each that follows from it', () => {
    const { all } = checkText('model m {\n x = features(3)\n y = lstn(x, 4)\n z = dense(y, 4)\n w = softmax(z, 2)\n}');
    expect(all.map((d) => d.code)).toEqual(['model/unknown-layer']);
  });

  it('is missing', () => {
    expect(checkText('let h = 3').all.map((d) => d.code)).toEqual(['model/no-model']);
  });

  it('does not hide faults of other blocks', () => {
    const { all } = checkText(
      medium('rnn9: lmf to 2x', 'train { data = tagged("x")\n epochs = 0 }\nemit nein {}\nsweep {}'),
    );
    expect(all.map((d) => d.code).sort()).toEqual([
      'argument/type',
      'compress/matches-nothing',
      'emit/unknown-target',
      'sweep/no-axes',
    ]);
  });
});
