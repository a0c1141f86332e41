import { expect, it } from 'vitest';
import { suggestion } from './suggest.js';

it.each([
  ['softmaxx', ['softmax', 'dense'], 'softmax', true],
  ['Adam', ['adam', 'adamw'], 'adam', true],
  ['int', ['int8', 'float32'], 'int8', true],
  ['int5', ['int8', 'int4', 'int3'], 'int8', false],
  ['', ['B', 'C'], undefined, false],
  ['l', ['lr', 'data'], 'lr', true],
  ['b', ['B', 'by'], 'B', true],
  ['2c', ['1', '2a', '2b'], '2a', false],
  ['zebra', ['adam', 'sgd'], undefined, false],
])('%s of %j is %s; certain: %s', (word, known, near, certain) => {
  expect(suggestion(word, known)).toMatchObject({ near, certain });
});
