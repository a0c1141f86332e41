/**
 * A fault outside the program text: a file that cannot be read, a folder that cannot be written, a compiler that
 * is not there. The command line prints `message` on one line and exits with 3.
 */
export class Fault extends Error {
  /** Stable code, `room/name`, as diagnostics have. */
  readonly code: string;
  readonly hint: string | undefined;

  constructor(code: string, message: string, hint?: string) {
    super(message);
    this.name = 'Fault';
    this.code = code;
    this.hint = hint;
  }
}
