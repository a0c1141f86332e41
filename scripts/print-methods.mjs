// Prints docs/methods/ from the methods' own descriptions. Needs a build: npm run build && node scripts/print-methods.mjs
// An argument names another folder that holds the build. A test fails when the pages and the sources differ.
import { mkdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { textCompiler } from './compile-text.mjs';

const root = new URL('../', import.meta.url);
const built = pathToFileURL(resolve(process.argv[2] ?? fileURLToPath(new URL('dist', root))));
const { compile } = await import(`${built}/compile.js`);
const { methodPages } = await import(`${built}/report/method-docs.js`);

const folder = new URL('docs/methods/', root);
mkdirSync(folder, { recursive: true });
for (const { path, text } of methodPages(textCompiler(compile))) writeFileSync(new URL(path, folder), text);
