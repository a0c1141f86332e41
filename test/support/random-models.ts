/** Random models of random programs: definitions, and a rule for some of their weights. */
import type { Dice } from './dice.js';
import { methodText, type RuleDice, rankedText, type Site, type Written } from './random-rules.js';

const sizes = [1, 2, 3, 5, 7, 13, 17, 31, 4, 8, 12, 16, 20, 24, 32, 48, 64];
/** Sizes for which gcc knows that loops over remainders make no turn. */
const tiles = [4, 8, 16, 24, 32, 64];
const gatesOf = { lstm: ['i', 'f', 'g', 'o'], gru: ['r', 'z', 'n'], rnn: [] } as const;
const activations = ['none', 'tanh', 'sigmoid', 'relu'];

/** What a program is trained on: a stream, labels for each token or each sequence, or nothing. */
export type Task = 'stream' | 'tagged' | 'classified' | 'none';

type Signal = readonly [name: string, width: number];

/** A recurrent layer of a definition. */
interface Cell {
  readonly path: string;
  readonly inputs: number;
  readonly units: number;
  readonly gates: readonly string[];
  /** Whether the gates may stand in one matrix. */
  readonly stacks: boolean;
  /** Its definition has no other layer. */
  readonly alone: boolean;
}

/** The greatest common one. */
const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));

/** One random model. */
export class ModelWriter {
  readonly lines: string[] = [];
  readonly written: Written = { rules: [], methods: [] };
  /** Some layer walks from both ends. */
  bothWays = false;
  readonly vocabulary: number;
  readonly #from: RuleDice;
  readonly #dice: Dice;
  readonly #sizes: readonly number[];
  readonly #task: Task;

  constructor(from: RuleDice, task: Task) {
    this.#from = from;
    this.#dice = from.dice;
    this.#task = task;
    this.#sizes = this.#dice.chance(40) ? tiles : sizes;
    this.vocabulary = this.#size() + 1;
    if (task === 'stream' || task === 'tagged') this.#tokenModel(task === 'stream' ? this.vocabulary : this.#size());
    else this.#sequenceModel();
  }

