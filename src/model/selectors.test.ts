import { describe, expect, it } from 'vitest';
import { checkText, medium, modelOf, written } from '../../test/support/check-text.js';

/** With the table, which most rules leave as it is. */
const all = (wanted: readonly string[]): readonly string[] =>
  wanted.some((unit) => unit.startsWith('embed')) ? wanted : [dense('embed'), ...wanted];

/** `path:method` of every unit, in order. */
const units = (text: string): readonly string[] =>
  modelOf(text).layers.flatMap((l) => l.units.map((u) => `${u.path}:${u.weight.method}`));

const lmf = (path: string): string => `${path}:lmf`;
const dense = (path: string): string => `${path}:dense`;

describe('selectors', () => {
  const cases: readonly (readonly [rule: string, units: readonly string[]])[] = [
    ['rnn1: lmf to 2x', [lmf('rnn1'), dense('rnn2'), dense('next')]],
    ['rnn*: lmf to 2x', [lmf('rnn1'), lmf('rnn2'), dense('next')]],
    ['lstm *: lmf to 2x', [lmf('rnn1'), lmf('rnn2'), dense('next')]],
    ['*: lmf to 2x', [lmf('embed'), lmf('rnn1'), lmf('rnn2'), lmf('next')]],
    ['* except next: lmf to 2x', [lmf('embed'), lmf('rnn1'), lmf('rnn2'), dense('next')]],
    ['rnn* except rnn2.input: lmf to 2x', [lmf('rnn1'), dense('rnn2.input'), lmf('rnn2.recurrent'), dense('next')]],
    ['rnn1.recurrent: lmf to 2x', [dense('rnn1.input'), lmf('rnn1.recurrent'), dense('rnn2'), dense('next')]],
    ['rnn1.input, rnn1.recurrent: lmf to 2x', [lmf('rnn1.input'), lmf('rnn1.recurrent'), dense('rnn2'), dense('next')]],
    ['rnn1.{input,recurrent}: lmf to 2x', [lmf('rnn1.input'), lmf('rnn1.recurrent'), dense('rnn2'), dense('next')]],
    ['rnn1.{i,f,g,o}: lmf to 2x', [lmf('rnn1'), dense('rnn2'), dense('next')]],
    [
      'rnn1.f: lmf to 2x',
      [dense('rnn1.i'), lmf('rnn1.f'), dense('rnn1.g'), dense('rnn1.o'), dense('rnn2'), dense('next')],
    ],
    [
      'rnn1.input.{i,f}: lmf to 2x',
      [
        lmf('rnn1.input.i'),
        lmf('rnn1.input.f'),
        dense('rnn1.recurrent.i'),
        dense('rnn1.recurrent.f'),
        dense('rnn1.g'),
        dense('rnn1.o'),
        dense('rnn2'),
        dense('next'),
      ],
    ],
  ];
  for (const [rule, wanted] of cases) {
    it(rule, () => expect([...units(medium(rule))].sort()).toEqual([...all(wanted)].sort()));
  }

  it('cover every gate of every column block once, gates in order', () => {
    for (const [rule] of cases) {
      for (const layer of modelOf(medium(rule)).layers) {
        const cells = layer.units.flatMap((u) => u.gates.flatMap((g) => u.blocks.map((b) => `${g}.${b}`)));
        const { family } = layer.shape;
        const all = (family?.columns ?? []).length * Math.max(1, family?.gates.length ?? 1);
        expect(new Set(cells).size, rule).toBe(family === undefined ? 0 : all);
        expect(cells.length, rule).toBe(family === undefined ? 0 : all);
      }
    }
  });

  it('number the members of a stack from 1', () => {
    const text = `model m {
      x = features(3)
      rnn = lstm(x, 4, layers=3)
      y = softmax(rnn, 5)
    }
    compress { rnn.2.recurrent: lmf(r=1) }`;
    expect(units(text)).toEqual([
      dense('rnn.1'),
      dense('rnn.2.input'),
      lmf('rnn.2.recurrent'),
      dense('rnn.3'),
      dense('y'),
    ]);
  });
});

