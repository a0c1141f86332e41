/** Random small bidirectional models: every cell, depth, merge and end, beside layers of one direction. */
import { Dice } from './dice.js';
import { cores } from './random-programs.js';

const widths = [1, 2, 3, 5, 7, 8, 13, 16, 17];

class DirectedWriter {
  readonly #dice: Dice;
  readonly #lines: string[] = [];
  readonly #rules: string[] = [];

  constructor(seed: number) {
    this.#dice = new Dice(seed, 'random directions');
  }

  write(): string {
    const dice = this.#dice;
    const bottom = this.#bottom();
    // Its state is made by an early loop, and may be read at the end.
    const below = dice.chance(40) ? this.#recurrent('low', bottom, false) : bottom;
    const first = this.#recurrent('first', below, true);
    const tops = [dice.chance(40) ? this.#recurrent('second', first, dice.chance(60)) : first];
    // A second pair beside the first, and a way around both.
    if (dice.chance(30)) tops.push(this.#recurrent('beside', below, true));
    if (dice.chance(30)) tops.push(below);
    let top = tops[0]!;
    if (tops.length > 1) top = this.#add('joined', `concat(${tops.join(', ')})`);
    if (dice.chance(40)) top = this.#add('hidden', `dense(${top}, ${dice.pick(widths)}, activation=tanh)`);
    const ends = dice.below(4);
    if (ends !== 1) this.#add('tags', `softmax(${top}, ${dice.between(2, 5)})`);
    if (ends === 1 || ends === 2) {
      const end = this.#add('end', `last(${dice.pick([top, below])})`);
      const most = this.#add('most', `max_over_time(${top})`);
      this.#add('both', `concat(${end}, ${most})`);
      this.#add('class', `softmax(both, ${dice.between(2, 5)})`);
    }
    return this.#text();
  }

  #add(name: string, call: string): string {
    this.#lines.push(`${name} = ${call}`);
    return name;
  }

  #bottom(): string {
    const dice = this.#dice;
    if (dice.chance(40)) return this.#add('signal', `features(${dice.pick(widths)})`);
    this.#add('tokens', `ids(vocab=${dice.between(2, 20)})`);
    return this.#add('embed', `embedding(tokens, ${dice.pick(widths)})`);
  }

  #recurrent(name: string, input: string, both: boolean): string {
    const dice = this.#dice;
    const cell = dice.pick(['lstm', 'gru', 'rnn']);
    const layers = dice.chance(30) ? ', layers=2' : '';
    const form = cell === 'gru' && dice.chance(50) ? ', reset_after=yes' : '';
    const direction = both ? `, bidirectional=yes, merge=${dice.pick(['concat', 'sum'])}` : '';
    // More than one unit, so that a factor of rank 1 is none that the whole matrix could be.
    const call = `${cell}(${input}, ${dice.pick(widths.slice(1))}${layers}${form}${direction})`;
    const methods = ['lmf(r=1)', 'hlf(j=1, k=1)', 'prune(sparsity=60%)', 'circulant(block=2)', 'dkp(sparsity=70%)'];
    const one = both && layers === '' ? ['', '.forward', '.backward', '.backward.recurrent'] : [''];
    if (dice.chance(60)) this.#rules.push(`${name}${dice.pick(one)}: ${dice.pick(methods)}`);
    return this.#add(name, call);
  }

  #text(): string {
    const dice = this.#dice;
    const length = `max_steps = ${dice.between(1, 5)}`;
    const activation = `activation = ${dice.pick(['exact', 'std', 'fast'])}`;
    const blocks: (readonly [string, readonly string[]])[] = [
      ['model directed', this.#lines],
      ['compress', this.#rules],
      ['emit neon', [`cpu = ${dice.pick(cores)}`, length, activation]],
      ['emit c', [length, activation]],
    ];
    const texts = blocks.map(([head, lines]) => `${head} {\n${lines.map((line) => `  ${line}\n`).join('')}}\n`);
    return `language 1\n\n${texts.join('\n')}`;
  }
}

/** The text of the bidirectional program with this number. */
export const directedProgram = (seed: number): string => new DirectedWriter(seed).write();
