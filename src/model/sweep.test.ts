import { describe, expect, it } from 'vitest';
import { checkText, written } from '../../test/support/check-text.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { parse } from '../syntax/parse.js';
import { printProgram } from '../syntax/print.js';
import { check, checkAlone, checkSweep } from './check.js';
import { summarize, totals } from './summary.js';
import { planSweep, type SweepPlan, type SweepRun } from './sweep.js';
import { type BaselineWord, withBaselines } from './sweep-baselines.js';

interface Given {
  readonly rules?: string;
  readonly train?: string;
}
const program = (sweep: string, { rules = 'rnn: lmf to 5x', train = '' }: Given = {}): string => `language 1
model tiny {
  tokens = ids(vocab=20)
  embed  = embedding(tokens, 16)
  rnn    = lstm(embed, 24)
  next   = softmax(rnn, 20)
}
compress {
  ${rules}
}
train {
  data   = generated(order=1, vocab=20, tokens=2_000, batch=5, unroll=8)
  epochs = 2
  ${train}
}
sweep {
  ${sweep}
}
`;

function planOf(text: string): SweepPlan {
  const found: string[] = [];
  const plan = checkSweep(
    parse({ path: 'test.cmp', text }, (d) => found.push(d.message)),
    (d) => found.push(d.message),
  );
  if (plan === undefined) throw new Error(found.join('\n'));
  return plan;
}
const names = ({ runs }: SweepPlan): readonly string[] => runs.map(({ name }) => name);
const told = (text: string): readonly string[] => checkText(text).all.map(written);
const parameters = ({ model }: SweepRun): number => totals(summarize(model)).after.parameters;

