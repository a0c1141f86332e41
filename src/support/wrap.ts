/** Breaks text at blanks so that it fits a width. A word that is wider stays whole: numbers and paths are never cut. */

/** The lines of a text, each as long as it can be; `indent` stands before all but the first. */
export function wrapWords(text: string, width: number, indent = ''): readonly string[] {
  if (text.length <= width) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && longer.length > width) {
      lines.push(line);
      line = indent + word;
    } else line = longer;
  }
  return [...lines, line];
}
