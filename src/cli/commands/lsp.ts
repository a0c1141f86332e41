/** `rnnc lsp`: the language server on stdin and stdout. */
import { serve } from '../../editor/server.js';
import type { Command } from '../command.js';

export const lspCommand: Command = {
  name: 'lsp',
  summary: 'serve editors: diagnostics, completion, hover, rename, formatting, fixes',
  operands: '',
  most: 0,
  // Editors' clients add it to every server they start on streams; it is the only way there is.
  options: { stdio: { type: 'boolean', doc: 'speak over stdin and stdout (always so)' } },
  details: 'Speaks the Language Server Protocol over stdin and stdout until the editor ends it. See docs/editors.md.',
  examples: ['rnnc lsp'],
  run: () => serve(process.stdin, process.stdout),
};
