import { expect, it } from 'vitest';
import { enginesTable } from './engines-table.js';

it('puts speeds beside what is available, and reasons below', () => {
  const fast = { name: 'a', option: '--engine a', available: true, detail: 'a 1.0', varies: undefined };
  const loose = { ...fast, option: '--engine b', detail: 'b 2.0', varies: 'it sums as it likes' };
  const gone = { ...fast, option: '--engine c', available: false, detail: 'not installed; install it' };
  expect(
    enginesTable([{ ...fast, milliseconds: 1.234, gigaflops: 150.4 }, gone, { ...loose, milliseconds: 12.34 }]),
  ).toBe(`engine      version  ms per step  GFLOP/s  same bits
----------  -------  -----------  -------  -----------------------
--engine a  a 1.0           1.23      150  yes
--engine b  b 2.0           12.3           no: it sums as it likes

not available
  --engine c: not installed; install it
`);
});
