/** The thread of `rnnc lsp`: serves the editor behind its stdin and stdout, and ends with the exit code. */
import { serve } from '../editor/server.js';

process.exit(await serve(process.stdin, process.stdout));
