import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { Invocation } from './command.js';
import { readProgram } from './program.js';

const home = mkdtempSync(join(tmpdir(), 'rnnc-imports-'));
afterAll(() => rmSync(home, { recursive: true }));

const model = `model tiny {
  tokens = ids(vocab=12)
  embed  = embedding(tokens, 6)
  rnn    = lstm(embed, 8)
  next   = softmax(rnn, 12)
}
`;

/** `p` is the folder of the program, `aside` one beside it; `base.cmp` in both. */
const inside = join(home, 'p');
for (const name of ['p/sub', 'aside']) mkdirSync(join(home, name), { recursive: true });
for (const name of ['p/sub/base.cmp', 'aside/base.cmp']) writeFileSync(join(home, name), model);
symlinkSync('../aside/base.cmp', join(inside, 'out.cmp'));
symlinkSync(join(home, 'aside'), join(inside, 'away'));
symlinkSync('sub/base.cmp', join(inside, 'in.cmp'));
symlinkSync('nowhere.cmp', join(inside, 'dangling.cmp'));
symlinkSync(inside, join(home, 'linked'));

function codes(path: string, program = 'p/main.cmp'): readonly string[] {
  writeFileSync(join(inside, 'main.cmp'), `language 1\nimport "${path}"\n`);
  const none = () => undefined;
  const invocation = { folder: home, operands: [program], text: none, flag: () => false, integer: none };
  return readProgram(invocation as unknown as Invocation).found.map((d) => d.code);
}

it.each(['out.cmp', 'away/base.cmp', 'sub/../out.cmp'])('import %j leads outside through a link', (path) => {
  expect(codes(path)).toEqual(['syntax/import-outside']);
});

it.each(['in.cmp', 'sub/base.cmp'])('import %j stays inside, also in a folder that is a link', (path) => {
  expect(codes(path)).toEqual([]);
  expect(codes(path, 'linked/main.cmp')).toEqual([]);
});

it('a link to nothing is a missing file', () => {
  expect(codes('dangling.cmp')).toEqual(['syntax/import-missing']);
});
