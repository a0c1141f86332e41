import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeEmitted } from '../../test/support/emitted-folders.js';
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
    const folder = await writeEmitted(join(root, tier), emitInput(doped(29, 0.2), 'tiny', tier, 'std'));
    const { tried, kinds, survivors } = await checkMutants(folder, toolchain, most);
    expect(survivors).toEqual([]);
    expect(tried).toBeGreaterThan(most / 2);
    expect(Object.keys(kinds).length).toBeGreaterThan(2);
  });
});
