/** `npm run table:hlf1`, `npm run table:dkp-counts`: tables of the papers as the compiler solves them. */
import { compile } from '../../dist/compile.js';
import { summarizeRules } from '../../dist/model/summary.js';
import { printDkpCounts, printHlfRanks } from './paper-tables.mjs';

const tables = { hlf1: printHlfRanks, 'dkp-counts': printDkpCounts };
const print = tables[process.argv[2]];
if (print === undefined) throw new Error(`tables are ${Object.keys(tables).join(', ')}`);
const compiler = {
  compile: (text) =>
    compile(
      'table.cmp',
      () => text,
      () => {},
    )?.model,
  rulesOf: summarizeRules,
};
console.log(print(compiler));
