/** Hands comments and blank lines to the nodes they belong to, in the order of the text, each exactly once. */
import type { IToken } from 'chevrotain';
import type { Span } from '../diagnostics/source.js';
import type { Trivia } from './ast.js';

interface Comment {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const clean = (image: string): string => image.replaceAll('\r\n', '\n').trimEnd();
const blankLine = /\n[ \t\r]*\n/;

export class TriviaReader {
  private readonly comments: readonly Comment[];
  private next = 0;
  /** End of what was handed out so far. */
  private from = 0;
  /** True where a blank line would stand at the head of a block or file. */
  private head = true;
  private readonly text: string;

  constructor(text: string, comments: readonly IToken[]) {
    this.text = text;
    this.comments = comments.map((c) => ({ start: c.startOffset, end: c.endOffset! + 1, text: clean(c.image) }));
  }

  /** Comments and blank lines before `offset`. */
  before(offset: number): string[] {
    const lines: string[] = [];
    for (let c = this.comments[this.next]; c !== undefined && c.start < offset; c = this.comments[this.next]) {
      this.blank(c.start, lines);
      lines.push(c.text);
      this.from = c.end;
      this.head = false;
      this.next++;
    }
    this.blank(offset, lines);
    return lines;
  }

  /** A comment behind `offset` on the same line; several become one. */
  behind(offset: number): string | undefined {
    const texts: string[] = [];
    this.from = Math.max(this.from, offset);
    for (let c = this.comments[this.next]; c !== undefined; c = this.comments[this.next]) {
      if (c.start < this.from || !/^[ \t]*$/.test(this.text.slice(this.from, c.start))) break;
      texts.push(c.text);
      this.from = c.end;
      this.next++;
    }
    this.head = false;
    return texts.length === 0 ? undefined : texts.join(' ');
  }

  /** All comments of a node without inner nodes: those inside it go before it. */
  of(span: Span): Trivia {
    const before = this.before(span.start);
    for (let c = this.comments[this.next]; c !== undefined && c.start < span.end; c = this.comments[this.next]) {
      before.push(c.text);
      this.next++;
    }
    const after = this.behind(span.end);
    return { before, ...(after === undefined ? {} : { after }) };
  }

  /** Behind the `{` of a block. */
  opening(offset: number): string | undefined {
    const text = this.behind(offset);
    this.head = true;
    return text;
  }

  /** Comments before the `}` of a block or the end of the file, without blank lines at their end. */
  closing(offset: number): string[] {
    const lines = this.before(offset);
    while (lines.at(-1) === '') lines.pop();
    return lines;
  }

  private blank(offset: number, lines: string[]): void {
    if (this.head || lines.at(-1) === '') return;
    if (blankLine.test(this.text.slice(this.from, offset))) lines.push('');
  }
}