describe('override', () => {
  it('takes weights from another rule, whichever stands first', () => {
    const wanted = [dense('embed'), lmf('rnn1.input'), 'rnn1.recurrent:kp', dense('rnn2'), dense('next')];
    expect(units(medium('rnn1: lmf to 2x\n override rnn1.recurrent: kp(B=13x13, C=50x50)'))).toEqual(wanted);
    expect(units(medium('override rnn1.recurrent: kp(B=13x13, C=50x50)\n rnn1: lmf to 2x'))).toEqual(wanted);
  });

  it('warns of a rule that keeps nothing', () => {
    const { model, all } = checkText(medium('rnn1: lmf to 2x\n override rnn*: lmf to 3x'));
    expect(all.map((d) => [d.severity, d.code])).toEqual([['warning', 'compress/rule-overridden']]);
    expect(model?.warnings).toEqual(all);
    expect(model?.rules.map((r) => r.layers)).toEqual([[], ['rnn1', 'rnn2']]);
  });
});

describe('wrong selectors', () => {
  const cases: readonly (readonly [rules: string, error: string])[] = [
    ['rnn3: lmf to 2x', 'compress/matches-nothing: `rnn3` selects no weight (did you mean `rnn1` or `rnn2`?) @ rnn3'],
    [
      'cell*: lmf to 2x',
      'compress/matches-nothing: `cell*` selects no weight (there are `embed`, `rnn1`, `rnn2`, `next`) @ cell*',
    ],
    [
      'rnn1.inptu: lmf to 2x',
      'compress/matches-nothing: `rnn1.inptu` selects no weight (did you mean `input`?) @ inptu',
    ],
    [
      'rnn1.{i,q}: lmf to 2x',
      'compress/matches-nothing: `rnn1.{i,q}` selects no weight ' +
        '(there are `input`, `recurrent`, `i`, `f`, `g`, `o`) @ q',
    ],
    [
      'rnn1.recurrent.{i,q}: lmf to 2x',
      'compress/matches-nothing: `rnn1.recurrent.{i,q}` selects no weight ' + '(there are `i`, `f`, `g`, `o`) @ q',
    ],
    [
      'rnn1.2: lmf to 2x',
      'compress/matches-nothing: `rnn1.2` selects no weight (there are `input`, `recurrent`, `i`, `f`, `g`, `o`) @ 2',
    ],
    [
      'rnn* except rnn*: lmf to 2x',
      'compress/matches-nothing: `rnn* except rnn*` selects no weight (`except` leaves nothing: select more, or ' +
        'except less) @ rnn* except rnn*',
    ],
    ['lstmm *: lmf to 2x', 'compress/unknown-kind: there is no layer kind `lstmm` (did you mean `lstm`?) @ lstmm'],
    [
      'tokens: lmf to 2x',
      'compress/no-weights: `tokens` has no matrix that a method stores: it is `ids` (select a layer with a matrix, ' +
        'such as `embed`, `rnn1`, `rnn2`, `next`) @ tokens',
    ],
    [
      'embed: kp to 2x',
      'compress/no-lookup: `kp` cannot store the table of `embed`: it has no way to look up one row (use `dense`, ' +
        '`prune`, `lmf`, `hlf`, or leave it out by `except embed`) @ kp',
    ],
    [
      'embed: lmf to 2x macs',
      'compress/table-macs: `to 2x macs` asks for fewer multiply-adds, but a row of `embed` is looked up: nothing is ' +
        'multiplied (give a factor of parameters such as `to 4x`, or a size such as `to 400 KB`) @ to 2x macs',
    ],
    [
      'rnn1.forward: lmf to 2x',
      'compress/matches-nothing: `rnn1.forward` selects no weight (leave `.forward` out, or write ' +
        '`bidirectional=yes` in the layer: it walks in one direction) @ forward',
    ],
    [
      'lstm *: lmf to 2x\n rnn1: prune to 2x',
      'compress/two-rules: `rnn1` is already stored by another rule (select it once, or write `override` before the ' +
        'rule that wins) @ rnn1',
    ],
    [
      'rnn1: lmf to 2x\n rnn1.input.f: prune to 2x',
      'compress/two-rules: `rnn1.input.f` is already stored by another rule (select it once, or write `override` ' +
        'before the rule that wins) @ rnn1.input.f',
    ],
    [
      'rnn1, rnn1.input: lmf to 2x',
      'compress/both-ways: `rnn1.input.i` is selected as a whole and by its parts in one rule (keep one of the two) ' +
        '@ rnn1.input',
    ],
  ];
  for (const [rules, error] of cases) {
    it(error, () => {
      const { model, all } = checkText(medium(rules));
      expect(model).toBeUndefined();
      expect(all.map(written)).toEqual([error]);
    });
  }

  it('names both places of two rules', () => {
    const { all } = checkText(medium('lstm *: lmf to 2x\n rnn1: prune to 2x'));
    const { span } = all[0]!.notes[0]!;
    expect(span?.source.text.slice(span.start, span.end)).toBe('lstm *: lmf to 2x');
  });
});
