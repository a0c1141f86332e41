// Prints editors/vscode/cmp.tmLanguage.json from the token list. Needs a build: npm run build && node scripts/print-textmate.mjs
import { writeFileSync } from 'node:fs';

const root = new URL('../', import.meta.url);
const { printTextMate } = await import(new URL('dist/syntax/print-textmate.js', root).href);
writeFileSync(new URL('editors/vscode/cmp.tmLanguage.json', root), printTextMate());
