/** A page of a diagnostic as Markdown and as data, and the index of all. What rnnc says of a program it is given. */
import type { Diagnostic } from '../../diagnostics/diagnostic.js';
import { printDiagnostic } from '../../diagnostics/print.js';
import { type FaultCode, type FaultPage, faultPages } from '../../support/fault-codes.js';
import { formatShape } from '../../tensor/shape.js';
import type { Page } from '../method-docs.js';
import { type CodePage, codePages } from './all-pages.js';
import type { Example } from './page.js';

/** All that is to be said about a program. */
export type Examine = (example: Example) => readonly Diagnostic[];

const fenced = (language: string, text: string): readonly string[] => [`\`\`\`${language}`, text.trimEnd(), '```'];

/** Characters of an example that a page shows. */
const mostShown = 4_000;
const shown = (text: string): string => (text.length <= mostShown ? text : `${text.slice(0, 400)}...`);

/** The files of an example, those behind the program under their names. */
function exampleLines({ files, weights, notFinite }: Example): readonly string[] {
  const [program = '', ...others] = Object.entries(files);
  const tensors = Object.entries(weights ?? {}).map(
    ([name, shape]) => `${name}  ${formatShape(shape)}${name === notFinite ? ', a value is NaN' : ''}`,
  );
  return [
    ...fenced('cmp', shown(program[1] ?? '')),
    ...others.flatMap(([name, text]) => ['', `\`${name}\`:`, '', ...fenced('cmp', text)]),
    ...(tensors.length === 0 ? [] : ['', 'The weight file:', '', ...fenced('text', tensors.join('\n'))]),
  ];
}

/** What rnnc says of the wrong program, with this code. */
function saidOf({ code, wrong }: CodePage, examine: Examine): string {
  const said = examine(wrong).filter((diagnostic) => diagnostic.code === code);
  return said.map((diagnostic) => printDiagnostic(diagnostic)).join('\n\n');
}

/** The page as Markdown, a line break at its end. */
export function printPage(page: CodePage, examine: Examine): string {
  const { code, entry, cause, help, wrong, right } = page;
  return [
    `# ${code}`,
    '',
    `${entry.severity === 'error' ? 'Error' : 'Warning'}. ${cause}`,
    '',
    help,
    '',
    '## Wrong',
    '',
    ...exampleLines(wrong),
    '',
    ...fenced('text', saidOf(page, examine)),
    '',
    '## Right',
    '',
    ...exampleLines(right),
    '',
  ].join('\n');
}

/** The page as data. */
export const pageToJson = (page: CodePage, examine: Examine) => ({
  code: page.code,
  severity: page.entry.severity,
  message: page.entry.message,
  ...(page.entry.hint === undefined ? {} : { hint: page.entry.hint }),
  cause: page.cause,
  help: page.help,
  wrong: page.wrong,
  printed: saidOf(page, examine),
  right: page.right,
});

/** The page of a fault as Markdown: no program gives it, the machine does. */
export const printFault = (code: FaultCode): string =>
  `# ${code}\n\nFault, exit code 3. ${faultPages[code].cause}\n\n${faultPages[code].help}\n`;

/** The page of a fault as data. */
export const faultToJson = (code: FaultCode) => ({ code, severity: 'fault' as const, ...faultPages[code] });

const faults = Object.entries(faultPages) as readonly (readonly [FaultCode, FaultPage])[];

/** `dkp/shapes` -> `dkp-shapes.md`. */
const pathOf = (code: string): string => `${code.replace('/', '-')}.md`;

const row = ({ code, cause }: { readonly code: string; readonly cause: string }): string =>
  `| [${code}](${pathOf(code)}) | ${cause.replaceAll('|', '\\|')} |`;

/** All pages of `docs/diagnostics/`, the index among them. */
export function diagnosticPages(examine: Examine): readonly Page[] {
  const index = [
    '# Diagnostics',
    '',
    'Made by `node scripts/print-diagnostics.mjs` from the sources; `rnnc explain CODE` prints a page.',
    '',
    '| code | cause |',
    '|---|---|',
    ...codePages.map(row),
    '',
    'Faults lie outside the program: files, data, engines, tools. A command that meets one says it in one line,',
    'and ends with exit code 3.',
    '',
    '| code | cause |',
    '|---|---|',
    ...faults.map(([code, { cause }]) => row({ code, cause })),
  ];
  const pages = codePages.map((page) => ({ path: pathOf(page.code), text: printPage(page, examine) }));
  const ofFaults = faults.map(([code]) => ({ path: pathOf(code), text: printFault(code) }));
  return [{ path: 'README.md', text: `${index.join('\n')}\n` }, ...pages, ...ofFaults];
}
