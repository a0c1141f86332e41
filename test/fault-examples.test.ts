/** The examples on the pages of faults: lines that the sources can say, commands and programs that are right. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { commands } from '../src/cli/commands.js';
import { faultExamples } from '../src/report/diagnostic-pages/print-page.js';
import { parseText } from '../src/syntax/parse.js';

const source = resolve(import.meta.dirname, '../src');
const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
  (f) => /(?<!\.test)\.ts$/.test(f) && !/diagnostic-pages|fault-codes/.test(f),
);
const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** What a text of the sources may become: its fixed parts, anything in its holes; undefined where it is no text. */
function patternOf(node: ts.Node): string | undefined {
  if (ts.isStringLiteralLike(node)) return escaped(node.text);
  if (ts.isTemplateExpression(node))
    return node.templateSpans.reduce((all, { literal }) => `${all}.+${escaped(literal.text)}`, escaped(node.head.text));
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.PlusToken) return undefined;
  const [left, right] = [patternOf(node.left), patternOf(node.right)];
  return left === undefined || right === undefined ? undefined : left + right;
}

/** Every text of the sources that is more than a word; what only joins others says nothing. */
function patterns(): readonly RegExp[] {
  const found = new Set<string>();
  const visit = (node: ts.Node): void => {
    const pattern = patternOf(node);
    if (pattern !== undefined && pattern.replaceAll('.+', '').length >= 8) found.add(pattern);
    ts.forEachChild(node, visit);
  };
  for (const file of files) {
    const text = readFileSync(join(source, file), 'utf8');
    if (text.includes('Fault') || text.includes('reason') || text.includes('hint'))
      visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true));
  }
  return [...found].map((pattern) => new RegExp(`^${pattern}$`, 's'));
}

const examples = Object.entries(faultExamples);

describe('the example of a fault', () => {
  const known = patterns();
  it.each(examples)('%s is what the sources say', (code, { message, hint }) => {
    // The C compiler's own words.
    if (code !== 'verify/cannot-compile') expect(known.filter((p) => p.test(message)).length).toBeGreaterThan(0);
    if (hint !== undefined) expect(known.filter((p) => p.test(hint)).length).toBeGreaterThan(0);
  });

  it.each(examples.filter(([, { language }]) => language === 'sh'))('%s: its commands are there', (_, { instead }) => {
    for (const line of instead.split('\n').filter((l) => l.startsWith('npx rnnc '))) {
      const [, , word, ...rest] = line.split(' ');
      const command = commands.find(({ name }) => name === word);
      expect(command?.name).toBe(word);
      const options = rest.filter((part) => part.startsWith('--')).map((part) => part.slice(2));
      expect(options.filter((option) => command?.options[option] === undefined)).toEqual([]);
      const given = (option: string): string => rest[rest.indexOf(`--${option}`) + 1] ?? '';
      const odd = options.filter((option) => command?.options[option]?.words?.includes(given(option)) === false);
      expect(odd).toEqual([]);
    }
  });

  it.each(examples.filter(([, { language }]) => language === 'cmp'))(
    '%s: its program can be read',
    (_, { instead }) => {
      const whole = ['', 'train', 'compress', 'model m'].map((word) =>
        word === '' ? instead : `${word} {\n${instead}\n}`,
      );
      expect(whole.some((text) => parseText({ path: 'm.cmp', text }).faults.length === 0)).toBe(true);
    },
  );

  it('is a line that provoking it gives, where that is tried', () => {
    const provoked = readFileSync(resolve(import.meta.dirname, 'support/faults.txt'), 'utf8');
    const hints = new Map([...provoked.matchAll(/\[([a-z/-]+)\] \((.*)\)$/gm)].map(([, code, hint]) => [code, hint]));
    const wrong = examples.filter(([code, { hint }]) => hints.has(code) && hints.get(code) !== hint);
    expect(wrong.map(([code]) => code)).toEqual([]);
  });
});
