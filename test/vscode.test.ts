/** The extension for VS Code: its grammar is the token list, and the package that is built of it is whole. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOnigScanner, createOnigString, loadWASM } from 'vscode-oniguruma';
import { type IGrammar, INITIAL, parseRawGrammar, Registry } from 'vscode-textmate';
import { printTextMate, scopes } from '../src/syntax/print-textmate.js';
import { tokenize } from '../src/syntax/tokens.js';

const root = resolve(import.meta.dirname, '..');
const extension = join(root, 'editors/vscode');
const read = (path: string): string => readFileSync(path, 'utf8');

describe('the grammar', () => {
  let grammar: IGrammar;
  beforeAll(async () => {
    await loadWASM(readFileSync(createRequire(import.meta.url).resolve('vscode-oniguruma/release/onig.wasm')));
    const onigLib = Promise.resolve({ createOnigScanner, createOnigString });
    const loadGrammar = async () => parseRawGrammar(printTextMate(), 'cmp.json');
    grammar = (await new Registry({ onigLib, loadGrammar }).loadGrammar('source.cmp'))!;
  });

  it('is that of the token list (npm run build && node scripts/print-textmate.mjs)', () => {
    expect(read(join(extension, 'cmp.tmLanguage.json'))).toBe(printTextMate());
  });

  /** The scope of every character of a text. */
  function scopesOf(text: string): readonly string[] {
    let state = INITIAL;
    return text.split('\n').flatMap((line) => {
      const { tokens, ruleStack } = grammar.tokenizeLine(line, state);
      state = ruleStack;
      const own = new Array<string>(line.length + 1).fill('');
      for (const { startIndex, endIndex, scopes: found } of tokens)
        own.fill(found.at(-1)!, startIndex, Math.min(endIndex, line.length));
      return own;
    });
  }

  const examples = readdirSync(join(root, 'examples')).filter((name) => name.endsWith('.cmp'));
  const more = `let goal = 10/3x /* over
two lines */
compress { override rnn*.{i,f} except rnn2: hlf(k=1) to 2x fewer macs together then int8(per=row) }
train { form = 2a  rate = 1e-5  share = 99.93%  by = 1/1.2  until = 6 epochs  on = yes  start = "a \\" b" }
sweep { to = [2x, 64 KiB] }
`;
  it.each([
    ...examples.map((name) => [name, read(join(root, 'examples', name))] as const),
    ['every token', more] as const,
  ])('colours %s as the lexer reads it', (_, text) => {
    const found = scopesOf(text);
    const { tokens, comments } = tokenize(text);
    expect(tokens.length).toBeGreaterThan(20);
    for (const { tokenType, startOffset, endOffset, image } of [...tokens, ...comments]) {
      const expected = scopes[tokenType.name];
      const byPlace = ['variable.parameter.cmp', 'entity.name.function.cmp'];
      const word = /^[A-Za-z_]/.test(image);
      for (const at of [startOffset, endOffset!]) {
        expect(word ? [expected, ...byPlace] : [expected], `${tokenType.name} ${image}`).toContain(found[at]);
      }
    }
  });

  it('tells names by their places', () => {
    const text = 'train = lstm(embed)';
    const found = scopesOf(text);
    expect([found[0], found[8], found[13]]).toEqual([
      'variable.parameter.cmp',
      'entity.name.function.cmp',
      'variable.other.cmp',
    ]);
  });
});

