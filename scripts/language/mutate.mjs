/**
 * All ways to misspell or to leave out one word of a program, or to leave out one argument, statement or block. Pure;
 * `tokenize` is the lexer's.
 */

/** Words that begin a block or an item, and those of rules. */
const keywords = new Set([
  ...['Model', 'Compress', 'Train', 'Emit', 'Sweep', 'Language', 'Import', 'Let'],
  ...['Override', 'Except', 'Then', 'Together', 'To', 'Macs', 'Fewer', 'From', 'Yes', 'No'],
]);
const blocks = new Set(['Model', 'Compress', 'Train', 'Emit', 'Sweep']);
const opening = new Set(['LeftBrace', 'LeftParenthesis', 'LeftBracket']);
const closing = new Set(['RightBrace', 'RightParenthesis', 'RightBracket']);

/** What kind of word stands at a place. */
function kindOf({ type, next, block, depth }) {
  if (keywords.has(type)) return 'keyword';
  if (block === undefined) return 'name';
  if (next === 'Equals') return depth > 1 ? 'argument' : block === 'Model' ? 'name' : 'key';
  if (next === 'LeftParenthesis') return block === 'Model' ? 'layer' : block === 'Compress' ? 'method' : 'value';
  if (block === 'Compress' && depth === 1) return 'selector';
  return block === 'Model' ? 'name' : 'value';
}

/** The words of a program, with kind and place; a number's unit is a word of its own. */
export function wordsOf(text, tokenize) {
  const { tokens } = tokenize(text);
  const words = [];
  let block;
  let depth = 0;
  tokens.forEach((token, i) => {
    const type = token.tokenType.name;
    if (opening.has(type)) depth++;
    if (closing.has(type)) depth--;
    if (depth === 0 && blocks.has(type)) block = type;
    if (depth === 0 && type === 'RightBrace') block = undefined;
    const at = { start: token.startOffset, end: token.endOffset + 1 };
    const unit = /^-?[\d._/]+(?:[eE][+-]?\d+)?([ \t]*)([A-Za-z]+|%)$/.exec(token.image);
    if (['Identifier', 'EquationWord'].includes(type) || keywords.has(type)) {
      const next = tokens[i + 1]?.tokenType.name;
      const behindThen = tokens[i - 1]?.tokenType.name === 'Then' || tokens[i - 1]?.tokenType.name === 'Colon';
      const kind = block === 'Compress' && behindThen ? 'method' : kindOf({ type, next, block, depth });
      words.push({ kind, word: token.image, ...at });
    } else if (['Quantity', 'Factor', 'Percent'].includes(type) && unit !== null)
      words.push({ kind: 'unit', word: unit[2], start: at.end - unit[2].length, end: at.end });
  });
  return words;
}

/** One letter dropped, doubled, or exchanged with the next. */
function misspellings(word) {
  const found = new Set();
  for (let i = 0; i < word.length; i++) {
    found.add(word.slice(0, i) + word.slice(i + 1));
    found.add(word.slice(0, i + 1) + word.slice(i));
    if (i + 1 < word.length) found.add(word.slice(0, i) + word[i + 1] + word[i] + word.slice(i + 2));
  }
  found.delete(word);
  found.delete('');
  return [...found];
}

/** Ranges of whole arguments and list items, with the comma that goes with them. */
function argumentsOf(tokens) {
  const found = [];
  const stack = [];
  tokens.forEach((token, i) => {
    const type = token.tokenType.name;
    if (opening.has(type)) stack.push({ type, first: i + 1, items: [] });
    const top = stack.at(-1);
    if (top === undefined) return;
    if (type === 'Comma' || closing.has(type)) {
      if (i > top.first) top.items.push([top.first, i - 1]);
      top.first = i + 1;
    }
    if (!closing.has(type)) return;
    stack.pop();
    if (top.type === 'LeftBrace') return;
    top.items.forEach(([from, to], place) => {
      const start = place > 0 ? tokens[from - 1].startOffset : tokens[from].startOffset;
      const behind = place === 0 && top.items.length > 1 ? tokens[top.items[1][0]].startOffset : tokens[to].endOffset + 1;
      found.push({ start, end: behind });
    });
  });
  return found;
}

/** `{ kind, how, word, start, end, put, text }`: what was at a place, what stands there now, and the whole text. */
export function mutationsOf(text, { tokenize, program }) {
  const make = (kind, how, { start, end }, put) => ({
    ...{ kind, how, start, end, put },
    word: text.slice(start, end),
    text: text.slice(0, start) + put + text.slice(end),
  });
  const words = wordsOf(text, tokenize).flatMap((word) => [
    ...(word.word === '%' ? [] : misspellings(word.word)).map((put) => make(word.kind, 'misspelt', word, put)),
    make(word.kind, 'deleted', word, ''),
  ]);
  const statements = program.items.flatMap((item) => [
    make(item.kind === 'block' ? `block ${item.word}` : item.kind, 'left out', item.span, ''),
    ...(item.kind === 'block' ? item.statements : []).map((s) => {
      const kind = item.word === 'compress' ? 'rule' : item.word === 'model' ? 'definition' : 'setting';
      return make(kind, 'left out', s.span, '');
    }),
  ]);
  return [...words, ...argumentsOf(tokenize(text).tokens).map((a) => make('argument', 'left out', a, '')), ...statements];
}
