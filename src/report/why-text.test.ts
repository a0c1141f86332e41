import { describe, expect, it } from 'vitest';
import { medium } from '../../test/support/check-text.js';
import { check } from '../model/check.js';
import { explainWeights, weightPaths } from '../model/why.js';
import { parse } from '../syntax/parse.js';
import { explain } from './explain.js';
import { whyText, whyToJson } from './why-text.js';
import { wrapText } from './wrap.js';

const text = medium(
  'rnn*: dkp(13x65, C=50x20) to 25x then int8\n  override rnn2: prune(sparsity=90%)\n  next: float16',
  `train {
  data = text("ptb")
  epochs = 9
  sparsity(rnn1) = cubic(to=5 epochs)
}
emit c { weights = bfloat16 }`,
);

function why(pattern: string, program = text) {
  const fail = (d: { message: string }): never => {
    throw new Error(d.message);
  };
  const tree = parse({ path: 'm.cmp', text: program }, fail);
  const model = check(tree, fail)!;
  return { model, weights: explainWeights(tree, model, pattern) };
}
const printed = (pattern: string): string => whyText(why(pattern).weights);

describe('why', () => {
  it('tells the rule, each argument, the goal and how it was solved, the format and the schedule', () => {
    const found = printed('rnn1');
    expect(found).toMatch(/^rnn1: 4 gates of 650x1300\n/);
    expect(found).toContain('├─ dkp: by `rnn*: dkp(13x65, C=50x20) to 25x then int8` (m.cmp:10:3)');
    expect(found).toContain('├─ B = 13x65: given (m.cmp:10:13)');
    expect(found).toContain('├─ C = 50x20: given (m.cmp:10:20)');
    expect(found).toContain('├─ sparsity = 96.2922%: solved from the goal (m.cmp:10:29)');
    expect(found).toMatch(
      /goal: to 25x \(m\.cmp:10:29\)\n│ {2}└─ 125,324 of 3,380,000 values kept: the most within 25x/,
    );
    expect(found).toMatch(/in int8\(per=row\): by the rule, trained straight-through \(m\.cmp:10:41\)/);
    expect(found).toMatch(/pruned: cubic\(.* \(m\.cmp:17:20\)/);
    expect(found).toContain('└─ tensors: rnn1.B, rnn1.C, rnn1.S');
  });

  it('tells which rule was overridden', () => {
    const found = printed('rnn2');
    expect(found).toContain('prune: by `override rnn2: prune(sparsity=90%)`');
    expect(found).toContain('└─ wins over `rnn*: dkp(13x65, C=50x20) to 25x then int8` (m.cmp:10:3)');
    expect(found).toContain('sparsity = 90%: given');
    expect(found).toContain('in bfloat16: by emit, rounded after training (m.cmp:19:10)');
    expect(found).toMatch(/pruned: .*the default, each weight to its own sparsity\n/);
  });

  it('tells what no rule decides, and a format alone', () => {
    expect(printed('embed')).toMatch(/├─ dense: no rule selects it\n├─ in bfloat16: by emit/);
    const alone = printed('next');
    expect(alone).toContain('by `next: float16`');
    expect(alone).toContain('in float16: by the rule, rounded after training (m.cmp:12:9)');
  });

  it('finds weights by paths of tensors and patterns, and nothing else', () => {
    const paths = (pattern: string): readonly string[] => why(pattern).weights.map(({ path }) => path);
    expect(paths('rnn1.S')).toEqual(['rnn1']);
    expect(paths('rnn*')).toEqual(['rnn1', 'rnn2']);
    expect(paths('*2.W')).toEqual(['rnn2']);
    expect(paths('rnn3')).toEqual([]);
    expect(weightPaths(why('rnn1').model)).toEqual(expect.arrayContaining(['rnn1', 'rnn1.S', 'rnn2']));
  });

  it('is data with the same places', () => {
    const [first] = why('rnn1').weights.map(whyToJson);
    expect(first).toMatchObject({
      path: 'rnn1',
      method: 'dkp',
      rule: { at: { path: 'm.cmp', line: 10, column: 3 } },
      goal: { text: 'to 25x' },
      format: { word: 'int8(per=row)' },
      schedule: { at: { line: 17 } },
    });
    expect(first!.arguments.map(({ name, origin }) => [name, origin])).toEqual([
      ['B', 'given'],
      ['C', 'given'],
      ['sparsity', 'solved'],
    ]);
  });
});

describe('a narrow terminal', () => {
  const widest = (found: string): number => Math.max(...found.split('\n').map((line) => line.length));

  it('holds every line of explain and of why, and loses no word', () => {
    const { model, weights } = why('rnn*');
    const words = (found: string): readonly string[] =>
      found
        .split(/[\s│├└─-]+/)
        .filter((word) => word !== '')
        .sort();
    for (const width of [60, 80, 100]) {
      const narrow = explain(model, undefined, width);
      expect(widest(narrow)).toBeLessThanOrEqual(width);
      expect(words(narrow)).toEqual(words(explain(model)));
      expect(widest(whyText(weights, width))).toBeLessThanOrEqual(width);
      expect(words(whyText(weights, width))).toEqual(words(whyText(weights)));
    }
    expect(widest(explain(model))).toBeGreaterThan(100);
  });

  it('never cuts a word', () => {
    expect(wrapText('  a_very_long_path_of_a_file and more', 12)).toBe(
      '  a_very_long_path_of_a_file\n      and\n      more',
    );
  });
});
