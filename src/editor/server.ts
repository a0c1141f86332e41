/**
 * The language server: the protocol on one side, the questions of this folder on the other. The only door to the
 * protocol's library. It holds the open texts and nothing else; every answer is computed from them.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  type CodeAction,
  CodeActionKind,
  CompletionItemKind,
  type Connection,
  DiagnosticSeverity,
  type InlayHint,
  InlayHintKind,
  type Diagnostic as LspDiagnostic,
  type Range,
  type SymbolInformation,
  SymbolKind,
  TextDocumentSyncKind,
  type TextEdit,
} from 'vscode-languageserver';
import { createConnection, StreamMessageReader, StreamMessageWriter, TextDocuments } from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { liesOutside } from '../data/inside-folder.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { positionAt, type Span } from '../diagnostics/source.js';
import { outside, type ReadText } from '../syntax/load.js';
import { parse } from '../syntax/parse.js';
import { printProgram } from '../syntax/print.js';
import { type Analysis, Analyzer } from './analysis.js';
import { complete } from './complete.js';
import { hover } from './hover.js';
import { inlays } from './inlay.js';
import { symbolAt, symbolsOf } from './symbols.js';

function rangeOf({ source, start, end }: Span): Range {
  const [from, to] = [positionAt(source, start), positionAt(source, end)];
  return {
    start: { line: from.line - 1, character: from.column - 1 },
    end: { line: to.line - 1, character: to.column - 1 },
  };
}

const uriOf = (path: string): string => pathToFileURL(path).href;
const locationOf = (span: Span) => ({ uri: uriOf(span.source.path), range: rangeOf(span) });

function toLsp(d: Diagnostic): LspDiagnostic {
  const placed = d.notes.flatMap(({ message, span }) => (span ? [{ message, location: locationOf(span) }] : []));
  const plain = d.notes.flatMap(({ message, span }) => (span ? [] : [message]));
  return {
    range: rangeOf(d.span),
    severity: d.severity === 'error' ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
    code: d.code,
    source: 'rnnc',
    message: [d.message, ...plain, ...(d.hint === undefined ? [] : [`hint: ${d.hint}`])].join('\n'),
    ...(placed.length === 0 ? {} : { relatedInformation: placed }),
  };
}

interface At {
  readonly textDocument: { readonly uri: string };
  readonly position: { readonly line: number; readonly character: number };
}

/** What an open text is found to mean, and the other files that were asked for on the way. */
interface Known {
  readonly version: number;
  readonly analysis: Analysis;
  readonly read: ReadonlySet<string>;
}

/** The open texts, and the analysis of each as it stands. */
class Workspace {
  readonly documents = new TextDocuments(TextDocument);
  readonly #known = new Map<string, Known>();
  readonly #analyzers = new Map<string, Analyzer>();

  /** Other files: as an editor shows them, else as they lie on the disk. */
  readonly readText: ReadText = (path, folder) => {
    if (folder !== undefined && liesOutside(path, folder)) return outside;
    const open = this.documents.get(uriOf(resolve(path)));
    if (open !== undefined) return open.getText();
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return undefined;
    }
  };

  analysis(document: TextDocument): Analysis {
    const known = this.#known.get(document.uri);
    if (known?.version === document.version) return known.analysis;
    const read = new Set<string>();
    const analyzer = this.#analyzers.get(document.uri) ?? new Analyzer();
    this.#analyzers.set(document.uri, analyzer);
    const analysis = analyzer.analyze(fileURLToPath(document.uri), document.getText(), (path, folder) => {
      read.add(uriOf(resolve(path)));
      return this.readText(path, folder);
    });
    this.#known.set(document.uri, { version: document.version, analysis, read });
    return analysis;
  }

  at({ textDocument, position }: At): { readonly analysis: Analysis; readonly offset: number } | undefined {
    const document = this.documents.get(textDocument.uri);
    return document && { analysis: this.analysis(document), offset: document.offsetAt(position) };
  }

  close(uri: string): void {
    this.forget(uri);
    this.#analyzers.delete(uri);
  }

  /** What a changed text means is unknown again, and what the files mean that import it. */
  forget(changed: string): void {
    const uri = uriOf(fileURLToPath(changed));
    for (const [key, { read }] of this.#known) if (key === changed || read.has(uri)) this.#known.delete(key);
  }
}

/** Faults of imported files stand at their own places; those of this file here. */
function publish(connection: Connection, workspace: Workspace, changed: string): void {
  workspace.forget(changed);
  const byUri = new Map<string, LspDiagnostic[]>(workspace.documents.keys().map((uri) => [uri, []]));
  const seen = new Set<string>();
  for (const document of workspace.documents.all()) {
    for (const d of workspace.analysis(document).diagnostics) {
      const uri = uriOf(d.span.source.path);
      const key = `${uri} ${d.span.start} ${d.code} ${d.message}`;
      if (!seen.has(key)) byUri.set(uri, [...(byUri.get(uri) ?? []), toLsp(d)]);
      seen.add(key);
    }
  }
  for (const [uri, diagnostics] of byUri) void connection.sendDiagnostics({ uri, diagnostics });
}

/** The answers about the word at a place. */
function answerPlaces(connection: Connection, workspace: Workspace): void {
  connection.onHover((params) => {
    const place = workspace.at(params);
    const value = place && hover(place.analysis, place.offset);
    return value === undefined ? null : { contents: { kind: 'markdown', value } };
  });
  connection.onCompletion((params) => {
    const place = workspace.at(params);
    if (place === undefined) return [];
    const { analysis, offset } = place;
    return complete(analysis.path, analysis.text, offset, workspace.readText).map(({ word, doc, isName }, i) => ({
      label: word,
      kind: isName ? CompletionItemKind.Property : CompletionItemKind.Keyword,
      // The order of the language, not of the alphabet.
      sortText: String(i).padStart(4, '0'),
      ...(doc === undefined ? {} : { documentation: doc }),
    }));
  });
}

