/** `rnnc explain CODE`: the page of a diagnostic or a fault. */
import { codePages } from '../report/diagnostic-pages/all-pages.js';
import { faultToJson, pageToJson, printFault, printPage } from '../report/diagnostic-pages/print-page.js';
import { type FaultCode, faultPages } from '../support/fault-codes.js';
import { closest } from '../support/suggest.js';
import { type Invocation, UsageError } from './command.js';
import { examine } from './examine.js';

/** `room/name`: no path of a program looks like it, as a program ends in `.cmp` and a folder is there. */
export const isCode = (operand: string): boolean => /^[a-z]+\d?\/[a-z-]+$/.test(operand);

const isFault = (code: string): code is FaultCode => Object.hasOwn(faultPages, code);

/** Prints the page, or refuses a code that there is none of. */
export function explainCode(code: string, invocation: Invocation): number {
  const json = invocation.text('format') === 'json';
  if (isFault(code)) {
    invocation.terminal.write(json ? `${JSON.stringify(faultToJson(code))}\n` : printFault(code));
    return 0;
  }
  const page = codePages.find((known) => known.code === code);
  if (page === undefined) {
    const codes = [...codePages.map((known) => known.code), ...Object.keys(faultPages)];
    const near = closest(code, codes) ?? codes.find((known) => known.endsWith(code.slice(code.indexOf('/'))));
    const hint = near === undefined ? 'docs/diagnostics/README.md lists all codes' : `did you mean ${near}?`;
    throw new UsageError(`there is no diagnostic ${code}`, hint);
  }
  invocation.terminal.write(json ? `${JSON.stringify(pageToJson(page, examine))}\n` : printPage(page, examine));
  return 0;
}
