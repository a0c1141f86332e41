/** The most probable classes where all others are as good as impossible: probabilities below the smallest float. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { emitFamily } from '../src/targets/c-family/emit-family.js';
import { obstacleOf, openProgram } from '../src/verify/program.js';
import { runsUnattended, toolchainsOf } from '../src/verify/toolchain.js';
import { verifyBuild } from '../src/verify/verify.js';
import { emitInput, languageModel } from './support/tiny-plans.js';

it.for([30, 3000])('with logits %d times as large', { timeout: 120_000 }, async (times, { skip }) => {
  const tiny = languageModel(13, 7, 11);
  for (const [name, { data }] of tiny.weights) if (name.startsWith('next')) data.set(data.map((w) => w * times));
  const folder = await mkdtemp(join(tmpdir(), 'rnnc-test-'));
  for (const { path, contents } of emitFamily(emitInput(tiny, 'tiny', 'c', 'std'), 'c'))
    await writeFile(join(folder, path), contents);
  const program = await openProgram(folder);
  const missing = toolchainsOf('native').flatMap((toolchain) => obstacleOf(program, toolchain)?.reason ?? []);
  if (missing.length > 0 && !runsUnattended()) skip(missing.join('; '));
  const { targets } = await verifyBuild(folder, { targets: ['native'] });
  expect(targets.map(({ status, reason }) => [status, reason])).toEqual([
    ['passed', ''],
    ['passed', ''],
  ]);
  await rm(folder, { recursive: true });
});
