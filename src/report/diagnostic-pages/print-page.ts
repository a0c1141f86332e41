/** A page of a diagnostic as Markdown and as data, and the index of all. What rnnc says of a program it is given. */
import type { Diagnostic } from '../../diagnostics/diagnostic.js';
import { printDiagnostic } from '../../diagnostics/print.js';
import { type FaultCode, type FaultPage, faultPages } from '../../support/fault-codes.js';
import { wrapWords } from '../../support/wrap.js';
import { formatShape } from '../../tensor/shape.js';
import { pageWidth } from '../markdown.js';
import type { Page } from '../method-docs.js';
import { wrapText } from '../wrap.js';
import { type CodePage, codePages } from './all-pages.js';
import { dataFaultExamples } from './data-fault-examples.js';
import type { FaultExample } from './fault-example.js';
import type { Example } from './page.js';
import { runFaultExamples } from './run-fault-examples.js';

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
  return said.map((diagnostic) => printDiagnostic(diagnostic, { columns: pageWidth })).join('\n\n');
}

/** The page as Markdown, a line break at its end. */
export function printPage(page: CodePage, examine: Examine): string {
  const { code, entry, cause, help, wrong, right } = page;
  return [
    `# ${code}`,
    '',
    ...wrapWords(`${entry.severity === 'error' ? 'Error' : 'Warning'}. ${cause}`, pageWidth),
    '',
    ...wrapWords(help, pageWidth),
    '',
    '## Wrong',
    '',
    ...exampleLines(wrong),
    '',
    ...fenced('text', wrapText(saidOf(page, examine), pageWidth)),
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

/** By code: a forgotten one is a type error. */
export const faultExamples: Readonly<Record<FaultCode, FaultExample>> = { ...dataFaultExamples, ...runFaultExamples };

/** The line of a fault: as a command prints it, or as a page has it from the error that is thrown. */
function faultLine(code: FaultCode): string {
  const { message, hint, inPage } = faultExamples[code];
  const behind = hint === undefined ? '' : ` (${hint})`;
  return inPage === true ? `Fault: ${message}` : `rnnc: ${message} [${code}]${behind}`;
}

/** The page of a fault as Markdown: no program gives it, the machine does. */
export function printFault(code: FaultCode): string {
  const { cause, help } = faultPages[code];
  const { language, instead, inPage } = faultExamples[code];
  const met = inPage === true ? 'Fault, thrown in a page.' : 'Fault, exit code 3.';
  return [
    ...[`# ${code}`, '', ...wrapWords(`${met} ${cause}`, pageWidth), '', ...wrapWords(help, pageWidth), ''],
    ...['## Such as', '', ...fenced('text', wrapText(faultLine(code), pageWidth))],
    ...['', '## Instead', '', ...fenced(language, instead), ''],
  ].join('\n');
}

/** The page of a fault as data. */
export const faultToJson = (code: FaultCode) => ({
  ...{ code, severity: 'fault' as const, ...faultPages[code] },
  ...{ printed: faultLine(code), instead: faultExamples[code].instead },
});

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
