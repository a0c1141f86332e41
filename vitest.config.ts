/** Tests lie beside the code in src/, and in test/ for what belongs to no single folder. */
import { defineConfig } from 'vitest/config';

// biome-ignore lint/style/noDefaultExport: vitest reads the default export
export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    // Generous: two cores may be busy with compilers and emulators of other tests. No test asserts a time.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
