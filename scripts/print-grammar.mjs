// Prints grammar/rnnc.ebnf and src/syntax/cst.ts from the parser. Needs a build: npm run build && node scripts/print-grammar.mjs
// An argument names another folder that holds the build.
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = new URL('../', import.meta.url);
const built = resolve(process.argv[2] ?? fileURLToPath(new URL('dist', root)));
const { printCstTypes, printEbnf } = await import(`${pathToFileURL(built)}/syntax/print-grammar.js`);
writeFileSync(new URL('grammar/rnnc.ebnf', root), printEbnf());
writeFileSync(new URL('src/syntax/cst.ts', root), printCstTypes());
