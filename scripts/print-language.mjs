// Prints docs/language.md from the schemas of the language. Needs a build: npm run build && node scripts/print-language.mjs
import { writeFileSync } from 'node:fs';

const root = new URL('../', import.meta.url);
const { languagePage } = await import(new URL('dist/report/language-docs.js', root).href);
const { compile } = await import(new URL('dist/compile.js', root).href);

function compileText(text) {
  const said = [];
  const compiled = compile(
    'example.cmp',
    () => text,
    ({ message }) => said.push(message),
  );
  if (compiled === undefined) throw new Error(`${text}\n${said.join('\n')}`);
  return compiled.model;
}

writeFileSync(new URL('docs/language.md', root), languagePage(compileText));