describe('combinations', () => {
  it('are one run for each, methods, goals and seeds in their order', () => {
    const plan = planOf(program('method = [lmf, hlf(k=1), prune, small]\n to = [2.5x, 10/3x]\n seed = [1, 2]'));
    expect(plan.axes).toEqual(['method', 'to', 'seed']);
    expect(plan.skipped).toEqual([]);
    expect(names(plan)).toHaveLength(16);
    expect(names(plan).slice(0, 5)).toEqual([
      'lmf_2.5x_seed1',
      'lmf_2.5x_seed2',
      'lmf_10-3x_seed1',
      'lmf_10-3x_seed2',
      'hlf-k-1_2.5x_seed1',
    ]);
    const run = plan.runs.find(({ name }) => name === 'hlf-k-1_10-3x_seed2')!;
    expect(run.values).toEqual([
      { axis: 'method', value: 'hlf(k=1)' },
      { axis: 'to', value: '10/3x' },
      { axis: 'seed', value: '2' },
    ]);
    expect(run.model.training?.seed).toBe(2);
    expect(run.model.rules[0]!.text).toBe('rnn: hlf(k=1) to 10/3x');
    expect(printProgram(run.program)).toContain('seed   = 2');
    expect(printProgram(run.program)).not.toContain('sweep');
  });

  it('replace what one rule says, where a selector names it', () => {
    const rules = 'rnn: lmf to 5x\n next: lmf to 2x';
    const plan = planOf(program('rnn.method = [lmf, prune]\n next.to = [2x, 3x]', { rules }));
    expect(plan.runs.map((r) => r.model.rules.map(({ text }) => text))).toEqual([
      ['rnn: lmf to 5x', 'next: lmf to 2x'],
      ['rnn: lmf to 5x', 'next: lmf to 3x'],
      ['rnn: prune to 5x', 'next: lmf to 2x'],
      ['rnn: prune to 5x', 'next: lmf to 3x'],
    ]);
    expect(plan.axes).toEqual(['rnn.method', 'next.to']);
  });

  it('keep number formats, `macs` and `together`; rules that are a format alone stay', () => {
    const rules = 'rnn: lmf to 2x macs together then int8\n next: int8';
    const plan = planOf(program('to = [2x, 3x]\n method = [lmf]', { rules }));
    expect(plan.runs.map((r) => r.model.rules.map(({ text }) => text))).toEqual([
      ['rnn: lmf to 2x macs together then int8', 'next: int8'],
      ['rnn: lmf to 3x macs together then int8', 'next: int8'],
    ]);
  });

  it('vary number formats: behind `then`, of rules that are a format alone, and of dense ones', () => {
    const rules = 'rnn: lmf to 2x then float16\n next: int8\n embed: dense';
    const plan = planOf(program('format = [float32, int8(per=row), int4(per=group(8))]', { rules }));
    expect(names(plan)).toEqual(['float32', 'int8-per-row', 'int4-per-group-8']);
    expect(plan.runs.map((r) => r.model.rules.map(({ text }) => text))).toEqual([
      ['rnn: lmf to 2x then float32', 'next: float32', 'embed: dense then float32'],
      ['rnn: lmf to 2x then int8(per=row)', 'next: int8(per=row)', 'embed: dense then int8(per=row)'],
      ['rnn: lmf to 2x then int4(per=group(8))', 'next: int4(per=group(8))', 'embed: dense then int4(per=group(8))'],
    ]);
    const bytes = plan.runs.map(({ model }) => totals(summarize(model)).after.bytes);
    expect(bytes[0]).toBeGreaterThan(2 * bytes[1]!);
    expect(bytes[1]).toBeGreaterThan(bytes[2]!);
  });

  it('vary the formats of one rule, beside methods and goals', () => {
    const rules = 'rnn: lmf to 5x\n next: int8';
    const plan = planOf(program('method = [lmf, prune]\n to = [2x]\n rnn.format = [float16, int8]', { rules }));
    expect(plan.axes).toEqual(['method', 'to', 'rnn.format']);
    expect(plan.runs.map((r) => r.model.rules.map(({ text }) => text))).toEqual([
      ['rnn: lmf to 2x then float16', 'next: int8'],
      ['rnn: lmf to 2x then int8', 'next: int8'],
      ['rnn: prune to 2x then float16', 'next: int8'],
      ['rnn: prune to 2x then int8', 'next: int8'],
    ]);
    expect(names(plan)[1]).toBe('lmf_2x_rnn.formatint8');
  });

  it('of formats that are none, or that no rule has, are refused', () => {
    expect(told(program('format = [int9, float32]'))).toEqual([
      expect.stringMatching(/^compress\/unknown-format: .*`int9`.*did you mean `int8`/),
    ]);
    expect(told(program('format = [lmf]', { rules: 'next: int8' }))).toEqual([
      expect.stringMatching(/^compress\/unknown-format: there is no number format `lmf`/),
    ]);
    expect(told(program('format = [8]'))).toEqual([expect.stringMatching(/^sweep\/format-type: .*the number 8/)]);
    expect(told(program('format = [int8]', { rules: '' }))).toEqual([
      expect.stringMatching(/^sweep\/no-rule: `format` .*the program has none/),
    ]);
  });

  it('vary settings of train, also such as the program leaves out', () => {
    const plan = planOf(program('lr = [0.5, decay(1.0, by=1/2, every=1 epoch)]\n epochs = [1, 2]'));
    expect(names(plan)).toHaveLength(4);
    expect(plan.runs.map((r) => r.model.training?.epochs)).toEqual([1, 2, 1, 2]);
    expect(plan.runs.map((r) => r.model.training?.lr.kind)).toEqual(['constant', 'constant', 'decay', 'decay']);
  });

  it('take constants, and one value without a list', () => {
    const text = `let goals = [2x, 3x]\n${program('to = goals\n seed = 7')}`;
    expect(names(planOf(text))).toEqual(['2x_seed7', '3x_seed7']);
  });

  it('leave out settings about what they have not, by name', () => {
    const rules = 'rnn: dkp(B=6x10, C=4x4) to 5x';
    const train = 'sparsity = cubic(from=5 steps, to=1 epoch, every=5 steps)\n regularize = [cmr(p=50%), l2(1e-5)]';
    const plan = planOf(program('method = [dkp(B=6x10, C=4x4), prune, lmf]', { rules, train }));
    expect(plan.runs.map(({ name, leftOut }) => [name, [...leftOut].sort()])).toEqual([
      ['dkp-B-6x10-C-4x4', []],
      ['prune', ['cmr']],
      ['lmf', ['cmr', 'sparsity']],
    ]);
    expect(printProgram(plan.runs[1]!.program)).toContain('regularize = [l2(1e-5)]');
    expect(printProgram(plan.runs[2]!.program)).not.toContain('sparsity');
  });

  it('that mean the same are one run; a dense one has no goal', () => {
    const plan = planOf(program('method = [lmf, dense]\n to = [2x, 3x]'));
    expect(names(plan)).toEqual(['lmf_2x', 'lmf_3x', 'dense_2x']);
    expect(plan.runs[2]!.model.rules[0]!.text).toBe('rnn: dense');
  });
});

