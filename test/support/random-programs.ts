/**
 * Random small programs as text: all layers, methods, selectors, goals, optimizers and emit settings, sizes that are
 * 1, prime or multiples of a tile. A seed always gives the same program. Goals may ask for more than tiny matrices
 * can give; everything else is legal by construction.
 */
import { bitsAt, streamKey } from '../../src/tensor/random.js';

/** Draws by number; the same seed draws the same. */
export class Dice {
  readonly #key;
  #at = 0;

  constructor(seed: number, purpose: string) {
    this.#key = streamKey(seed, purpose);
  }

  below(limit: number): number {
    return bitsAt(this.#key, this.#at++) % limit;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }

  /** True in `percent` of 100 cases. */
  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  /** A whole number, both ends included. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }
}

const sizes = [1, 2, 3, 5, 7, 13, 17, 31, 4, 8, 12, 16, 20, 24, 32, 48, 64];
/** Sizes for which gcc knows that loops over remainders make no turn. */
const tiles = [4, 8, 16, 24, 32, 64];
const gatesOf = { lstm: ['i', 'f', 'g', 'o'], gru: ['r', 'z', 'n'], rnn: [] } as const;
const activations = ['none', 'tanh', 'sigmoid', 'relu'];
export const cores = ['cortex-a53', 'cortex-a73', 'cortex-a55', 'cortex-a7', 'cortex-a9', 'cortex-a15'] as const;

/** The matrices that a rule stores: one per gate. */
interface Site {
  readonly gates: number;
  /** Whether the gates may stand in one matrix; those of a gru read different vectors. */
  readonly stacks: boolean;
  readonly rows: number;
  readonly columns: number;
  readonly softmax: boolean;
  /** Rows looked up by id. */
  readonly table?: true;
}

/** The gates of a recurrent layer, and whether they may stand in one matrix. */
interface Gates {
  readonly gates: readonly string[];
  readonly stacks: boolean;
}

interface Written {
  readonly rules: string[];
  doped: boolean;
  pruned: boolean;
}

const divisors = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1).filter((d) => n % d === 0);

/** One random program. */
class Writer {
  readonly #seed: number;
  readonly #dice: Dice;
  readonly #sizes: readonly number[];
  readonly #model: string[] = [];
  readonly #written: Written = { rules: [], doped: false, pruned: false };
  readonly #goals: boolean;

  constructor(seed: number) {
    this.#seed = seed;
    this.#dice = new Dice(seed, 'random program');
    this.#sizes = this.#dice.chance(40) ? tiles : sizes;
    this.#goals = this.#dice.chance(60);
  }

  write(): string {
    const language = this.#dice.chance(65);
    const vocabulary = this.#size() + 1;
    if (language) this.#languageModel(vocabulary);
    else this.#otherModel();
    const blocks = [
      ['model tiny', this.#model],
      ...(this.#written.rules.length > 0 ? [['compress', this.#written.rules] as const] : []),
      ...(language ? [['train', this.#training(vocabulary)] as const] : []),
      ...this.#emits(),
    ] as const;
    const texts = blocks.map(([head, lines]) => `${head} {\n${lines.map((line) => `  ${line}\n`).join('')}}\n`);
    return `language 1\n\n${texts.join('\n')}`;
  }

  #size(): number {
    return this.#dice.pick(this.#sizes);
  }

  #dropout(): string {
    return this.#dice.chance(30) ? `, dropout=${this.#dice.pick([10, 50, 65])}%` : '';
  }

  #languageModel(vocabulary: number): void {
    this.#model.push(`tokens = ids(vocab=${vocabulary})`);
    const top = this.#recurrent('', ...this.#embedding('tokens', vocabulary));
    const [input, width] = this.#dice.chance(30) ? this.#dense('hidden', ...top) : top;
    this.#model.push(`next = softmax(${input}, ${vocabulary})`);
    this.#maybeRule('next', { gates: 1, stacks: true, rows: vocabulary, columns: width, softmax: true });
  }

  #embedding(ids: string, rows: number): [string, number] {
    const width = this.#size();
    this.#model.push(`embed = embedding(${ids}, ${width}${this.#dropout()})`);
    this.#maybeRule('embed', { gates: 1, stacks: true, rows, columns: width, softmax: false, table: true });
    return ['embed', width];
  }

  #dense(name: string, input: string, columns: number): [string, number] {
    const rows = this.#size();
    const activation = this.#dice.pick(activations);
    this.#model.push(`${name} = dense(${input}, ${rows}, activation=${activation}${this.#dropout()})`);
    this.#maybeRule(name, { gates: 1, stacks: true, rows, columns, softmax: false });
    return [name, rows];
  }

  /** One or two definitions of recurrent layers, one of which may be stacked. */
  #recurrent(suffix: string, input: string, columns: number): [string, number] {
    let [from, width] = [input, columns];
    for (let i = 1; i <= this.#dice.between(1, 2); i++) {
      const name = `rnn${suffix}${i}`;
      const units = this.#size();
      const layers = this.#dice.chance(25) ? 2 : 1;
      const [kind, own] = this.#cell();
      const stacked = layers === 2 ? ', layers=2' : '';
      this.#model.push(`${name} = ${kind}(${from}, ${units}${stacked}${own}${this.#dropout()})`);
      for (let layer = 1; layer <= layers; layer++) {
        const path = layers === 1 ? name : `${name}.${layer}`;
        const stacks = kind !== 'gru';
        this.#gateRules(path, [layer === 1 ? width : units, units], { gates: gatesOf[kind], stacks });
      }
      [from, width] = [name, units];
    }
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

  /** Vectors or ids in; outputs per step and per sequence. */
  #otherModel(): void {
    const dice = this.#dice;
    let top: [string, number];
    if (dice.chance(60)) {
      const width = this.#size();
      this.#model.push(`signal = features(${width})`);
      top = dice.chance(30) ? this.#dense('mixed', 'signal', width) : ['signal', width];
    } else {
      const vocabulary = this.#size();
      this.#model.push(`tokens = ids(vocab=${vocabulary})`);
      top = this.#embedding('tokens', vocabulary);
    }
    if (dice.chance(80)) top = this.#recurrent('', ...top);
    const beside = dice.chance(30);
    if (beside) this.#softmax('beside', ...top);
    if (dice.chance(50)) {
      top = this.#end(...top);
    }
    if (dice.chance(40)) top = this.#dense('hidden', ...top);
    // A program with a softmax may not end in anything else.
    if (beside || dice.chance(70)) this.#softmax('class', ...top);
    else this.#dense('value', ...top);
  }

  /** What is left of a sequence at its end: its last step, its largest values, or both. */
  #end(input: string, width: number): [name: string, width: number] {
    const kind = new Dice(this.#seed, 'end').below(3);
    if (kind !== 1) this.#model.push(`end = last(${input})`);
    if (kind !== 0) this.#model.push(`most = max_over_time(${input})`);
    if (kind === 2) this.#model.push('both = concat(end, most)');
    return kind === 0 ? ['end', width] : kind === 1 ? ['most', width] : ['both', 2 * width];
  }

  #softmax(name: string, input: string, columns: number): void {
    const rows = this.#size();
    this.#model.push(`${name} = softmax(${input}, ${rows})`);
    this.#maybeRule(name, { gates: 1, stacks: true, rows, columns, softmax: true });
  }

