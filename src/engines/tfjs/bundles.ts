/** The browser bundles of the installed tfjs packages, for an emitted page. Only finds them; the command line reads. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/** Package -> files of its `dist/`. The wasm file is the one with SIMD, which every browser since 2023 runs. */
const bundles = {
  core: ['tf-core.min.js'],
  'backend-wasm': ['tf-backend-wasm.min.js', 'tfjs-backend-wasm-simd.wasm'],
  'backend-cpu': ['tf-backend-cpu.min.js'],
} as const;

/** Where each bundle lies on this machine. */
export function bundlePaths(): readonly string[] {
  return Object.entries(bundles).flatMap(([name, files]) => {
    const folder = dirname(require.resolve(`@tensorflow/tfjs-${name}/package.json`));
    return files.map((file) => join(folder, 'dist', file));
  });
}

/** Version of the installed tfjs. */
export const bundleVersion = (): string =>
  (require('@tensorflow/tfjs-core/package.json') as { readonly version: string }).version;
