/** Kronecker product: a matrix as B (x) C of two small ones. */

import { formatShape } from '../../tensor/shape.js';
import { defineMethod } from '../define-method.js';
import { factorTensors, fitKronecker, kroneckerProduct, kroneckerValues, planKronecker } from '../kronecker-product.js';
import {
  factorB,
  factorC,
  pairRank,
  pairsBySize,
  resolvePair,
  shapeMessages,
  shapesStack,
  whyPair,
} from '../kronecker-shapes.js';
import { layout } from '../parameters.js';

const among = 'of factor pairs with equally many parameters, the one with the largest rank bound';

/** W = B (x) C per gate, B (gates, m1, n1), C (gates, m2, n2): m1 n1 + m2 n2 values. */
export const kp = defineMethod({
  name: 'kp',
  summary: 'the matrix is the Kronecker product of two small ones',
  law: 'W = B (x) C, with B (m1, n1), C (m2, n2), m = m1 m2 and n = n1 n2',
  source: '[D]; Thakker et al. 2019',
  schema: { B: factorB, C: factorC, layout },
  messages: shapeMessages,
  open: ({ B, C }) => B === undefined && C === undefined,
  stacks: shapesStack,
  bind: ({ matrix, site: { path }, args, fail }) => {
    const pair = resolvePair(matrix, args.values);
    if ('b' in pair) return pair;
    return fail('shapes', args.at(args.given('B') ? 'B' : 'C'), { ...pair, path });
  },
  dial: ({ matrix }) => {
    const pairs = pairsBySize(matrix.shape);
    return { name: 'B and C', least: 0, most: pairs.length - 1, at: (setting) => pairs[setting]!, among };
  },
  tensors: factorTensors,
  rank: (_, pair) => pairRank(pair),
  why: whyPair,
  show: ({ b, c }) => ({ B: formatShape(b), C: formatShape(c) }),
  prepare: ({ g, matrix, bound, tensors }) => kroneckerProduct(g, tensors, matrix, bound),
  reconstruct: (values, { gates }, pair) => kroneckerValues(values, gates, pair),
  plan: ({ p, x, y, matrix, bound, paths }) => planKronecker(p, { x, y }, matrix, { pair: bound, paths }),
  fit: ({ dense, matrix: { gates }, bound }) => fitKronecker(dense, gates, bound),
});
