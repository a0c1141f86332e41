import { describe, expect, it } from 'vitest';
import { medium, modelOf } from '../../test/support/check-text.js';
import { Diagnostics } from '../diagnostics/diagnostic.js';
import { check } from '../model/check.js';
import { parse } from '../syntax/parse.js';
import { printProgram } from '../syntax/print.js';
import { readRecipe } from './read-recipe.js';
import { toProgram } from './to-program.js';

const base = medium(
  'rnn1: prune to 2x',
  'train {\n  data = text("ptb")\n  epochs = 10\n  lr = decay(20, by=1/4)\n}\nemit c {}',
);

function imported(yaml: string, text = base): { readonly text: string; readonly notCarried: readonly string[] } {
  const program = parse({ path: 'm.cmp', text }, (d) => expect.fail(d.message));
  const { program: made, notCarried } = toProgram(readRecipe(yaml, 'recipe.yaml'), program, modelOf(text));
  const printed = printProgram(made);
  const found = new Diagnostics();
  check(parse({ path: 'made.cmp', text: printed }, found.report), found.report);
  expect(found.all.filter((d) => d.severity === 'error').map((d) => d.message)).toEqual([]);
  return { text: printed, notCarried };
}

const distiller = `
version: 1
pruners:
  l0:
    class: AutomatedGradualPruner
    initial_sparsity: 0.05
    final_sparsity: 0.50
    weights: [rnn.weight_ih_l0, module.rnn.weight_hh_l0]
  l1:
    class: AutomatedGradualPruner
    initial_sparsity: 0.05
    final_sparsity: 0.60
    weights: [rnn.weight_ih_l1, rnn.weight_hh_l1, rnn.weight_hh_l7]
  fixed:
    class: SparsityLevelParameterPruner
    levels: { decoder.weight: 0.3 }
  filters: { class: L1RankedStructureParameterPruner, group_type: Filters }
lr_schedulers:
  rate: { class: StepLR, gamma: 0.5, step_size: 2, last_epoch: -1 }
quantizers:
  q: { class: QuantAwareTrainRangeLinearQuantizer }
policies:
  - pruner: { instance_name: l0 }
    starting_epoch: 2
    ending_epoch: 20
    frequency: 3
  - pruner: { instance_name: l1 }
    starting_epoch: 3
    ending_epoch: 22
    frequency: 3
  - pruner: { instance_name: fixed }
    epochs: [0]
  - pruner: { instance_name: filters }
    epochs: [1]
  - pruner: { instance_name: gone }
    epochs: [1]
  - lr_scheduler: { instance_name: rate }
    starting_epoch: 0
    ending_epoch: 40
    frequency: 1
`;

describe('a Distiller schedule', () => {
  it('becomes rules and schedules of the layers it names', () => {
    const { text } = imported(
      distiller.replace(/ {2}fixed:\n.*\n.*\n/, '').replace(/ {2}- pruner: \{ instance_name: fixed \}\n.*\n/, ''),
    );
    expect(text).toContain('  rnn1.input, rnn1.recurrent: prune(sparsity=50%)\n');
    expect(text).toContain('  rnn2.input, rnn2.recurrent: prune(sparsity=60%)\n');
    expect(text).toMatch(/ sparsity += cubic\(from=2 epochs, to=20 epochs, start=5%\)/);
    expect(text).toMatch(/sparsity\(rnn2\) += cubic\(from=3 epochs, to=22 epochs, start=5%\)/);
    expect(text).toMatch(/ epochs += 40\n/);
    expect(text).toMatch(/ lr += decay\(1, by=0.5, every=2 epochs\)/);
    expect(text).not.toContain('to 2x');
    expect(text).toContain('emit c {}');
  });

  it('lists what is lost, and each once', () => {
    const { notCarried } = imported(distiller.replace('epochs: [0]', 'starting_epoch: 0\n    ending_epoch: 1'));
    for (const line of [
      'l1: rnn.weight_hh_l7 names no weight of this model',
      'filters: the pruner L1RankedStructureParameterPruner has no counterpart; state the sparsity it leads to',
      'a policy names gone, which is not defined',
      'rate: last_epoch',
      'quantizers: nothing of the kind here',
    ]) {
      expect(notCarried.filter((found) => found === line)).toHaveLength(1);
    }
  });
});

