// Prints docs/language.md from the schemas of the language. Needs a build: npm run build && node scripts/print-language.mjs
import { writeFileSync } from 'node:fs';
import { textCompiler } from './compile-text.mjs';

const root = new URL('../', import.meta.url);
const { languagePage } = await import(new URL('dist/report/language-docs.js', root).href);
const { compile } = await import(new URL('dist/compile.js', root).href);

writeFileSync(new URL('docs/language.md', root), languagePage(textCompiler(compile)));
