/**
 * The few colours of the terminal: red and yellow for what is wrong, blue for where, green for what to do, bold for
 * what a table or a page begins with, dim for its lines. Decides whether to use them; reads no environment by itself.
 */

const styles = {
  error: '1;31',
  warning: '1;33',
  place: '1;34',
  hint: '1;32',
  bold: '1',
  dim: '2',
} as const;
type StyleWord = keyof typeof styles;

/** Gives a text a style. */
export type Paint = (style: StyleWord, text: string) => string;

export const plain: Paint = (_, text) => text;
/** By the escape sequences that every terminal with colours knows (ECMA-48). */
export const inColour: Paint = (style, text) => (text === '' ? '' : `\u001b[${styles[style]}m${text}\u001b[0m`);

/** NO_COLOR (no-color.org) wins, then FORCE_COLOR; else a terminal that is not `dumb` is painted. */
export function wantsColour(environment: Readonly<Record<string, string | undefined>>, isTerminal: boolean): boolean {
  const { NO_COLOR: none = '', FORCE_COLOR: forced, TERM: terminal } = environment;
  if (none !== '') return false;
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return isTerminal && terminal !== 'dumb';
}