  #rule(selector: string, site: Site): void {
    this.#written.rules.push(`${selector}: ${this.#method(site)}`);
  }

  #maybeRule(selector: string, site: Site): void {
    if (this.#dice.chance(50)) this.#rule(selector, site);
  }

  /** Rules for one recurrent layer: whole, by column block, by sets of gates, by one weight, or overridden. */
  #gateRules(path: string, [inputs, units]: readonly [number, number], { gates, stacks }: Gates): void {
    const dice = this.#dice;
    const all = Math.max(1, gates.length);
    const site = (count: number, columns: number): Site => ({
      gates: count,
      stacks,
      rows: units,
      columns,
      softmax: false,
    });
    const cut = dice.between(1, Math.max(1, gates.length - 1));
    const [low, high] = [gates.slice(0, cut), gates.slice(cut)].map((set) => `{${set.join(',')}}`) as [string, string];
    const both = inputs + units;
    const recurrent = [`${path}.recurrent`, site(all, units)] as const;
    const ofAll: readonly (readonly (readonly [string, Site])[])[] = [
      [],
      [[path, site(all, both)]],
      [[path, site(all, both)]],
      [[`${path}.input`, site(all, inputs)], recurrent],
      [recurrent],
      [
        [path, site(all, inputs)],
        [`override ${path}.recurrent`, site(all, units)],
      ],
    ];
    const ofGates: typeof ofAll = [
      [
        [`${path}.${low}`, site(1, both)],
        [`${path}.${high}`, site(1, both)],
      ],
      [[`${path}.input.${low}`, site(1, inputs)]],
      [[`${path}.recurrent.${gates.length === 0 ? '' : dice.pick(gates)}`, site(1, units)]],
    ];
    const choices = gates.length === 0 ? ofAll : [...ofAll, ...ofGates];
    for (const [selector, of] of dice.pick(choices)) this.#rule(selector, of);
  }

  #method(site: Site): string {
    const dice = this.#dice;
    const always = ['dense', 'prune', 'lmf', 'kp', 'dkp', 'dkp', 'dkp'];
    const kinds = site.softmax || site.rows < 2 ? always : [...always, 'hlf', 'hkp'];
    const tables = ['dense', 'prune', 'lmf', ...(site.rows < 2 ? [] : ['hlf'])];
    const kind = dice.pick(site.table === true ? tables : kinds);
    const stacked = site.stacks && site.gates > 1 && dice.chance(25);
    const of = stacked ? { ...site, rows: site.gates * site.rows, gates: 1 } : site;
    const goal = this.#goals && kind !== 'dense' && dice.chance(60) ? this.#goal(site) : undefined;
    const args = this.#arguments(kind, of, goal !== undefined);
    // Factors say by themselves which layout they are of, where they fit only one.
    const says = args.length === 2 && kind !== 'hlf';
    const layout = stacked && !(says && dice.chance(30)) ? ['layout=stacked'] : [];
    const sparse = kind === 'prune' || kind === 'dkp';
    const block = sparse && dice.chance(40) ? [`block=${this.#block(of)}`] : [];
    const share = sparse && goal === undefined ? [`sparsity=${dice.pick([0, 30, 50, 81.7, 95, 99])}%`] : [];
    const form = kind === 'dkp' && dice.chance(50) ? [`form=${dice.pick(['2a', '2b'])}`] : [];
    this.#written.pruned ||= sparse;
    this.#written.doped ||= kind === 'dkp';
    return `${kind}(${[...args, ...share, ...block, ...form, ...layout].join(', ')})${goal === undefined ? '' : ` to ${goal}`}`;
  }

  /** A block that fills all gates below each other; or every gate, where input and state may be stored apart. */
  #block({ gates: count, stacks, rows, columns }: Site): string {
    const side = (extent: number): number => this.#dice.pick(divisors(extent).filter((d) => d <= 32));
    return stacks ? `${side(count * rows)}x${side(columns)}` : `${side(rows)}x1`;
  }

  #arguments(kind: string, { rows, columns }: Site, open: boolean): string[] {
    const dice = this.#dice;
    if (kind === 'lmf') return open ? [] : [`r=${dice.between(1, Math.min(rows, columns, 9))}`];
    if (kind === 'hlf') {
      const k = dice.between(1, Math.min(rows - 1, columns, 4));
      return open ? [`k=${k}`] : [`j=${dice.between(1, rows - k)}`, `k=${k}`];
    }
    if (kind === 'kp' && open && dice.chance(40)) return [`factors=${dice.between(2, 3)}`];
    if (kind === 'dense' || kind === 'prune' || (open && kind !== 'dkp')) return [];
    if (kind === 'dkp' && dice.chance(15)) return [];
    const upper = kind === 'hkp' ? dice.between(1, rows - 1) : 0;
    const lower = rows - upper;
    const [m1, n1] = [dice.pick(divisors(lower)), dice.pick(divisors(columns))];
    const rest = [lower / m1, columns / n1] as const;
    if (kind === 'kp' && dice.chance(30)) return [`B=${m1}x${n1}`, ...this.#twoFactors(...rest)];
    const factors = [`B=${m1}x${n1}`, `C=${rest[0]}x${rest[1]}`];
    return kind === 'hkp' ? [`rows=${upper}`, ...factors] : factors;
  }

  #twoFactors(rows: number, columns: number): string[] {
    const [m2, n2] = [this.#dice.pick(divisors(rows)), this.#dice.pick(divisors(columns))];
    return [`C=${m2}x${n2}`, `D=${rows / m2}x${columns / n2}`];
  }

  #goal({ gates: count, rows, columns, table }: Site): string {
    const dice = this.#dice;
    const kind = table === true ? dice.between(1, 3) : dice.below(4);
    if (kind === 0) return `${dice.pick(['1.2x', '1.5x', '2x', '10/3x'])} macs`;
    const bytes = 4 * count * rows * columns + 64;
    if (kind === 1) return `${Math.ceil((bytes * dice.between(30, 110)) / 100)} B`;
    return dice.pick(['1.2x', '1.5x', '2x', '10/3x', '5x', '8x']);
  }

  #training(vocabulary: number): string[] {
    const dice = this.#dice;
    // Many samples at once are worth more ops: factors are then applied one after the other.
    const batch = dice.chance(25) ? dice.pick([48, 100]) : dice.between(1, 3);
    const clip = dice.chance(60) ? [`clip=${dice.pick([0.25, 5])}`] : [];
    const decay = dice.chance(30) ? ['weight_decay=0.01'] : [];
    const shared = [...clip, ...decay].join(', ');
    // Larger epsilons than the usual ones: where a gradient is nothing but rounding, these rules would magnify it.
    const own = {
      sgd: '',
      momentum: 'momentum=0.8',
      adam: 'epsilon=1e-3',
      adamw: 'epsilon=1e-3',
      adagrad: 'epsilon=1e-3',
      rmsprop: `epsilon=1e-3${dice.pick(['', ', momentum=0.5'])}`,
      adadelta: 'epsilon=1e-3',
    };
    const optimizer = dice.pick(Object.keys(own) as (keyof typeof own)[]);
    const cmr = this.#written.doped && dice.chance(60);
    const regularizers = [
      ...(cmr ? [`cmr(p=${dice.pick([30, 50, 70])}%${dice.chance(50) ? ', until=sparsity(20%)' : ''})`] : []),
      ...(dice.chance(30) ? ['l2(1e-3)'] : []),
    ];
    return [
      `data = generated(order=1, vocab=${vocabulary}, tokens=2000, batch=${batch}, unroll=${dice.between(1, 4)})`,
      `init = uniform(${dice.pick([0.05, 0.3, 1])})`,
      `optimizer = ${optimizer}(${[own[optimizer], shared].filter((s) => s !== '').join(', ')})`,
      'lr = 0.25',
      'epochs = 2',
      ...(this.#written.pruned ? ['sparsity = cubic(from=3 steps, to=1 epoch, every=5 steps)'] : []),
      ...(this.#written.doped && dice.chance(40) ? ['alternate = bcd(every=3 steps)'] : []),
      ...(regularizers.length > 0 ? [`regularize = [${regularizers.join(', ')}]`] : []),
    ];
  }

  #emits(): [string, string[]][] {
    const dice = this.#dice;
    const activation = `activation = ${dice.pick(['exact', 'std', 'fast'])}`;
    const both: [string, string[]][] = [
      ['emit neon', [`cpu = ${dice.pick(cores)}`, activation]],
      ['emit c', [activation]],
    ];
    return dice.chance(50) ? both : both.reverse();
  }
}

/** The text of the program with this number. */
export const randomProgram = (seed: number): string => new Writer(seed).write();
