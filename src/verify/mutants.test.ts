import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelOf } from '../../test/support/check-text.js';
import { writeEmitted } from '../../test/support/emitted-folders.js';
import { emitTo } from '../../test/support/emitted-programs.js';
import { prunedWeights } from '../../test/support/program-checks.js';
import { doped, emitInput } from '../../test/support/tiny-plans.js';
import { checkMutants } from './check-mutants.js';
import { mutantsOf, readCoverage } from './mutants.js';
import { missingTools, runsUnattended, toolchainsOf } from './toolchain.js';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'rnnc-mutants-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe('faults', () => {
  const source = [
    'static void f(const float *z, size_t units)',
    '{',
    '    const float *zg = z + 2 * units;',
    '    for (i = 0; i < units; i++)',
    '        y[i] += zg[i] * 0.5f;',
    '    copy(z, y, units);',
    '    state->now = now ^ 1u;',
    '        return TINY_E_TOKEN;',
    '}',
  ].join('\n');
  const everywhere = new Map(source.split('\n').map((_, i) => [i + 1, 1]));

  it('are put in one at a time', () => {
    const found = mutantsOf(source, everywhere).map(({ line, fault, after }) => `${line} ${fault}: ${after}`);
    expect(found).toEqual([
      '3 swaps two gates: const float *zg = z + 3 * units;',
      '4 leaves a loop or a tail out: for (i = 0; 0; i++)',
      '5 flips a sign: y[i] -= zg[i] * 0.5f;',
      '5 takes another constant: y[i] += zg[i] * 0.25f;',
      '6 drops a call: (void)0;',
      '7 keeps the old state: state->now = now;',
      '8 takes a wrong argument: return 0;',
    ]);
  });

  it('are left out where the next loop does the work that is left', () => {
    const loops = (between: string): string =>
      `{\n    for (i = 0; i < whole; i += 4)\n        step(i);\n${between}\n    for (; i < n; i++)\n        one(i);\n}`;
    const at = (text: string) =>
      mutantsOf(text, new Map(text.split('\n').map((_, i) => [i + 1, 1])))
        .filter(({ fault }) => fault.startsWith('leaves'))
        .map(({ line }) => line);
    expect(at(loops(''))).toEqual([5]);
    expect(at(loops('#undef ADD'))).toEqual([5]);
    expect(at(loops('    i = 0;\n}\n{'))).toEqual([2, 7]);
  });

  it('are left out where a loop only goes on', () => {
    const loop =
      'void f()\n{\n    for (i = 16; i > 2; i /= 2) {\n        if (rows < i)\n            continue;\n        step(i);';
    const at = (goesOn: number) =>
      mutantsOf(loop, new Map([3, 4, 6].map((line) => [line, 3])).set(5, goesOn)).map(({ line }) => line);
    expect(at(3)).toEqual([6]);
    expect(at(2)).toEqual([3, 6]);
  });

  it('are put only where the program comes by', () => {
    const covered = readCoverage(
      ['        3:    4:for', '    #####:    5:y[i]', '        -:    2:{', '        2*:    6:copy'].join('\n'),
    );
    expect([...covered]).toEqual([
      [4, 3],
      [6, 2],
    ]);
    expect(mutantsOf(source, covered).map(({ line }) => line)).toEqual([6]);
  });
});

describe('the self-test sees faults', () => {
  const cases = [
    ['c', 'native', 16],
    ['neon', 'aarch64', 8],
  ] as const;
  it.for(cases)('of %s on %s', { timeout: 120_000 }, async ([tier, target, most], { skip }) => {
    const toolchain = toolchainsOf(target)[0]!;
    const missing = missingTools(toolchain);
    if (missing.length > 0 && !runsUnattended()) skip(`${missing.join(' and ')} not installed`);
    const folder = await writeEmitted(join(root, tier), emitInput(doped(59, 0.2), 'tiny', tier, 'std'));
    const { tried, kinds, survivors } = await checkMutants(folder, toolchain, { most });
    expect(survivors).toEqual([]);
    expect(tried).toBeGreaterThan(most / 2);
    expect(Object.keys(kinds).length).toBeGreaterThan(2);
  });

  // Of all places in these programs only those that runs in blocks go through in a case of their own.
  const runs = [
    [
      'two steps at a time',
      'neon',
      'aarch64',
      'lstm(x, 11)',
      'softmax(r, 5)',
      /\b2 \* \w_stride|add_panel_steps\(2|step >= 2/,
      4,
    ],
    ['what only the end shows', 'neon', 'aarch64', 'lstm(x, 11)', 'last(r)', /\b2 \* \w_stride/, 2],
    [
      'a state that was used',
      'c',
      'native',
      'gru(x, 5, bidirectional=yes)',
      'softmax(r, 5)',
      /begin\(|memset\(state, 0/,
      3,
    ],
    ['what a run left behind', 'c', 'native', 'gru(x, 5, bidirectional=yes)', 'softmax(r, 5)', /block_1\(|i -= n/, 4],
  ] as const;
  it.for(runs)('of %s', { timeout: 60_000 }, async ([name, tier, target, cell, end, places, count], { skip }) => {
    const toolchain = toolchainsOf(target)[0]!;
    const missing = missingTools(toolchain);
    if (missing.length > 0 && !runsUnattended()) skip(`${missing.join(' and ')} not installed`);
    const block = `emit ${tier} { ${tier === 'neon' ? 'cpu = cortex-a73' : 'max_steps = 9'} }`;
    const model = modelOf(`language 1\nmodel m {\n x = features(9)\n r = ${cell}\n y = ${end}\n}\n${block}`);
    const folder = join(root, name);
    await emitTo(folder, model, prunedWeights(model, 1), { target: tier, linked: false });
    const { tried, survivors } = await checkMutants(folder, toolchain, { only: ({ before }) => places.test(before) });
    expect(survivors).toEqual([]);
    expect(tried).toBe(count);
  });
});