  #size(): number {
    return this.#dice.pick(this.#sizes);
  }

  #dropout(): string {
    return this.#dice.chance(30) ? `, dropout=${this.#dice.pick([10, 50, 65])}%` : '';
  }

  /** A class for every token. */
  #tokenModel(classes: number): void {
    const top = this.#recurrent(...this.#embedding());
    const [input, width] = this.#dice.chance(30) ? this.#dense('hidden', ...top) : top;
    this.#softmax('next', [input, width], classes);
  }

  #embedding(): Signal {
    const width = this.#size();
    this.lines.push(`tokens = ids(vocab=${this.vocabulary})`);
    this.lines.push(`embed = embedding(tokens, ${width}${this.#dropout()})`);
    const site = { gates: 1, stacks: true, rows: this.vocabulary, columns: width, softmax: false } as const;
    this.#maybeRule('embed', { ...site, table: true });
    return ['embed', width];
  }

  #dense(name: string, input: string, columns: number): Signal {
    const rows = this.#size();
    const activation = this.#dice.pick(activations);
    this.lines.push(`${name} = dense(${input}, ${rows}, activation=${activation}${this.#dropout()})`);
    const site = { gates: 1, stacks: true, rows, columns, softmax: false } as const;
    this.#maybeRule(name, name === 'value' ? site : { ...site, shrinks: true });
    return [name, rows];
  }

  #softmax(name: string, [input, columns]: Signal, rows: number): void {
    this.lines.push(`${name} = softmax(${input}, ${rows})`);
    this.#maybeRule(name, { gates: 1, stacks: true, rows, columns, softmax: true });
  }

  /** One or two definitions of recurrent layers, which may be stacked, and walk from both ends. */
  #recurrent(input: string, columns: number): Signal {
    const dice = this.#dice;
    let [from, width] = [input, columns];
    const ranked = dice.chance(12) ? { names: [] as string[], elements: 0, rows: 0 } : undefined;
    for (let i = 1; i <= dice.between(1, 2); i++) {
      const name = `rnn${i}`;
      const units = this.#size();
      const layers = dice.chance(25) ? dice.between(2, 3) : 1;
      const [kind, own] = this.#cell();
      const both = this.#task !== 'stream' && dice.chance(30);
      const merge = both ? dice.pick(['', ', merge=concat', ', merge=sum']) : '';
      this.bothWays ||= both;
      const more = `${layers > 1 ? `, layers=${layers}` : ''}${both ? `, bidirectional=yes${merge}` : ''}`;
      this.lines.push(`${name} = ${kind}(${from}, ${units}${more}${own}${this.#dropout()})`);
      const out = both && !merge.endsWith('sum') ? 2 * units : units;
      for (let layer = 1; layer <= layers; layer++) {
        const path = [name, ...(layers === 1 ? [] : [layer])].join('.');
        const facts = { units, gates: gatesOf[kind], stacks: kind !== 'gru', alone: layers === 1 && !both };
        const cell = { path, inputs: layer === 1 ? width : out, ...facts };
        if (ranked === undefined) this.#cellRules(path, both, cell);
        else ranked.elements += (both ? 2 : 1) * Math.max(1, cell.gates.length) * units * (cell.inputs + units);
      }
      ranked?.names.push(name);
      if (ranked !== undefined) ranked.rows = divisor(units, ranked.rows);
      [from, width] = [name, out];
    }
    if (ranked !== undefined)
      this.written.rules.push(`${ranked.names.join(', ')}: ${rankedText(this.#from, ranked, this.written)}`);
    return [from, width];
  }

  /** A recurrent layer and its own argument. */
  #cell(): ['lstm' | 'gru' | 'rnn', string] {
    const dice = this.#dice;
    const kind = dice.pick(['lstm', 'lstm', 'gru', 'gru', 'rnn'] as const);
    if (kind === 'lstm') return [kind, dice.chance(20) ? ', forget_bias=1' : ''];
    if (kind === 'gru') return [kind, dice.pick(['', ', reset_after=no', ', reset_after=yes', ', reset_after=yes'])];
    return [kind, dice.pick(['', ', activation=tanh', ', activation=relu'])];
  }

  /** Vectors or ids in; a class or values for each sequence, besides perhaps some for each step. */
  #sequenceModel(): void {
    const dice = this.#dice;
    const labelled = this.#task === 'classified';
    let top = !labelled && dice.chance(60) ? this.#features() : this.#embedding();
    if (dice.chance(80)) top = this.#recurrent(...top);
    const beside = !labelled && dice.chance(30);
    if (beside) this.#softmax('beside', top, this.#size());
    if (labelled || dice.chance(50)) top = this.#end(...top);
    if (dice.chance(40)) top = this.#dense('hidden', ...top);
    // A program with a softmax may not end in anything else.
    if (labelled || beside || dice.chance(70)) this.#softmax('class', top, this.#size());
    else this.#dense('value', ...top);
  }

  #features(): Signal {
    const width = this.#size();
    this.lines.push(`signal = features(${width})`);
    return this.#dice.chance(30) ? this.#dense('mixed', 'signal', width) : ['signal', width];
  }

  /** What is left of a sequence at its end: its last step, its largest values, or both. */
  #end(input: string, width: number): Signal {
    const kind = this.#dice.below(3);
    if (kind !== 1) this.lines.push(`end = last(${input})`);
    if (kind !== 0) this.lines.push(`most = max_over_time(${input})`);
    if (kind === 2) this.lines.push('both = concat(end, most)');
    return kind === 0 ? ['end', width] : kind === 1 ? ['most', width] : ['both', 2 * width];
  }

  #rule(selector: string, site: Site): void {
    this.written.rules.push(`${selector}: ${methodText(this.#from, site, this.written)}`);
  }

  #maybeRule(selector: string, site: Site): void {
    if (this.#dice.chance(50)) this.#rule(selector, site);
  }

  /** Both directions by one rule, or each by its own. */
  #cellRules(path: string, both: boolean, cell: Cell): void {
    const paths = !both || this.#dice.chance(70) ? [path] : [`${path}.forward`, `${path}.backward`];
    for (const of of paths) this.#gateRules({ ...cell, path: of });
  }

  /** Rules for one recurrent layer: whole, by column block, by sets of gates, by one weight, or overridden. */
  #gateRules({ path, inputs, units, gates, stacks, alone }: Cell): void {
    const dice = this.#dice;
    const all = Math.max(1, gates.length);
    const site = (count: number, columns: number): Site => ({
      ...{ gates: count, stacks, rows: units, columns, softmax: false },
    });
    const cut = dice.between(1, Math.max(1, gates.length - 1));
    const [low, high] = [gates.slice(0, cut), gates.slice(cut)].map((set) => `{${set.join(',')}}`) as [string, string];
    const whole = [path, { ...site(all, inputs + units), ...(alone ? { shrinks: true as const } : {}) }] as const;
    const recurrent = [`${path}.recurrent`, site(all, units)] as const;
    const ofAll: readonly (readonly (readonly [string, Site])[])[] = [
      [],
      [whole],
      [whole],
      [[`${path}.input`, site(all, inputs)], recurrent],
      [recurrent],
      [
        [path, site(all, inputs)],
        [`override ${path}.recurrent`, site(all, units)],
      ],
    ];
    const ofGates: typeof ofAll = [
      [low, high].map((set) => [`${path}.${set}`, site(1, inputs + units)] as const),
      [[`${path}.input.${low}`, site(1, inputs)]],
      [[`${path}.recurrent.${gates.length === 0 ? '' : dice.pick(gates)}`, site(1, units)]],
    ];
    const choices = gates.length === 0 ? ofAll : [...ofAll, ...ofGates];
    for (const [selector, of] of dice.pick(choices)) this.#rule(selector, of);
  }
}