/** The answers about a name and all its places. */
function answerNames(connection: Connection, workspace: Workspace): void {
  const symbol = (params: At) => {
    const place = workspace.at(params);
    return place && symbolAt(place.analysis.program, place.analysis.path, place.offset);
  };
  connection.onDefinition((params) => {
    const found = symbol(params);
    return found === undefined ? null : locationOf(found.definition);
  });
  connection.onReferences((params) => {
    const found = symbol(params);
    return found === undefined ? null : [found.definition, ...found.uses].map(locationOf);
  });
  connection.onRenameRequest(({ newName, ...params }) => {
    const found = symbol(params);
    if (found === undefined || !/^[A-Za-z_]\w*$/.test(newName)) return null;
    const changes: Record<string, TextEdit[]> = {};
    for (const span of [found.definition, ...found.uses]) {
      const uri = uriOf(span.source.path);
      changes[uri] = [...(changes[uri] ?? []), { range: rangeOf(span), newText: newName }];
    }
    return { changes };
  });
}

/** The text laid out in the standard form; left as it is when it cannot be read whole, for nothing to be lost. */
function formatted(document: TextDocument): TextEdit[] | null {
  let broken = false;
  const text = document.getText();
  const program = parse({ path: fileURLToPath(document.uri), text }, () => {
    broken = true;
  });
  if (broken) return null;
  const range = { start: { line: 0, character: 0 }, end: document.positionAt(text.length) };
  return [{ range, newText: printProgram(program) }];
}

/** The fixes of what is wrong between two places. */
function fixesIn({ diagnostics }: Analysis, start: number, end: number): CodeAction[] {
  return diagnostics.flatMap((d): CodeAction[] => {
    if (d.fix === undefined || d.span.start > end || d.span.end < start) return [];
    const edit = { range: rangeOf(d.fix.span), newText: d.fix.text };
    const changes = { [uriOf(d.fix.span.source.path)]: [edit] };
    return [{ title: d.fix.title, kind: CodeActionKind.QuickFix, diagnostics: [toLsp(d)], edit: { changes } }];
  });
}

const outline = ({ program, path }: Analysis): SymbolInformation[] =>
  symbolsOf(program)
    .filter(({ definition }) => definition.source.path === path)
    .map(({ name, kind, definition }) => ({
      name,
      kind: kind === 'layer' ? SymbolKind.Variable : SymbolKind.Constant,
      location: locationOf(definition),
    }));

const hintsIn = (analysis: Analysis, document: TextDocument, [start, end]: readonly [number, number]): InlayHint[] =>
  inlays(analysis)
    .filter(({ offset }) => start <= offset && offset <= end)
    .map(({ offset, text, detail }) => ({
      position: document.positionAt(offset),
      label: `= ${text}`,
      kind: InlayHintKind.Parameter,
      paddingLeft: true,
      tooltip: detail,
    }));

/** The answers about a whole text, or a stretch of it. */
function answerTexts(connection: Connection, workspace: Workspace): void {
  const open = ({ uri }: { readonly uri: string }): TextDocument | undefined => workspace.documents.get(uri);
  const stretch = (document: TextDocument, { start, end }: Range): readonly [number, number] => [
    document.offsetAt(start),
    document.offsetAt(end),
  ];
  connection.onDocumentFormatting(({ textDocument }) => {
    const document = open(textDocument);
    return document === undefined ? null : formatted(document);
  });
  connection.onCodeAction(({ textDocument, range }) => {
    const document = open(textDocument);
    return document === undefined ? [] : fixesIn(workspace.analysis(document), ...stretch(document, range));
  });
  connection.onDocumentSymbol(({ textDocument }) => {
    const document = open(textDocument);
    return document === undefined ? [] : outline(workspace.analysis(document));
  });
  connection.languages.inlayHint.on(({ textDocument, range }) => {
    const document = open(textDocument);
    return document === undefined ? [] : hintsIn(workspace.analysis(document), document, stretch(document, range));
  });
}

/** Serves one editor over two streams until it says goodbye; resolves with the exit code. */
export function serve(input: NodeJS.ReadableStream, output: NodeJS.WritableStream): Promise<number> {
  const connection = createConnection(new StreamMessageReader(input), new StreamMessageWriter(output));
  const workspace = new Workspace();
  connection.onInitialize(() => ({
    serverInfo: { name: 'rnnc' },
    capabilities: {
      textDocumentSync: TextDocumentSyncKind.Incremental,
      hoverProvider: true,
      completionProvider: { triggerCharacters: ['=', '(', ',', '.', ':', ' '] },
      definitionProvider: true,
      referencesProvider: true,
      renameProvider: true,
      documentFormattingProvider: true,
      documentSymbolProvider: true,
      codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
      inlayHintProvider: true,
    },
  }));
  answerPlaces(connection, workspace);
  answerNames(connection, workspace);
  answerTexts(connection, workspace);
  workspace.documents.onDidChangeContent(({ document }) => publish(connection, workspace, document.uri));
  workspace.documents.onDidClose(({ document }) => {
    workspace.close(document.uri);
    void connection.sendDiagnostics({ uri: document.uri, diagnostics: [] });
  });
  workspace.documents.listen(connection);
  return new Promise((done) => {
    let stopping = false;
    connection.onShutdown(() => {
      stopping = true;
    });
    // Without a `shutdown` before it, `exit` is an error of the editor's; so is a stream that ends.
    connection.onExit(() => done(stopping ? 0 : 1));
    input.on('end', () => done(stopping ? 0 : 1));
    connection.listen();
  });
}
