/**
 * Distiller schedules (`version: 1`, `pruners`, `lr_schedulers`, `policies`) as a recipe. Pruners by magnitude with a
 * gradual or a fixed sparsity are carried; sensitivity, filter and structure pruners, quantizers and regularizers are
 * not, and are listed.
 */
import { Fields, isMapping, type Mapping } from './fields.js';
import type { Pruning, Rate, Recipe } from './recipe.js';

interface Policy {
  readonly from: number;
  readonly to: number | undefined;
  readonly every: number;
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** When a policy is in force; `epochs` may name single ones instead of a span. */
function policyOf(fields: Fields): Policy {
  const single = list(fields.raw('epochs')).filter((e): e is number => typeof e === 'number');
  const from = fields.number('starting_epoch') ?? single[0] ?? 0;
  return { from, to: fields.number('ending_epoch') ?? single.at(-1), every: fields.number('frequency') ?? 1 };
}

class DistillerReader {
  readonly prunings: Pruning[] = [];
  readonly notCarried: string[] = [];
  rate: Rate | undefined;
  epochs: number | undefined;
  readonly #root: Fields;
  readonly #used = new Set<string>();

  constructor(root: Mapping) {
    this.#root = new Fields(root);
  }

  read(): Recipe {
    this.#root.raw('version');
    const pruners = this.#root.mapping('pruners') ?? {};
    const rates = this.#root.mapping('lr_schedulers') ?? {};
    for (const policy of list(this.#root.raw('policies'))) {
      if (isMapping(policy)) this.#policy(new Fields(policy), pruners, rates);
      else this.notCarried.push('a policy that is no mapping');
    }
    for (const name of [...Object.keys(pruners), ...Object.keys(rates)]) {
      if (!this.#used.has(name)) this.notCarried.push(`${name}: no policy uses it`);
    }
    for (const name of this.#root.unread()) this.notCarried.push(`${name}: nothing of the kind here`);
    const { prunings, rate, epochs, notCarried } = this;
    return { prunings, rate, epochs, notCarried };
  }

  #policy(fields: Fields, pruners: Mapping, rates: Mapping): void {
    const policy = policyOf(fields);
    if (policy.to !== undefined) this.epochs = Math.max(this.epochs ?? 0, policy.to);
    const pruner = fields.mapping('pruner');
    const rate = fields.mapping('lr_scheduler');
    if (pruner !== undefined) this.#instance(pruner, pruners, (name, found) => this.#pruner(name, found, policy));
    if (rate !== undefined) this.#instance(rate, rates, (name, found) => this.#rate(name, found, policy));
    for (const name of fields.unread()) this.notCarried.push(`a policy's ${name}: nothing of the kind here`);
  }

  #instance(reference: Mapping, known: Mapping, use: (name: string, found: Fields) => void): void {
    const fields = new Fields(reference);
    const name = fields.text('instance_name') ?? '';
    const found = known[name];
    this.#used.add(name);
    if (isMapping(found)) use(name, new Fields(found));
    else this.notCarried.push(`a policy names ${name || 'nothing'}, which is not defined`);
    const options = fields.mapping('args');
    if (options !== undefined) this.notCarried.push(`${name}: args ${Object.keys(options).join(', ')}`);
  }

  #pruner(name: string, fields: Fields, { from, to, every }: Policy): void {
    const kind = fields.text('class') ?? 'none';
    const weights = fields.texts('weights') ?? [];
    const levels = fields.mapping('levels');
    const shared = { from, to: to ?? from, every, curve: 'cubic' as const, block: undefined, global: false };
    const named = (names: readonly string[]) => names.map((text) => ({ kind: 'name' as const, text }));
    if (kind === 'AutomatedGradualPruner') {
      const final = fields.number('final_sparsity');
      const initial = fields.number('initial_sparsity') ?? 0;
      if (final === undefined) this.notCarried.push(`${name}: it has no final_sparsity`);
      else this.prunings.push({ ...shared, origin: name, parameters: named(weights), initial, final });
    } else if (kind === 'SparsityLevelParameterPruner' && levels !== undefined) {
      for (const [parameter, level] of Object.entries(levels)) {
        if (typeof level !== 'number') this.notCarried.push(`${name}: the level of ${parameter} is no number`);
        else this.prunings.push({ ...shared, origin: name, parameters: named([parameter]), initial: 0, final: level });
      }
    } else {
      this.notCarried.push(`${name}: the pruner ${kind} has no counterpart; state the sparsity it leads to`);
      return;
    }
    for (const field of fields.unread()) this.notCarried.push(`${name}: ${field}`);
  }

  #rate(name: string, fields: Fields, { every }: Policy): void {
    const kind = fields.text('class') ?? 'none';
    const by = fields.number('gamma');
    if (by === undefined || (kind !== 'ExponentialLR' && kind !== 'StepLR')) {
      this.notCarried.push(`${name}: the schedule ${kind} has no counterpart`);
      return;
    }
    const steps = kind === 'StepLR' ? (fields.number('step_size') ?? 1) : 1;
    this.rate = { kind: 'decay', start: undefined, by, every: steps * every };
    for (const field of fields.unread()) this.notCarried.push(`${name}: ${field}`);
  }
}

export const isDistiller = (root: Mapping): boolean => root['policies'] !== undefined;

export const readDistiller = (root: Mapping): Recipe => new DistillerReader(root).read();
