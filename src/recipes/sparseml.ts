/**
 * SparseML recipes (lists of modifiers, in groups or not) as a recipe. Magnitude pruning, epoch ranges and learning
 * rates are carried; quantization, distillation and every other modifier is not, and is listed.
 */
import { Fields, isMapping, type Mapping } from './fields.js';
import type { ParameterPattern, Pruning, Rate, Recipe } from './recipe.js';

/** A modifier as the YAML reader gives it: its tag as the one key. */
export interface Modifier {
  readonly kind: string;
  readonly fields: Mapping;
}

function patternOf(text: string): ParameterPattern {
  if (text === '__ALL__' || text === '__ALL_PRUNABLE__') return { kind: 'all' };
  return text.startsWith('re:') ? { kind: 'expression', text: text.slice(3) } : { kind: 'name', text };
}

/** `[1, 4]` and `block4` are blocks; `unstructured` is none. Other structures have no counterpart. */
function blockOf(value: unknown): { readonly block: Pruning['block'] } | undefined {
  if (value === undefined || value === 'unstructured') return { block: undefined };
  if (value === 'block4') return { block: [1, 4] };
  const sizes = Array.isArray(value) && value.length === 2 && value.every((n) => Number.isInteger(n) && n >= 1);
  return sizes ? { block: [value[0] as number, value[1] as number] } : undefined;
}

class SparseMlReader {
  readonly prunings: Pruning[] = [];
  readonly notCarried: string[] = [];
  rate: Rate | undefined;
  epochs: number | undefined;

  read(modifiers: readonly Modifier[]): Recipe {
    for (const { kind, fields } of modifiers) this.#modifier(kind, new Fields(fields));
    const { prunings, rate, epochs, notCarried } = this;
    return { prunings, rate, epochs, notCarried };
  }

  #modifier(kind: string, fields: Fields): void {
    if (/^(GM|Magnitude|Global|GlobalMagnitude)PruningModifier$/.test(kind)) this.#pruning(kind, fields);
    else if (kind === 'ConstantPruningModifier') {
      this.notCarried.push(`${kind}: masks are always held after pruning here`);
      return;
    } else if (kind === 'EpochRangeModifier') this.#range(fields);
    else if (kind === 'SetLearningRateModifier') this.#constantRate(fields);
    else if (kind === 'LearningRateFunctionModifier') this.#rateFunction(kind, fields);
    else if (kind === 'LearningRateModifier') this.#decay(kind, fields);
    else {
      this.notCarried.push(`${kind}: it has no counterpart`);
      return;
    }
    for (const field of fields.unread()) this.notCarried.push(`${kind}: ${field}`);
  }

  #pruning(kind: string, fields: Fields): void {
    const shape = blockOf(fields.raw('mask_type'));
    const final = fields.number('final_sparsity');
    const parameters = (fields.texts('params') ?? []).map(patternOf);
    const curve = fields.text('inter_func') ?? 'cubic';
    const [from, to] = [fields.number('start_epoch') ?? 0, fields.number('end_epoch') ?? 0];
    const every = fields.number('update_frequency') ?? 1;
    const initial = fields.number('init_sparsity') ?? 0;
    const global = fields.truth('global_sparsity') ?? kind.startsWith('Global');
    fields.truth('leave_enabled');
    if (final === undefined || shape === undefined) {
      const why = final === undefined ? 'its final_sparsity is no number' : 'its mask_type has no counterpart';
      this.notCarried.push(`${kind}: ${why}`);
      return;
    }
    if (curve !== 'cubic' && curve !== 'linear')
      this.notCarried.push(`${kind}: inter_func ${curve}, cubic in its place`);
    const shared = { origin: kind, parameters, initial, final, from, to, every, global };
    this.prunings.push({ ...shared, curve: curve === 'linear' ? 'linear' : 'cubic', block: shape.block });
  }

  #range(fields: Fields): void {
    fields.number('start_epoch');
    const end = fields.number('end_epoch');
    if (end !== undefined && end > 0) this.epochs = Math.max(this.epochs ?? 0, end);
  }

  #constantRate(fields: Fields): void {
    const value = fields.number('learning_rate');
    const from = fields.number('start_epoch') ?? 0;
    if (value === undefined) this.notCarried.push('SetLearningRateModifier: its learning_rate is no number');
    else if (this.rate !== undefined || from > 0)
      this.notCarried.push(`SetLearningRateModifier: ${value} from epoch ${from} on`);
    else this.rate = { kind: 'constant', value };
  }

  #rateFunction(kind: string, fields: Fields): void {
    const name = fields.text('lr_func');
    const [start, end] = [fields.number('init_lr'), fields.number('final_lr')];
    const [from, to] = [fields.number('start_epoch') ?? 0, fields.number('end_epoch')];
    if (name !== 'linear' || start === undefined || end === undefined || to === undefined || end <= 0) {
      this.notCarried.push(`${kind}: lr_func ${name ?? 'none'} from ${start} to ${end}`);
      return;
    }
    this.rate = { kind: 'linear', start, end, from, to };
  }

  #decay(kind: string, fields: Fields): void {
    const name = fields.text('lr_class');
    const options = new Fields(fields.mapping('lr_kwargs') ?? {});
    const by = options.number('gamma');
    const start = fields.number('init_lr');
    const from = fields.number('start_epoch') ?? 0;
    if (by === undefined || (name !== 'ExponentialLR' && name !== 'StepLR')) {
      this.notCarried.push(`${kind}: lr_class ${name ?? 'none'}`);
      return;
    }
    if (from > 0) this.notCarried.push(`${kind}: its start at epoch ${from}; here it decays from the first`);
    fields.number('end_epoch');
    this.rate = { kind: 'decay', start, by, every: options.number('step_size') ?? 1 };
  }
}

/** Every modifier of a recipe, in order: `modifiers`, `pruning_modifiers`, and those in stages; unknown ones too. */
export function modifiersOf(root: unknown): readonly Modifier[] {
  if (Array.isArray(root)) return root.flatMap(modifiersOf);
  if (!isMapping(root)) return [];
  return Object.entries(root).flatMap(([key, value]) => {
    // A tag stands with its sign, `!GMPruningModifier`.
    const kind = key.replace(/^!/, '');
    if (kind !== key || key.endsWith('Modifier')) return [{ kind, fields: isMapping(value) ? value : {} }];
    return isMapping(value) || Array.isArray(value) ? modifiersOf(value) : [];
  });
}

export const readSparseMl = (modifiers: readonly Modifier[]): Recipe => new SparseMlReader().read(modifiers);
