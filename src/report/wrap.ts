/** Text for a terminal of some columns. */
import { wrapWords } from '../support/wrap.js';

/** Every line of a text within a width; what goes on stands four columns further in than its line. */
export function wrapText(text: string, width: number): string {
  const wrap = (line: string): string => {
    if (line.length <= width) return line;
    const indent = /^ */.exec(line)![0];
    const deeper = `${indent}    `;
    const [first = '', ...others] = wrapWords(line.slice(indent.length), width - deeper.length);
    return [`${indent}${first}`, ...others.map((rest) => `${deeper}${rest}`)].join('\n');
  };
  return text.split('\n').map(wrap).join('\n');
}
