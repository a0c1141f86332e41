// Checks the activations of every mode over all 2^32 floats, in portable C natively and in NEON under emulation:
//   npm run build && node benchmarks/activations/exhaustive.mjs [STRIDE]
// A stride of 1 (the default) is every float: about ten minutes natively and an hour or two under emulation.
import { activationBound } from '../../dist/kernels/error-bounds.js';
import { checkActivations } from '../../dist/verify/check-activations.js';
import { missingTools, toolchainsOf } from '../../dist/verify/toolchain.js';

const stride = Number(process.argv[2] ?? 1);
let failed = false;
for (const [tier, target] of [
  ['c', 'native'],
  ['neon', 'aarch64'],
  ['neon', 'arm'],
]) {
  const [toolchain] = toolchainsOf(target);
  const missing = missingTools(toolchain);
  if (missing.length > 0) {
    console.log(`${tier} on ${target}: skipped, ${missing.join(' and ')} not installed`);
    continue;
  }
  for (const mode of ['exact', 'std', 'fast'])
    for (const { name, error, at, misplaced, wrongNan } of await checkActivations(tier, mode, toolchain, stride)) {
      const passed = error <= activationBound(mode) && misplaced === 0 && wrongNan === 0;
      failed ||= !passed;
      console.log(
        `${tier} on ${target}, ${mode} ${name}: largest error ${error} at ${at}, bound ${activationBound(mode)}; ` +
          `${misplaced} values depend on their place; ${wrongNan} NaN lost: ${passed ? 'passed' : 'FAILED'}`,
      );
    }
}
process.exitCode = failed ? 1 : 0;
