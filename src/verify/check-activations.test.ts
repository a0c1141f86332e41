import { describe, expect, it } from 'vitest';
import { activationBound } from '../kernels/error-bounds.js';
import { allFloats, checkActivations } from './check-activations.js';
import { missingTools, runsUnattended, toolchainsOf } from './toolchain.js';

const cases = [
  ['c', 'exact', 'native', 4099],
  ['c', 'std', 'native', 1021],
  ['c', 'fast', 'native', 1021],
  ['c', 'std', 'aarch64', 10007],
  ['neon', 'std', 'aarch64', 10007],
  ['neon', 'fast', 'aarch64', 10007],
  ['neon', 'std', 'arm', 10007],
  ['neon', 'fast', 'arm', 10007],
] as const;

describe('activations over a sample of all floats', () => {
  it.for(cases)('%s %s on %s', { timeout: 240_000 }, async ([tier, mode, target, stride], { skip }) => {
    const toolchain = toolchainsOf(target)[0]!;
    const missing = missingTools(toolchain);
    if (missing.length > 0 && !runsUnattended()) skip(`${missing.join(' and ')} not installed`);
    const checks = await checkActivations(tier, mode, toolchain, allFloats(stride));
    expect(checks.map(({ name }) => name)).toEqual(['tanh', 'sigmoid']);
    for (const check of checks) {
      expect(check.error).toBeLessThanOrEqual(activationBound(mode));
      // A bound far above the error would say nothing.
      expect(check.error).toBeGreaterThan(activationBound(mode) / 20);
      expect(check).toMatchObject({ misplaced: 0, wrongNan: 0 });
    }
  });
});
