/** The house rules as tests: who may import whom, doors of libraries, lengths. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const src = join(root, 'src');

/** In the order data visits them: a room imports only rooms above it. */
const rooms = [
  'support',
  'diagnostics',
  'syntax',
  'arguments',
  'tensor',
  'graph',
  'autodiff',
  'passes',
  'kernels',
  'methods',
  'layers',
  'model',
  'lower',
  'fit',
  'targets',
  'data',
  'engines',
  'train',
  'verify',
  'sweep',
  'report',
  'browser',
  'recipes',
  'editor',
  'compile.ts',
  'cli',
  'index.ts',
];

/** Packages and the only folder or file that may import each. */
const doors: Readonly<Record<string, string>> = {
  chevrotain: 'syntax/',
  handlebars: 'targets/render.ts',
  'onnx-proto': 'targets/onnx/',
  yaml: 'recipes/read-recipe.ts',
  'vscode-languageserver': 'editor/server.ts',
  'vscode-languageserver-textdocument': 'editor/server.ts',
  'onnxruntime-node': 'engines/onnxruntime/',
  '@tensorflow/tfjs-core': 'engines/tfjs/',
  '@tensorflow/tfjs-backend-wasm': 'engines/tfjs/',
  '@tensorflow/tfjs-node': 'engines/tfjs/',
  '@tensorflow/tfjs-backend-cpu': 'engines/tfjs/',
};

/** Rooms that may touch disk, processes or the clock. */
const outside = ['cli/', 'engines/', 'data/', 'train/', 'verify/', 'targets/render.ts', 'editor/server.ts'];
const outsideModules = ['node:fs', 'node:fs/promises', 'node:child_process', 'node:os', 'node:worker_threads'];

function filesBelow(folder: string, suffix: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(suffix))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

interface Import {
  readonly file: string;
  readonly specifier: string;
}
const sources = filesBelow(src, '.ts');
const production = sources.filter((f) => !f.endsWith('.test.ts'));
const imports: Import[] = sources.flatMap((file) => {
  const specifiers = ts.preProcessFile(readFileSync(file, 'utf8'), true, true).importedFiles.map((i) => i.fileName);
  return specifiers.map((specifier) => ({ file: relative(src, file), specifier }));
});
/** Tests and what only they use (`test-*.ts`) are not compiled into the package. */
const isShipped = (file: string): boolean => !file.endsWith('.test.ts') && !/(^|\/)test-[^/]*\.ts$/.test(file);
const roomOf = (path: string): string => path.split('/')[0]!;
const target = (i: Import): string => relative(src, resolve(src, dirname(i.file), i.specifier));

