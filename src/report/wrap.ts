/** Breaks text at blanks so that it fits a width. A word that is wider stays whole: numbers and paths are never cut. */

/** The lines of a text, each as long as it can be. */
export function wrapWords(text: string, width: number): readonly string[] {
  if (text.length <= width) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && longer.length > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}

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