describe('a combination that cannot be met', () => {
  it('is left out with its numbers, and the others are run', () => {
    const text = program('method = [lmf, prune]\n to = [5x, 30x]');
    const plan = planOf(text);
    expect(names(plan)).toEqual(['lmf_5x', 'prune_5x', 'prune_30x']);
    expect(plan.skipped.map(({ values }) => values.map((v) => v.value).join(' '))).toEqual(['lmf 30x']);
    const [warning, ...others] = checkText(text).all;
    expect(others).toEqual([]);
    expect(warning).toMatchObject({ code: 'sweep/skipped', severity: 'warning' });
    expect(warning!.message).toMatch(/^`method = lmf`, `to = 30x` cannot be met and is left out: .*\d+\.\d+x/);
  });

  it('is an error where a value can be met in none', () => {
    const [error, ...others] = told(program('method = [lmf, kp(B=5x5, C=5x5)]\n to = [5x, 3x]'));
    expect(others).toEqual([]);
    expect(error).toMatch(/^kp\/shapes: B=5x5 and C=5x5 make 25x25/);
    const [far, ...more] = told(program('method = [lmf, hlf(k=1)]\n to = [5x, 5000x]'));
    expect(more).toEqual([]);
    expect(far).toMatch(/5000x.* @ 5000x$/);
  });
});

describe('an editor', () => {
  it('finds the same errors by checking each value once where it can be met', () => {
    const errors = (text: string, extent: 'all' | 'each-value'): readonly string[] => {
      const found: string[] = [];
      const report = (d: Diagnostic): void => void (d.severity === 'error' && found.push(written(d)));
      check(parse({ path: 'test.cmp', text }, report), report, new Set(), extent);
      return found;
    };
    const methods = 'method = [lmf, prune, kp(B=5x5, C=5x5)]\n ';
    for (const sweep of [`${methods} to = [2x, 30x]`, 'method = [lmf, hlf(k=1)]\n to = [5x, 5000x]', 'seed = [-1]']) {
      expect(errors(program(sweep), 'each-value')).toEqual(errors(program(sweep), 'all'));
      expect(errors(program(sweep), 'each-value')).toHaveLength(1);
    }
    expect(errors(program('method = [lmf, prune]\n to = [2x, 30x]'), 'each-value')).toEqual([]);
  });

  it('checks as many combinations as there are values, not their product', () => {
    const text = program('method = [prune, lmf, kp, circulant]\n to = [2x, 3x, 4x, 5x, 6x]\n seed = [1, 2]');
    const tree = parse({ path: 'test.cmp', text }, () => undefined);
    const checking = { constants: new Map(), report: () => undefined };
    const tried = (extent: 'all' | 'each-value'): number => {
      let number = 0;
      const counting: typeof checkAlone = (...args) => {
        number++;
        return checkAlone(...args);
      };
      planSweep(tree, counting, checking, extent);
      return number;
    };
    expect([tried('all'), tried('each-value')]).toEqual([20, 8]);
  });
});