const sparseml = `---
# a recipe in Markdown
modifiers:
  - !EpochRangeModifier
      start_epoch: 0.0
      end_epoch: 12.0
  - !SetLearningRateModifier
      start_epoch: 0.0
      learning_rate: 0.5
pruning_modifiers:
  - !GMPruningModifier
      start_epoch: 1
      end_epoch: 7.5
      update_frequency: 0.5
      init_sparsity: 0.05
      final_sparsity: 0.8
      params: ['re:.*weight_(ih|hh)_l.*']
      mask_type: [4, 1]
      inter_func: linear
  - !GMPruningModifier
      start_epoch: 1
      end_epoch: 7.5
      final_sparsity: 0.5
      params: __ALL_PRUNABLE__
      inter_func: linear
      init_sparsity: 0.05
      log_types: __ALL__
  - !QuantizationModifier
      start_epoch: 8
---
Some words about it.
`;

describe('a SparseML recipe', () => {
  it('becomes rules and schedules, and the first modifier of a weight wins', () => {
    const { text, notCarried } = imported(sparseml.replace('params: __ALL_PRUNABLE__', "params: ['decoder.weight']"));
    const rule = /rnn1\.input, rnn1\.recurrent, rnn2\.input, rnn2\.recurrent: prune\(sparsity=80%, block=4x1\)/;
    expect(text.replace(/\s+/g, ' ')).toMatch(rule);
    expect(text).toContain('next: prune(sparsity=50%)');
    expect(text).toMatch(/ sparsity += linear\(from=1 epoch, to=7.5 epochs, start=5%\)/);
    expect(text).toMatch(/ lr += 0.5\n/);
    expect(text).toMatch(/ epochs += 12\n/);
    expect(notCarried).toContain('QuantizationModifier: it has no counterpart');
    expect(notCarried).toContain('GMPruningModifier: log_types');
  });

  it('lists modifiers of other names by their tags', () => {
    const { notCarried } = imported(sparseml.replace('!QuantizationModifier', '!LayerThinning'));
    expect(notCarried).toContain('LayerThinning: it has no counterpart');
  });

  it('with a global sparsity ranks all its weights as one', () => {
    const { text, notCarried } = imported(sparseml.replace('mask_type: [4, 1]', 'global_sparsity: True'));
    expect(text.replace(/\s+/g, ' ')).toContain('rnn2.recurrent: prune(sparsity=80%, ranking=global)');
    expect(notCarried.join()).not.toContain('ranking');
  });

  it('lists weights that two modifiers prune', () => {
    const { notCarried } = imported(sparseml.replace('__ALL_PRUNABLE__', "['re:.*_l0', 'decoder.weight']"));
    expect(notCarried).toContain('GMPruningModifier: rnn1.input, which an earlier one prunes');
  });
});

describe('a recipe that cannot be read', () => {
  const refusals: readonly (readonly [string, string, RegExp])[] = [
    ['another file', 'a: 1\n', /holds neither Distiller policies nor SparseML modifiers/],
    ['no YAML', 'a: [1\n', /is not YAML/],
    ['an empty file', '', /holds neither/],
    ['a list that holds itself', '&a [*a, *a]\n', /r\.yaml has aliases that unfold without end/],
  ];
  it.each(refusals)('%s', (_, yaml, message) => {
    expect(() => readRecipe(yaml, 'r.yaml')).toThrow(message);
  });

  it.for([
    ['1.5', 'percent 150% is outside 0% to 100%'],
    ['-0.5', 'percent'],
  ] as const)('a sparsity of %s is refused', ([sparsity, why]) => {
    const recipe = readRecipe(sparseml.replace(/final_sparsity: [\d.]+/, `final_sparsity: ${sparsity}`), 'r.yaml');
    const program = parse({ path: 'm.cmp', text: base }, (d) => expect.fail(d.message));
    expect(() => toProgram(recipe, program, modelOf(base))).toThrow(`the recipe asks for what no program has: ${why}`);
  });

  it('leaves schedules out when the program trains nothing, and says so', () => {
    const { text, notCarried } = imported(sparseml.replace('__ALL_PRUNABLE__', "['decoder.weight']"), medium('', ''));
    expect(text).not.toContain('train');
    expect(notCarried).toContain('schedules, rates and epochs: the program has no `train` block');
  });

  it('a wrong regular expression names no weight', () => {
    const { notCarried } = imported(
      sparseml.replace("'re:.*weight_(ih|hh)_l.*'", "'re:(('").replace('__ALL_PRUNABLE__', "['decoder.weight']"),
    );
    expect(notCarried).toContain('GMPruningModifier: (( names no weight of this model');
  });
});