describe('imports', () => {
  it('knows every room', () => {
    const found = new Set(sources.map((f) => roomOf(relative(src, f))));
    expect([...found].filter((room) => !rooms.includes(room))).toEqual([]);
  });

  it('go one way between rooms, type imports included', () => {
    const wrong = imports
      .filter((i) => i.specifier.startsWith('.') && !i.file.endsWith('.test.ts'))
      .filter((i) => rooms.indexOf(roomOf(target(i))) > rooms.indexOf(roomOf(i.file)))
      .map((i) => `${i.file} imports ${target(i)}`);
    expect(wrong).toEqual([]);
  });

  it('make no circles between files', () => {
    const graph = new Map<string, string[]>();
    for (const i of imports.filter((i) => i.specifier.startsWith('.'))) {
      graph.set(i.file, [...(graph.get(i.file) ?? []), target(i).replace(/\.js$/, '.ts')]);
    }
    const state = new Map<string, 'open' | 'done'>();
    const circles: string[] = [];
    const visit = (file: string, path: readonly string[]): void => {
      if (state.get(file) === 'done') return;
      if (state.get(file) === 'open') {
        circles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
        return;
      }
      state.set(file, 'open');
      for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
      state.set(file, 'done');
    };
    for (const file of graph.keys()) visit(file, []);
    expect(circles).toEqual([]);
  });

  it('no method imports another method, no layer another layer', () => {
    const folder = (path: string): string => path.split('/').slice(0, 2).join('/');
    const wrong = imports
      .filter((i) => i.specifier.startsWith('.') && /^methods\/[^/]+\//.test(i.file) && !i.file.endsWith('.test.ts'))
      .filter((i) => /^methods\/[^/]+\//.test(target(i)) && folder(target(i)) !== folder(i.file));
    expect(wrong).toEqual([]);
  });

  it('use each library through its one door', () => {
    const wrong = imports
      .filter((i) => !i.specifier.startsWith('.') && !i.file.endsWith('.test.ts'))
      .filter((i) => doors[i.specifier] !== undefined && !i.file.startsWith(doors[i.specifier]!))
      .map((i) => `${i.file} imports ${i.specifier}`);
    expect(wrong).toEqual([]);
  });

  it('touch disk and processes only in rooms with a door', () => {
    const wrong = imports
      .filter((i) => outsideModules.includes(i.specifier) && !i.file.endsWith('.test.ts'))
      .filter((i) => !outside.some((room) => i.file.startsWith(room)))
      .map((i) => `${i.file} imports ${i.specifier}`);
    expect(wrong).toEqual([]);
  });

  it('name only declared packages', () => {
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, object>;
    const declared = new Set([
      ...Object.keys(manifest['dependencies']!),
      ...Object.keys(manifest['optionalDependencies']!),
    ]);
    const wrong = imports
      .filter((i) => !i.specifier.startsWith('.') && !i.specifier.startsWith('node:') && isShipped(i.file))
      .filter(
        (i) =>
          !declared.has(
            i.specifier
              .split('/')
              .slice(0, i.specifier.startsWith('@') ? 2 : 1)
              .join('/'),
          ),
      )
      .map((i) => `${i.file} imports ${i.specifier}`);
    expect(wrong).toEqual([]);
  });
});

/** Line ranges of functions; object literals and classes do not count, so tables are exempt. */
function longFunctions(file: string, limit: number): string[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined) {
      const first = source.getLineAndCharacterOfPosition(node.getStart()).line;
      const last = source.getLineAndCharacterOfPosition(node.getEnd()).line;
      const parameters = node.parameters.length;
      if (last - first + 1 > limit) found.push(`${relative(src, file)}:${first + 1} has ${last - first + 1} lines`);
      if (parameters > 4) found.push(`${relative(src, file)}:${first + 1} has ${parameters} parameters`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

describe('sizes', () => {
  it('files have at most 300 lines', () => {
    const long = production
      .filter((f) => readFileSync(f, 'utf8').split('\n').length > 301)
      .map((f) => relative(src, f));
    expect(long).toEqual([]);
  });

  it('functions have at most 40 lines and 4 parameters', () => {
    expect(production.flatMap((f) => longFunctions(f, 40))).toEqual([]);
  });

  it('lines have at most 120 columns', () => {
    const wide = production.flatMap((f) =>
      readFileSync(f, 'utf8')
        .split('\n')
        .flatMap((line, i) => (line.length > 120 && !/https?:/.test(line) ? [`${relative(src, f)}:${i + 1}`] : [])),
    );
    expect(wide).toEqual([]);
  });

  it('every file opens with a comment that says what it is', () => {
    const bare = production
      .filter((f) => !/^(#!.*\n)?\s*\/\*\*/.test(readFileSync(f, 'utf8')))
      .map((f) => relative(src, f));
    expect(bare).toEqual([]);
  });
});

describe('lists', () => {
  it('every method folder has its definition, README and test', () => {
    const folders = readdirSync(join(src, 'methods'), { withFileTypes: true }).filter((e) => e.isDirectory());
    expect(folders.length).toBeGreaterThan(0);
    for (const { name } of folders) {
      expect(readdirSync(join(src, 'methods', name)), name).toEqual(
        expect.arrayContaining([`${name}.ts`, 'README.md', `${name}.test.ts`]),
      );
    }
  });
});
