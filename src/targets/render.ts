/**
 * Templates to text: the only user of handlebars, and the only place that reads `templates/`. Templates hold no
 * decisions; a name that the view lacks is an error, and nothing is escaped, for the result is C and not HTML.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import Handlebars from 'handlebars';
import { invariant } from '../support/assert.js';

/** What a template is filled with: plain data, computed in TypeScript. */
export type View = Readonly<Record<string, unknown>>;

const folder = new URL('../../templates/', import.meta.url);
const compiled = new Map<string, (view: View) => string>();

/** Fills a template given as text. */
export function renderText(text: string, view: View): string {
  return compileTemplate(text)(view);
}

/** Fills `templates/<name>.hbs`; `name` as in `c/header.h`. */
export function render(name: string, view: View): string {
  let template = compiled.get(name);
  if (template === undefined) {
    template = compileTemplate(readFileSync(fileURLToPath(new URL(`${name}.hbs`, folder)), 'utf8'));
    compiled.set(name, template);
  }
  // An empty line inside an indented list would otherwise be a line of blanks.
  return template(view).replace(/[ \t]+$/gm, '');
}

const handlebars = Handlebars.create();

// Strict mode does not reach the arguments of `if` and `each`: an unknown name would be an empty list or false.
handlebars.registerHelper('if', function (this: unknown, condition: unknown, options: Handlebars.HelperOptions) {
  invariant(typeof condition === 'boolean', 'a template asks for a condition that its view lacks');
  return condition ? options.fn(this) : options.inverse(this);
});
handlebars.registerHelper('each', (list: unknown, options: Handlebars.HelperOptions) => {
  invariant(Array.isArray(list), 'a template asks for a list that its view lacks');
  return list.map((item) => options.fn(item)).join('');
});

const compileTemplate = (text: string): ((view: View) => string) =>
  handlebars.compile(text, { noEscape: true, strict: true, knownHelpersOnly: true });
