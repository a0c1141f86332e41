// Prints docs/diagnostics/ from the catalogue. Needs a build: npm run build && node scripts/print-diagnostics.mjs
// An argument names another folder that holds the build. A test fails when the pages and the sources differ.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = new URL('../', import.meta.url);
const built = pathToFileURL(resolve(process.argv[2] ?? fileURLToPath(new URL('dist', root))));
const { examine } = await import(`${built}/cli/examine.js`);
const { diagnosticPages } = await import(`${built}/report/diagnostic-pages/print-page.js`);

const folder = new URL('docs/diagnostics/', root);
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const { path, text } of diagnosticPages(examine)) writeFileSync(new URL(path, folder), text);
