import { expect, test } from 'vitest';
import { type Diagnostic, Diagnostics } from '../diagnostics/diagnostic.js';
import type { Program } from './ast.js';
import { loadProgram, outside } from './load.js';

interface Loaded {
  readonly program: Program | undefined;
  readonly errors: readonly Diagnostic[];
  readonly read: readonly string[];
}
function load(files: Readonly<Record<string, string>>, path = 'p/main.cmp'): Loaded {
  const diagnostics = new Diagnostics();
  const read: string[] = [];
  const program = loadProgram(
    path,
    (file) => {
      read.push(file);
      return files[file];
    },
    diagnostics.report,
  );
  return { program, errors: diagnostics.all, read };
}
const codes = ({ errors }: Loaded): readonly string[] => errors.map((d) => d.code.replace('syntax/', ''));

test('imported items stand in the place of the import and keep their own file', () => {
  const loaded = load({
    'p/main.cmp': 'language 1\nimport "sub/base.cmp"\ntrain { seed = 1 }',
    'p/sub/base.cmp': 'language 1\nimport "lets.cmp"\nmodel m { a = ids(5) }',
    'p/sub/lets.cmp': 'let j = 1',
  });
  expect(codes(loaded)).toEqual([]);
  const items = loaded.program?.items.map((item) => [
    item.kind === 'block' ? item.word : item.kind,
    item.span.source.path,
  ]);
  expect(items).toEqual([
    ['language', 'p/main.cmp'],
    ['let', 'p/sub/lets.cmp'],
    ['model', 'p/sub/base.cmp'],
    ['train', 'p/main.cmp'],
  ]);
});

test('a program beside the working folder, and one without a folder', () => {
  expect(codes(load({ '../q/main.cmp': 'import "b.cmp"', '../q/b.cmp': '' }, '../q/main.cmp'))).toEqual([]);
  expect(
    codes(load({ 'main.cmp': 'import "./x/b.cmp"', 'x/b.cmp': 'import "../c.cmp"', 'c.cmp': '' }, 'main.cmp')),
  ).toEqual([]);
});

test('a program that cannot be read is undefined and no diagnostic', () => {
  expect(load({})).toMatchObject({ program: undefined, errors: [] });
});

test.each(['../secret.cmp', '/etc/passwd', 'a/../../x.cmp', 'C:\\x.cmp', 'https://x/y.cmp', '..\\x.cmp', ''])(
  'import %j is refused and never read',
  (path) => {
    const loaded = load({ 'p/main.cmp': `import "${path.replaceAll('\\', '\\\\')}"` });
    expect(codes(loaded)).toEqual(['import-outside']);
    expect(loaded.read).toEqual(['p/main.cmp']);
  },
);

test('an import that the reader finds outside is refused; it is told the folder of the program', () => {
  const diagnostics = new Diagnostics();
  const asked: unknown[] = [];
  loadProgram(
    'p/main.cmp',
    (file, folder) => {
      asked.push([file, folder]);
      if (file === 'p/main.cmp') return 'import "sub/a.cmp"';
      return file === 'p/sub/a.cmp' ? 'import "link.cmp"' : outside;
    },
    diagnostics.report,
  );
  expect(diagnostics.all.map((d) => d.code)).toEqual(['syntax/import-outside']);
  expect(asked).toEqual([
    ['p/main.cmp', undefined],
    ['p/sub/a.cmp', 'p'],
    ['p/sub/link.cmp', 'p'],
  ]);
});

test('a missing import names the file that was looked for', () => {
  const loaded = load({ 'p/main.cmp': 'import "base.cmp"' });
  expect(loaded.errors[0]?.message).toBe('import "base.cmp" is not a readable file, looked for p/base.cmp');
});

test('cycles are refused where they close', () => {
  const loaded = load({
    'p/main.cmp': 'import "a.cmp"',
    'p/a.cmp': 'import "b.cmp"',
    'p/b.cmp': 'let x = 1\nimport "a.cmp"',
  });
  expect(codes(loaded)).toEqual(['import-cycle']);
  expect(loaded.errors[0]).toMatchObject({
    message: 'import "a.cmp" leads back to itself: a.cmp -> b.cmp -> a.cmp',
    span: { source: { path: 'p/b.cmp' } },
  });
  expect(codes(load({ 'p/main.cmp': 'import "main.cmp"' }))).toEqual(['import-cycle']);
});

test('a file imported by two others counts once', () => {
  const loaded = load({
    'p/main.cmp': 'import "a.cmp"\nimport "b.cmp"',
    'p/a.cmp': 'import "lets.cmp"',
    'p/b.cmp': 'import "lets.cmp"',
    'p/lets.cmp': 'let x = 1',
  });
  expect(codes(loaded)).toEqual([]);
  expect(loaded.program?.items).toHaveLength(1);
});

test('a block or let given twice points at the first, also in another file', () => {
  const loaded = load({
    'p/main.cmp': 'import "a.cmp"\nlet x = 2\ntrain {}\nemit c {}\nemit neon {}\nemit c {}\nmodel other {}',
    'p/a.cmp': 'let x = 1\nmodel m {}',
  });
  expect(codes(loaded)).toEqual(['let-twice', 'block-twice', 'block-twice']);
  expect(loaded.errors.map((d) => d.message)).toEqual([
    '`let x` is given twice',
    '`emit c` is given twice',
    '`model` is given twice',
  ]);
  expect(loaded.errors.map((d) => d.notes[0]?.span?.source.path)).toEqual(['p/a.cmp', 'p/main.cmp', 'p/a.cmp']);
});

test('faults of every file are reported', () => {
  const loaded = load({ 'p/main.cmp': 'import "a.cmp"\nlet y 1', 'p/a.cmp': 'train { a = 13x0 }' });
  expect([...codes(loaded)].sort()).toEqual(['unexpected', 'zero-dimension']);
});