/** Entries of a zip by their directory, with checked sizes. */
function unzip(bytes: Buffer): ReadonlyMap<string, Buffer> {
  const end = bytes.lastIndexOf('PK\x05\x06');
  const entries = new Map<string, Buffer>();
  let at = bytes.readUInt32LE(end + 16);
  for (let i = 0; i < bytes.readUInt16LE(end + 10); i++) {
    expect(bytes.toString('latin1', at, at + 4)).toBe('PK\x01\x02');
    const [packed, size, length] = [
      bytes.readUInt32LE(at + 20),
      bytes.readUInt32LE(at + 24),
      bytes.readUInt16LE(at + 28),
    ];
    const name = bytes.toString('utf8', at + 46, at + 46 + length);
    const local = bytes.readUInt32LE(at + 42);
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const contents = inflateRawSync(bytes.subarray(start, start + packed));
    expect(contents.length, name).toBe(size);
    entries.set(name, contents);
    at += 46 + length + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return entries;
}

describe('the .vsix', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rnnc-vsix-'));
  const build = (name: string): Buffer => {
    execFileSync(process.execPath, [join(extension, 'package.mjs'), join(folder, name)]);
    return readFileSync(join(folder, name, `rnnc-${version}.vsix`));
  };
  const { version } = JSON.parse(read(join(root, 'package.json'))) as { version: string };
  let bytes: Buffer;
  let entries: ReadonlyMap<string, Buffer>;
  beforeAll(() => {
    bytes = build('one');
    entries = unzip(bytes);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const text = (name: string): string => entries.get(name)!.toString();

  it('has the version of rnnc, and everything that its manifests name', () => {
    const manifest = JSON.parse(text('extension/package.json')) as {
      version: string;
      main: string;
      contributes: { languages: { configuration: string }[]; grammars: { path: string; scopeName: string }[] };
    };
    expect(manifest.version).toBe(version);
    const { languages, grammars } = manifest.contributes;
    const named = [manifest.main, ...languages.map((l) => l.configuration), ...grammars.map((g) => g.path)];
    for (const path of named) expect(entries.has(join('extension', path)), path).toBe(true);
    const assets = [...text('extension.vsixmanifest').matchAll(/Path="([^"]+)"/g)].map(([, path]) => path!);
    expect(assets).toHaveLength(3);
    for (const path of assets) expect(entries.has(path), path).toBe(true);
    expect(text('extension.vsixmanifest')).toContain(`Id="rnnc" Version="${version}" Publisher="rnnc"`);
    for (const name of ['package.json', 'language-configuration.json']) {
      expect(() => JSON.parse(text(`extension/${name}`))).not.toThrow();
    }
  });

  it('says the type of every file', () => {
    const types = text('[Content_Types].xml');
    for (const name of entries.keys()) {
      if (name === '[Content_Types].xml') continue;
      const extension = /\.([^./]+)$/.exec(name)?.[1];
      const said = extension === undefined ? `PartName="/${name}"` : `Extension=".${extension}"`;
      expect(types, name).toContain(said);
    }
  });

  it('is the same bytes when built again', () => {
    expect(build('two').equals(bytes)).toBe(true);
  });

  it('holds all that its client loads: it starts where nothing else is installed', () => {
    const place = join(folder, 'unpacked');
    for (const [name, contents] of entries) {
      mkdirSync(dirname(join(place, name)), { recursive: true });
      writeFileSync(join(place, name), contents);
    }
    // The editor's own module is the only one that is not in the package.
    const script = `
      const Module = require('node:module');
      const any = () => new Proxy(function () {}, {
        get: (target, key) => (key === 'prototype' ? target.prototype : key === Symbol.toPrimitive ? () => '' : any()),
        apply: any, construct: () => ({}),
      });
      const load = Module._load;
      Module._load = (name, ...rest) => (name === 'vscode' ? any() : load(name, ...rest));
      const client = require('./extension/client.js');
      const path = require('node:path');
      process.stdout.write(JSON.stringify([
        typeof client.activate, typeof client.deactivate,
        client.serverCommand(['npx', 'rnnc', 'lsp'], []),
        client.serverCommand([], ['/nowhere']),
        client.serverCommand([], ['/nowhere', ${JSON.stringify(root)}.replace(/$/, '/test/none'), process.cwd()]),
      ]));`;
    const bin = join(place, 'node_modules/.bin');
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, 'rnnc'), '');
    const out = execFileSync(process.execPath, ['-e', script], { cwd: place, encoding: 'utf8' });
    const own = join(execFileSync('pwd', ['-P'], { cwd: place, encoding: 'utf8' }).trim(), 'node_modules/.bin/rnnc');
    expect(JSON.parse(out)).toEqual(['function', 'function', ['npx', 'rnnc', 'lsp'], ['rnnc', 'lsp'], [own, 'lsp']]);
  });
});
