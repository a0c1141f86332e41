import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CodeAction, Diagnostic, Hover, TextEdit, WorkspaceEdit } from 'vscode-languageserver';
import {
  createProtocolConnection,
  type ProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import { serve } from './server.js';

const wrong = `model tiny {
  tokens = ids(vocab=12)
  embed  = embedding(tokens, 6)
  rnn    = lstn(embed, 8)
  next   = softmax(rnn, 12)
}
`;

/** A real client of the protocol on the other end of two streams. */
describe('the language server', () => {
  let client: ProtocolConnection;
  let served: Promise<number>;
  let folder: string;
  let uri: string;
  const published = new Map<string, readonly Diagnostic[]>();
  let woken: () => void = () => undefined;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'rnnc-lsp-'));
    uri = pathToFileURL(join(folder, 'm.cmp')).href;
    const [there, back] = [new PassThrough(), new PassThrough()];
    served = serve(there, back);
    client = createProtocolConnection(new StreamMessageReader(back), new StreamMessageWriter(there));
    client.onNotification('textDocument/publishDiagnostics', (params: { uri: string; diagnostics: Diagnostic[] }) => {
      published.set(params.uri, params.diagnostics);
      woken();
    });
    client.listen();
    await client.sendRequest('initialize', { processId: null, rootUri: null, capabilities: {} });
    await client.sendNotification('initialized', {});
  });
  afterEach(async () => {
    await client.sendRequest('shutdown');
    await client.sendNotification('exit');
    expect(await served).toBe(0);
    client.dispose();
    rmSync(folder, { recursive: true });
  });

  const answer = (): Promise<void> => new Promise((done) => (woken = done));
  async function open(text: string): Promise<readonly Diagnostic[]> {
    const next = answer();
    const textDocument = { uri, languageId: 'cmp', version: 1, text };
    await client.sendNotification('textDocument/didOpen', { textDocument });
    await next;
    return published.get(uri)!;
  }
  async function change(text: string, version: number): Promise<readonly Diagnostic[]> {
    const next = answer();
    await client.sendNotification('textDocument/didChange', {
      textDocument: { uri, version },
      contentChanges: [{ text }],
    });
    await next;
    return published.get(uri)!;
  }

  it('tells what is wrong as it is typed, and how to mend it', async () => {
    const [found, ...others] = await open(wrong);
    expect(others).toEqual([]);
    expect(found).toMatchObject({ code: 'model/unknown-layer', range: { start: { line: 3, character: 11 } } });
    const request = { textDocument: { uri }, range: found!.range, context: { diagnostics: [found!] } };
    const [action] = await client.sendRequest<CodeAction[]>('textDocument/codeAction', request);
    expect(action!.title).toBe('replace `lstn` by `lstm`');
    expect(action!.edit!.changes![uri]).toEqual([{ range: found!.range, newText: 'lstm' }]);
    expect(await change(wrong.replace('lstn', 'lstm'), 2)).toEqual([]);
  });

  it('answers hover, definition, rename, completion, formatting and hints', async () => {
    await open(`${wrong.replace('lstn', 'lstm')}compress { rnn: lmf to 2x }\n`);
    const at = { textDocument: { uri }, position: { line: 4, character: 20 } };
    const told = await client.sendRequest<Hover>('textDocument/hover', at);
    expect((told.contents as { value: string }).value).toContain('`rnn = lstm`');
    const place = await client.sendRequest<{ range: unknown }>('textDocument/definition', at);
    expect(place.range).toEqual({ start: { line: 3, character: 2 }, end: { line: 3, character: 5 } });
    const renamed = await client.sendRequest<WorkspaceEdit>('textDocument/rename', { ...at, newName: 'cell' });
    expect(renamed.changes![uri]).toHaveLength(3);
    expect(await client.sendRequest('textDocument/rename', { ...at, newName: '1x' })).toBeNull();
    const items = await client.sendRequest<{ label: string }[]>('textDocument/completion', at);
    expect(items.map((item) => item.label)).toContain('embed');
    const edits = await client.sendRequest<TextEdit[]>('textDocument/formatting', {
      textDocument: { uri },
      options: {},
    });
    expect(edits[0]!.newText).toContain('compress {\n  rnn: lmf to 2x\n}');
    const range = { start: { line: 0, character: 0 }, end: { line: 99, character: 0 } };
    const hints = await client.sendRequest<{ label: string }[]>('textDocument/inlayHint', {
      textDocument: { uri },
      range,
    });
    expect(hints[0]!.label).toMatch(/^= r=\d+, \d+(\.\d+)?x$/);
  });

  it('finds references, renames and lists names over imported files', async () => {
    const base = join(folder, 'base.cmp');
    writeFileSync(base, wrong.replace('lstn', 'lstm'));
    await open('import "base.cmp"\ncompress { rnn: lmf to 2x }\nsweep { rnn.to = [2x, 3x] }\n');
    const at = { textDocument: { uri }, position: { line: 1, character: 12 } };
    const there = pathToFileURL(base).href;
    const place = await client.sendRequest<{ uri: string; range: unknown }>('textDocument/definition', at);
    expect(place).toMatchObject({ uri: there, range: { start: { line: 3, character: 2 } } });
    const context = { context: { includeDeclaration: true } };
    const found = await client.sendRequest<{ uri: string }[]>('textDocument/references', { ...at, ...context });
    expect(found.map((f) => f.uri)).toEqual([there, there, uri, uri]);
    const renamed = await client.sendRequest<WorkspaceEdit>('textDocument/rename', { ...at, newName: 'cell' });
    expect(Object.entries(renamed.changes!).map(([file, edits]) => [file, edits.length])).toEqual([
      [there, 2],
      [uri, 2],
    ]);
    await change(`let h = 8\n${wrong.replace('lstn', 'lstm').replace('embed, 8', 'embed, h')}`, 2);
    const names = await client.sendRequest<{ name: string }[]>('textDocument/documentSymbol', {
      textDocument: { uri },
    });
    expect(names.map(({ name }) => name)).toEqual(['tokens', 'embed', 'rnn', 'next', 'h']);
  });

  it('says what it can do, and answers at places where there is nothing', async () => {
    await open('// nothing here\n');
    const at = { textDocument: { uri }, position: { line: 0, character: 5 } };
    expect(await client.sendRequest('textDocument/hover', at)).toBeNull();
    expect(await client.sendRequest('textDocument/definition', at)).toBeNull();
    expect(await client.sendRequest('textDocument/completion', at)).toEqual([]);
    expect(await client.sendRequest('textDocument/rename', { ...at, newName: 'x' })).toBeNull();
    expect(await client.sendRequest('textDocument/documentSymbol', { textDocument: { uri } })).toEqual([]);
  });

  it('refuses an import that a link leads outside', async () => {
    symlinkSync('/etc/passwd', join(folder, 'base.cmp'));
    expect((await open('import "base.cmp"\n')).map(({ code }) => code)).toEqual(['syntax/import-outside']);
  });

  it('reads imports from the disk, and leaves a broken text as it is laid out', async () => {
    writeFileSync(join(folder, 'base.cmp'), wrong.replace('lstn', 'lstm'));
    expect(await open('import "base.cmp"\ncompress { rnn: lmf to 2x }\n')).toEqual([]);
    await change('model {{{', 2);
    expect(await client.sendRequest('textDocument/formatting', { textDocument: { uri }, options: {} })).toBeNull();
  });
});
