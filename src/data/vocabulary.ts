/** From counted symbols to ids: the most frequent first, ties by first place, the special ones always among them. */
import { endOfLine, unknownWord } from './tokenize.js';

/** Int32 values of unknown number, in blocks: growing never copies what is there. */
export class IdBuffer {
  private readonly blocks: Int32Array[] = [];
  private readonly blockSize = 1 << 18;
  length = 0;

  push(id: number): void {
    const at = this.length % this.blockSize;
    if (at === 0) this.blocks.push(new Int32Array(this.blockSize));
    this.blocks[this.blocks.length - 1]![at] = id;
    this.length++;
  }

  /** All values in one array. */
  toArray(): Int32Array {
    const all = new Int32Array(this.length);
    this.blocks.forEach((block, i) => {
      const start = i * this.blockSize;
      all.set(block.subarray(0, Math.min(this.blockSize, this.length - start)), start);
    });
    return all;
  }
}

/** The same text in memory of its own: a part of a long string otherwise keeps all of that string alive. */
const detached = (symbol: string): string =>
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(symbol));

/** Symbols in order of first appearance, with how often each came. */
export class Lexicon {
  private readonly indexOf = new Map<string, number>();
  readonly symbols: string[] = [];
  readonly counts: number[] = [];
  readonly ids = new IdBuffer();

  readonly add = (symbol: string): void => {
    let index = this.indexOf.get(symbol);
    if (index === undefined) {
      index = this.symbols.length;
      const own = detached(symbol);
      this.indexOf.set(own, index);
      this.symbols.push(own);
      this.counts.push(0);
    }
    this.counts[index]!++;
    this.ids.push(index);
  };
}

const textSpecials: readonly string[] = [unknownWord, endOfLine];

/** The at most `size` symbols that get an id, in id order; special ones are among them, at the rank of their count. */
export function rankSymbols(lexicon: Lexicon, size: number, specials: readonly string[] = textSpecials): string[] {
  const special = new Set(specials);
  const candidates = lexicon.symbols.map((symbol, place) => ({ symbol, place, count: lexicon.counts[place]! }));
  for (const symbol of special) {
    if (!candidates.some((c) => c.symbol === symbol)) candidates.push({ symbol, place: candidates.length, count: 0 });
  }
  candidates.sort((a, b) => b.count - a.count || a.place - b.place);
  let room = size - special.size;
  return candidates.filter((c) => special.has(c.symbol) || room-- > 0).map((c) => c.symbol);
}
