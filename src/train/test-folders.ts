/** A folder of its own for each test of a file, gone when the test is over. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';

interface TestFolders {
  readonly home: () => string;
  /** A folder in it that is not there yet; another at each call. */
  readonly fresh: () => string;
}

/** To be called where tests are described. */
export function testFolders(): TestFolders {
  let home = '';
  let folders = 0;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'rnnc-train-'));
  });
  afterEach(() => rmSync(home, { recursive: true }));
  return { home: () => home, fresh: () => join(home, `run${folders++}`) };
}
