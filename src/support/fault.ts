/** What lies outside the program text and goes wrong, as it is thrown. Decides nothing about what is printed. */
import type { FaultCode } from './fault-codes.js';

/**
 * A fault outside the program text: a file that cannot be read, a folder that cannot be written, a compiler that
 * is not there. The command line prints `message` on one line and exits with 3.
 */
export class Fault extends Error {
  /** Stable code, `room/name`, as diagnostics have. */
  readonly code: FaultCode;
  readonly hint: string | undefined;

  constructor(code: FaultCode, message: string, hint?: string) {
    super(message);
    this.name = 'Fault';
    this.code = code;
    this.hint = hint;
  }
}
