/**
 * Text to symbols. Words are cut at ASCII white space; every line end, that of an empty line too, is one `<eos>` (the
 * usual PTB count), and a last line without a line end has one all the same. CRLF counts as a line end. Characters are
 * code points, white space included, with `<eos>` for each line end. Nothing here knows a vocabulary.
 */
export const endOfLine = '<eos>';
export const unknownWord = '<unk>';

export type Emit = (symbol: string) => void;

/** Takes text in pieces of any size; `end` says that the file is over. */
export interface Tokenizer {
  push: (text: string) => void;
  end: () => void;
}

const lastSpace = (text: string): number => {
  for (let i = text.length - 1; i >= 0; i--) {
    const c = text.charCodeAt(i);
    if (c === 32 || (c >= 9 && c <= 13)) return i;
  }
  return -1;
};

/** Words of white-space separated text. */
export function wordTokenizer(lower: boolean, emit: Emit): Tokenizer {
  const word = lower ? (raw: string) => emit(raw.toLowerCase()) : emit;
  let carry = '';
  let lineHasWords = false;
  const push = (text: string): void => {
    const all = carry + text;
    const cut = lastSpace(all) + 1;
    carry = all.slice(cut);
    for (const [token] of all.slice(0, cut).matchAll(/[^ \t\r\v\f\n]+|\n/g)) {
      lineHasWords = token !== '\n';
      if (lineHasWords) word(token);
      else emit(endOfLine);
    }
  };
  const end = (): void => {
    if (carry !== '') word(carry);
    if (carry !== '' || lineHasWords) emit(endOfLine);
  };
  return { push, end };
}

/** Code points. */
export function characterTokenizer(lower: boolean, emit: Emit): Tokenizer {
  let pendingReturn = false;
  let lineHasCharacters = false;
  const character = (c: string): void => {
    lineHasCharacters = true;
    if (!lower) emit(c);
    // One capital may become several code points.
    else for (const l of c.toLowerCase()) emit(l);
  };
  const push = (text: string): void => {
    for (const c of text) {
      if (pendingReturn && c !== '\n') character('\r');
      pendingReturn = c === '\r';
      if (c === '\n') {
        emit(endOfLine);
        lineHasCharacters = false;
      } else if (!pendingReturn) character(c);
    }
  };
  const end = (): void => {
    if (pendingReturn) character('\r');
    if (lineHasCharacters) emit(endOfLine);
  };
  return { push, end };
}