describe('a wrong sweep', () => {
  const cases: readonly (readonly [sweep: string, error: RegExp])[] = [
    ['', /^sweep\/no-axes: .* @ sweep$/],
    ['metod = [lmf]', /^sweep\/unknown-setting: `sweep` cannot vary `metod` \(did you mean `method`\?\) @ metod$/],
    ['method = [lfm, prune]', /^compress\/unknown-method: there is no method `lfm` .*`lmf`.* @ lfm$/],
    ['method = [hlf(kk=1)]', /^argument\/unknown: `hlf` has no argument `kk` .* @ kk$/],
    ['method = [5x]', /^sweep\/method-type: `method` lists methods, found the factor 5x .* @ 5x$/],
    ['to = [50%]', /^compress\/percent-goal: .* @ 50%$/],
    ['to = []', /^sweep\/no-values: .* @ \[\]$/],
    ['to = [2x, 3x, 2x]', /^sweep\/value-twice: `2x` stands twice in `to`/],
    ['to = [2x]\n rnn.to = [3x]', /^sweep\/given-twice: `to` is varied twice/],
    ['seed = [1, -2]', /^argument\/type: `seed` expects an integer of at least 0, found the number -2 .*@ -2$/],
    ['epochs = [1, 0]', /^argument\/type: `epochs` expects .* @ 0$/],
    ['data = [text("a")]', /^sweep\/same-for-all: `data` is the same/],
    ['next.method = [lmf]', /^sweep\/no-rule: `next.method` replaces .* no rule with a method selects these/],
    ['rnn.input.method = [lmf]', /^sweep\/rule-in-part: .*`rnn: lmf to 5x`/],
    ['rnn.epochs = [1]', /^model\/unexpected-selector: `epochs` takes no selector/],
    [`seed = [${Array.from({ length: 1001 }, (_, i) => i).join(', ')}]`, /^sweep\/too-many: `sweep` makes 1,001/],
  ];
  it.each(cases)('%#: %s', (sweep, error) => {
    const found = told(program(sweep));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(error);
  });

  it('needs training and rules', () => {
    const text = program('seed = [1]').replace(/train \{[^}]*\}/, '');
    expect(told(text)).toEqual([expect.stringMatching(/^sweep\/no-train/)]);
    const bare = program('method = [lmf]').replace(/compress \{[^}]*\}/, '');
    expect(told(bare)).toEqual([expect.stringMatching(/^sweep\/no-rule: .*no rule of the program/)]);
  });

  it('is not told what is wrong with the program itself', () => {
    expect(told(program('method = [lmf, prune]', { rules: 'rn: lmf to 5x' }))).toHaveLength(1);
  });
});

describe('baselines', () => {
  const add = (text: string, ...words: readonly BaselineWord[]): SweepPlan =>
    withBaselines(planOf(text), words, checkAlone);

  it('have the goals of the runs, and those that are there already are not added', () => {
    const plan = add(program('method = [hlf(k=1), lmf]\n to = [3x, 5x]'), 'small', 'prune', 'lmf', 'dense');
    expect(names(plan)).toEqual([
      ...['hlf-k-1_3x', 'hlf-k-1_5x', 'lmf_3x', 'lmf_5x'],
      ...['small_3x', 'small_5x', 'prune_3x', 'prune_5x', 'dense_3x'],
    ]);
    expect(plan.runs.map(({ baseline }) => baseline).filter(Boolean)).toHaveLength(5);
  });

  it('have the parameters of a run whose rule has no goal', () => {
    const plan = add(program('seed = [1]', { rules: 'rnn: hlf(j=3, k=1)' }), 'prune', 'lmf');
    expect(plan.axes).toEqual(['method', 'seed']);
    const [hlf, prune, lmf] = plan.runs.map(parameters);
    expect(names(plan)).toEqual(['as-written_seed1', 'prune_seed1', 'lmf_seed1']);
    expect(prune).toBe(hlf);
    expect(lmf).toBeLessThanOrEqual(hlf!);
    expect(lmf).toBeGreaterThan(0.85 * hlf!);
  });

  it('keep the road of pruned weights that a run has left out', () => {
    const train = 'sparsity = linear(from=5 steps, to=1 epoch, every=5 steps)';
    const text = program('method = [lmf]', { rules: 'rnn: prune to 5x', train });
    const prune = add(text, 'prune').runs.at(-1)!;
    expect(prune.model.training?.sparsity?.kind).toBe('linear');
  });
});
