/**
 * Programs that nobody would write: derived from a small grammar, put together from tokens of other programs, or changed
 * letter by letter. Pure; the same dice give the same programs.
 */

/** A generator of whole numbers below a limit (mulberry32). */
export function dice(seed) {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % limit;
  };
}

const numbers = [
  ...['0', '1', '2', '3', '7', '24', '50', '650', '10000', '-1', '1e308', '1e-308', '0.5', '9007199254740993', '1/3'],
  ...['4294967296', '2147483648', '1_000_000_000', '50%', '0%', '100%', '99.9999%', '101%', '4x5', '6x8', '1x1', '0x5'],
  ...['13x65', '3x5x7', '2147483647x2', '25x', '0x', '10/3x', '1x', '1e9x', '4 KB', '1 B', '56 MB', '9 GiB', '2 ms'],
  ...['1 epoch', '6 epochs', '100 steps', '0 steps', '1e9 epochs', '1.8 GHz', 'yes', 'no', '"x"', '""', '[]', '[1, 2]'],
];
const letters = ['\0', '\uFEFF', '\r\n', '\t', 'é', '日', '×', '(', ')', '{', '}', '[', ']', '=', ':', ',', '.', '*', '/', '"'];
const names = ['tokens', 'embed', 'rnn', 'rnn1', 'rnn*', 'next', '*', 'input', 'recurrent', 'i', 'f', '1', '2', 'forward'];

/** A draw of programs from words that the corpus holds. */
export function drawer(next, corpus, tokenize) {
  const pick = (list) => list[next(list.length)];
  const imagesOf = (text) => tokenize(text).tokens.map((token) => token.image);
  const words = [...new Set(corpus.flatMap(imagesOf))];
  const value = (depth = 0) => {
    const kind = next(depth > 3 ? 2 : 5);
    if (kind === 0) return pick(numbers);
    if (kind <= 2) return pick(words);
    if (kind === 3) return call(depth + 1);
    return `[${Array.from({ length: next(4) }, () => value(depth + 1)).join(', ')}]`;
  };
  const argument = (depth) => (next(2) === 0 ? `${pick(words)}=${value(depth)}` : value(depth));
  const call = (depth = 0) => `${pick(words)}(${Array.from({ length: next(4) }, () => argument(depth)).join(', ')})`;
  const selector = () => [pick(names), ...(next(2) ? [pick(names)] : [])].join('.') + (next(6) ? '' : ` except ${pick(names)}`);
  const goal = () => ['', ` to ${pick(numbers)}`, ` to ${pick(numbers)} macs`, ` to ${pick(numbers)} together`][next(4)];
  const rule = () => `${next(6) ? '' : 'override '}${selector()}: ${next(2) ? call() : pick(words)}${goal()}${next(4) ? '' : ' then int8'}`;
  const setting = () => `${pick(words)} = ${next(2) ? call() : value()}`;
  const lines = (make) => Array.from({ length: next(6) }, () => `  ${make()}`).join('\n');
  const derived = () =>
    [
      next(4) ? 'language 1' : '',
      next(4) ? '' : `let ${pick(names)} = ${value()}`,
      `model m {\n  tokens = ids(vocab=${pick(numbers)})\n  embed = embedding(tokens, ${pick(numbers)})\n${lines(setting)}\n  next = softmax(embed, 50)\n}`,
      `compress {\n${lines(rule)}\n}`,
      `train {\n  data = generated(vocab=50)\n  epochs = 4\n${lines(setting)}\n}`,
      next(3) ? '' : `emit c {\n${lines(setting)}\n}`,
    ].join('\n');

  /** Tokens of a program exchanged, dropped, doubled or put in. */
  const retokened = (text) => {
    const { tokens } = tokenize(text);
    if (tokens.length === 0) return text;
    let changed = text;
    for (let edits = 1 + next(4); edits > 0; edits--) {
      const token = pick(tokens);
      const [start, end] = [token.startOffset, token.endOffset + 1];
      const put = [pick(words), pick(numbers), '', `${token.image} ${token.image}`, ` ${call()} `][next(5)];
      changed = changed.slice(0, start) + put + changed.slice(end);
    }
    return changed;
  };

  /** Letters of a program changed, cut or put in, sometimes many. */
  const relettered = (text) => {
    let changed = text;
    for (let edits = 1 + next(6); edits > 0; edits--) {
      const at = next(changed.length + 1);
      const put = next(8) === 0 ? pick(letters).repeat(1 + next(300)) : next(2) ? pick(letters) : String.fromCharCode(next(128));
      changed = changed.slice(0, at) + (next(3) === 0 ? '' : put) + changed.slice(at + next(4));
    }
    return next(12) === 0 ? changed.slice(0, next(changed.length + 1)) : changed;
  };

  /** Lines of two programs mixed. */
  const spliced = (a, b) => {
    const [one, other] = [a.split('\n'), b.split('\n')];
    const at = next(one.length);
    return [...one.slice(0, at), ...other.slice(next(other.length)), ...(next(2) ? one.slice(at) : [])].join('\n');
  };

  return (pool) => {
    const text = pick(pool);
    const made = [() => derived(), () => retokened(text), () => retokened(text), () => relettered(text), () => spliced(text, pick(pool))];
    const first = pick(made)();
    return next(4) === 0 ? relettered(first) : first;
  };
}
