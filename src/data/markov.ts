/**
 * A stationary Markov source whose next-word law is known exactly. The law of the next word depends on the last word
 * and, for order k, on the class (one bit) of each of the k - 1 words before it: few likely successors over a small
 * uniform floor. So the chain has vocab * 2^(k-1) states, small enough to solve exactly, and a model that forgets the
 * earlier words (a bigram) is measurably worse. Nothing here touches a clock or a file.
 */
import { bitsAt, streamKey, uniformAt } from '../tensor/random.js';

/** Shares of the likely successors, most likely first. */
const likely = [0.55, 0.25, 0.15, 0.05];
/** Probability that is spread evenly over all words: every state is reachable from every other. */
const floorMass = 0.05;

export interface Source {
  readonly vocabulary: number;
  readonly states: number;
  /** law[state * vocabulary + w]: probability that w comes next. */
  readonly law: Float64Array;
  /** next[state * vocabulary + w]: the state after w. */
  readonly next: Int32Array;
  /** Long-run share of each state. */
  readonly stationary: Float64Array;
  /** bigram[v * vocabulary + w]: probability of w after v when all before v is forgotten. */
  readonly bigram: Float64Array;
  /** Nats per word in the long run. */
  readonly entropyRate: number;
}

function drawLaw(states: number, vocabulary: number, seed: number): Float64Array {
  const law = new Float64Array(states * vocabulary).fill(floorMass / vocabulary);
  for (let state = 0; state < states; state++) {
    const key = streamKey(seed, 'generated law', state);
    const taken = new Set<number>();
    const shares = likely.slice(0, vocabulary);
    const total = shares.reduce((sum, share) => sum + share, 0);
    for (let draw = 0; taken.size < shares.length; draw++) {
      const word = bitsAt(key, draw) % vocabulary;
      if (taken.has(word)) continue;
      law[state * vocabulary + word]! += ((1 - floorMass) * shares[taken.size]!) / total;
      taken.add(word);
    }
  }
  return law;
}

/** State = (classes of the words before the last, newest bit lowest) * vocabulary + last word. */
function successors(states: number, vocabulary: number, seed: number): Int32Array {
  const key = streamKey(seed, 'generated class');
  const histories = states / vocabulary;
  const next = new Int32Array(states * vocabulary);
  for (let state = 0; state < states; state++) {
    const last = state % vocabulary;
    const history = Math.floor(state / vocabulary);
    const shifted = (history * 2 + (bitsAt(key, last) & 1)) % histories;
    for (let w = 0; w < vocabulary; w++) next[state * vocabulary + w] = shifted * vocabulary + w;
  }
  return next;
}

/** Power iteration; halved steps so that a periodic chain converges too. */
function solveStationary(law: Float64Array, next: Int32Array, states: number): Float64Array {
  const vocabulary = law.length / states;
  let share = new Float64Array(states).fill(1 / states);
  for (let round = 0; round < 10_000; round++) {
    const after = share.map((p) => p / 2);
    for (let state = 0; state < states; state++) {
      const half = share[state]! / 2;
      const row = state * vocabulary;
      for (let w = 0; w < vocabulary; w++) after[next[row + w]!]! += half * law[row + w]!;
    }
    let change = 0;
    for (let state = 0; state < states; state++) change += Math.abs(after[state]! - share[state]!);
    share = after;
    if (change < 1e-14) break;
  }
  return share;
}

/** The best guess of the next word from the last word alone: the law averaged over what may stand before. */
function conditionOnLast(law: Float64Array, stationary: Float64Array, vocabulary: number): Float64Array {
  const bigram = new Float64Array(vocabulary * vocabulary);
  const mass = new Float64Array(vocabulary);
  stationary.forEach((share, state) => {
    const last = state % vocabulary;
    mass[last]! += share;
    for (let w = 0; w < vocabulary; w++) bigram[last * vocabulary + w]! += share * law[state * vocabulary + w]!;
  });
  for (let i = 0; i < bigram.length; i++) bigram[i]! /= mass[Math.floor(i / vocabulary)]!;
  return bigram;
}

/** The source of a seed; `order` is how many previous words its law depends on (at least 1). */
export function makeSource(order: number, vocabulary: number, seed: number): Source {
  // With one bit per earlier word a state is small; order 1 has no earlier word.
  const states = vocabulary * 2 ** (order - 1);
  const law = drawLaw(states, vocabulary, seed);
  const next = successors(states, vocabulary, seed);
  const stationary = solveStationary(law, next, states);
  let entropyRate = 0;
  stationary.forEach((share, state) => {
    for (let w = 0; w < vocabulary; w++) {
      const p = law[state * vocabulary + w]!;
      entropyRate -= share * p * Math.log(p);
    }
  });
  return {
    vocabulary,
    states,
    law,
    next,
    stationary,
    bigram: conditionOnLast(law, stationary, vocabulary),
    entropyRate,
  };
}

export interface Sample {
  readonly ids: Int32Array;
  /** Perplexity of the source itself on exactly these words. */
  readonly sourcePerplexity: number;
  /** Perplexity of the best bigram on exactly these words. */
  readonly bigramPerplexity: number;
}

/** `tokens` words of the source, from the state where only word 0 came before. */
export function sampleSource(source: Source, tokens: number, seed: number, purpose: string): Sample {
  const { vocabulary, law, next, bigram } = source;
  const key = streamKey(seed, purpose);
  const ids = new Int32Array(tokens);
  let [state, last, nats, bigramNats] = [0, 0, 0, 0];
  for (let i = 0; i < tokens; i++) {
    const row = state * vocabulary;
    let left = uniformAt(key, i);
    let word = 0;
    while (word < vocabulary - 1 && left >= law[row + word]!) left -= law[row + word++]!;
    nats -= Math.log(law[row + word]!);
    bigramNats -= Math.log(bigram[last * vocabulary + word]!);
    ids[i] = word;
    state = next[row + word]!;
    last = word;
  }
  return { ids, sourcePerplexity: Math.exp(nats / tokens), bigramPerplexity: Math.exp(bigramNats / tokens) };
}
