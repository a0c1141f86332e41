/**
 * Pages of the diagnostics that methods give under their own names. Methods are an open list: a test holds this table
 * against their messages, and against what can be said of every method.
 */

import type { Common } from '../../methods/common-messages.js';
import type { contradictions } from '../../model/contradiction.js';
import { type DiagnosticPage, page, stored } from './page.js';

type Change = readonly [right: string, wrong: string];

/** What is said of every method that can be wrong in this way, and a rule for each: the right one and the wrong one. */
interface SharedPage {
  readonly cause: string;
  readonly help: string;
  readonly rules: Readonly<Record<string, Change>>;
}

export const sharedPages: { readonly [K in keyof Common | keyof typeof contradictions]: SharedPage } = {
  'open-argument': {
    cause: 'A rule leaves the size of a structure open and has no goal to solve it from.',
    help: 'Either is enough: the argument, or a goal such as `to 4x`.',
    rules: {
      lmf: ['lmf(r=4)', 'lmf'],
      hlf: ['hlf(j=4)', 'hlf'],
      hkp: ['hkp(rows=4)', 'hkp'],
      tt: ['tt(ranks=2)', 'tt'],
      circulant: ['circulant(block=4)', 'circulant'],
    },
  },
  'more-than-dense': {
    cause: 'A structure holds more values than the matrix it stands for.',
    help: 'It is right and only a waste: choose smaller arguments, or leave the weight dense.',
    rules: {
      lmf: ['lmf(r=4)', 'lmf(r=20)'],
      hlf: ['hlf(j=4)', 'hlf(j=4, k=16)'],
      kp: ['kp(B=4x5, C=6x8)', 'kp(B=24x40, C=1x1)'],
      dkp: ['dkp(B=4x5, C=6x8, sparsity=90%)', 'dkp(B=24x40, C=1x1, sparsity=90%)'],
      hkp: ['hkp(rows=4)', 'hkp(B=23x40, C=1x1)'],
      tt: ['tt(shapes=[4x5, 6x8], ranks=[2])', 'tt(shapes=[4x5, 6x8], ranks=[20])'],
    },
  },
  'sparsity-contradicts-goal': {
    cause: 'A sparsity and a goal that stand in one rule do not agree.',
    help: 'A goal beside a complete method is a check: it must agree within 0.5%. The hint gives the right sparsity.',
    rules: {
      prune: ['prune(sparsity=90%)', 'prune(sparsity=90%) to 4x'],
      dkp: ['dkp(B=4x5, C=6x8, sparsity=90%)', 'dkp(B=4x5, C=6x8, sparsity=90%) to 8x'],
    },
  },
  'arguments-contradict-goal': {
    cause: 'The arguments of a method and a goal that stand in one rule do not agree.',
    help: 'A goal beside a complete method is a check: it must agree within 0.5%. The hint gives the right arguments.',
    rules: {
      dense: ['dense to 1x', 'dense to 2x'],
      lmf: ['lmf(r=4)', 'lmf(r=4) to 2x'],
      hlf: ['hlf(j=4)', 'hlf(j=4) to 4x'],
      kp: ['kp(B=4x5, C=6x8)', 'kp(B=4x5, C=6x8) to 4x'],
      hkp: ['hkp(rows=4, B=4x5, C=5x8)', 'hkp(rows=4, B=4x5, C=5x8) to 2x'],
      tt: ['tt(ranks=2)', 'tt(ranks=2) to 2x'],
      circulant: ['circulant(block=4)', 'circulant(block=4) to 2x'],
    },
  },
};

/** By `method/code`. */
export const ownPages: Readonly<Record<string, DiagnosticPage>> = {
  'kp/shapes': page(
    'The factors of a Kronecker product do not make the matrix.',
    'Rows of B times rows of C are the rows of the matrix, and so with the columns. The hint lists the nearest pairs.',
    stored('rnn: kp(B=4x5, C=6x8)'),
    ['C=6x8', 'C=6x9'],
  ),
  'kp/chain': page(
    'Three or four factors of a Kronecker product do not make the matrix.',
    'The product of their rows is the rows of the matrix, and so with the columns. The hint lists the nearest.',
    stored('rnn: kp(B=2x5, C=3x4, D=4x2)'),
    ['D=4x2', 'D=4x3'],
  ),
  'kp/factor-count': page(
    'The number of factors and the shapes that are written do not agree.',
    'Write `factors` without shapes, to have them chosen, or the shapes alone.',
    stored('rnn: kp(factors=2, B=4x5, C=6x8)'),
    ['factors=2', 'factors=3'],
  ),
  'kp/missing-factor': page(
    'A factor is written without one that stands left of it.',
    'Write all factors. Of two, one may be left out: the other gives it.',
    stored('rnn: kp(B=2x5, C=3x4, D=4x2)'),
    ['C=3x4, ', ''],
  ),
  'dkp/shapes': page(
    'The factors of a doped Kronecker product do not make the matrix.',
    'Rows of B times rows of C are the rows of the matrix, and so with the columns. The hint lists the nearest pairs.',
    stored('rnn: dkp(B=4x5, C=6x8) to 8x'),
    ['C=6x8', 'C=6x9'],
  ),
  'dkp/block': page(
    'Blocks of the overlay do not fill the matrix.',
    'All gates stand below each other, and blocks tile them without a rest. The hint lists the nearest that do.',
    stored('rnn: dkp(B=4x5, C=6x8, block=4x4) to 4x'),
    ['block=4x4', 'block=4x7'],
  ),
  'dkp/nothing-to-penalize': page(
    '`penalty` is given to a form that has no scalars.',
    'The forms 2a and 2b weigh both parts by trained scalars, which `penalty` keeps small. Form 1 has none.',
    stored('rnn: dkp(form=2a, penalty=1e-3) to 4x'),
    ['form=2a', 'form=1'],
  ),
  'prune/block': page(
    'Blocks that are pruned together do not fill the matrix.',
    'All gates stand below each other, and blocks tile them without a rest. The hint lists the nearest that do.',
    stored('rnn: prune(block=8x4) to 4x'),
    ['block=8x4', 'block=7x4'],
  ),
  'lmf/rank-too-large': page(
    'The rank of a product is more than the matrix can have.',
    'A matrix has at most the rank of its shorter side.',
    stored('rnn: lmf(r=4)'),
    ['r=4', 'r=25'],
  ),
  'hlf/softmax': page(
    '`hlf` is to store the final softmax.',
    'Its upper rows would be richer than its lower ones, so that some words would be favoured ([H] section 6). Use ' +
      '`lmf`, which treats all rows alike.',
    stored('next: lmf to 2x'),
    ['lmf', 'hlf'],
  ),
  'hlf/stacked-permute': page(
    '`permute=yes` is asked for gates that are stacked.',
    'It chooses hidden units that are rich in all gates; stacked, rows of single gates are chosen.',
    stored('rnn: hlf(permute=yes) to 2x'),
    ['permute=yes', 'permute=yes, layout=stacked'],
  ),
  'hlf/one-row': page(
    '`hlf` is to store a matrix of one row.',
    'It needs a row that is stored in full and one that is not.',
    oneRow('hlf(j=1)'),
    ['lstm(embed, 8)', 'lstm(embed, 1)'],
  ),
  'hlf/too-many-rows': page(
    'The rows that are stored in full and the rank of the rest are more than the matrix has rows.',
    'The hint gives the most rows for this rank.',
    stored('rnn: hlf(j=4, k=2)'),
    ['j=4', 'j=23'],
  ),
  'hlf/rank-too-large': page(
    'The rank of the lower rows is more than they can have.',
    'A matrix has at most the rank of its shorter side.',
    stored('rnn: hlf(j=4, k=2)').replace('embedding(tokens, 16)', 'embedding(tokens, 4)').replace('rnn:', 'rnn.input:'),
    ['k=2', 'k=6'],
  ),
  'hkp/one-row': page(
    '`hkp` is to store a matrix of one row.',
    'It needs a row that is stored in full and one that is not.',
    oneRow('hkp(rows=1)'),
    ['lstm(embed, 8)', 'lstm(embed, 1)'],
  ),
  'hkp/too-many-rows': page(
    'Rows that are stored in full leave none to the Kronecker product.',
    'Without `rows` a goal chooses how many.',
    stored('rnn: hkp(rows=4)'),
    ['rows=4', 'rows=24'],
  ),
  'hkp/shapes': page(
    'The factors of a hybrid Kronecker product do not make its lower rows.',
    'The hint lists the nearest that do, with the rows that are then stored in full.',
    stored('rnn: hkp(rows=4, B=4x5, C=5x8)'),
    ['C=5x8', 'C=6x8'],
  ),
  'tt/shapes': page(
    'The cores of a tensor train do not make the matrix.',
    'The product of their rows is the rows of the matrix, and so with the columns. The hint lists the nearest.',
    stored('rnn: tt(shapes=[4x5, 6x8], ranks=2)'),
    ['6x8', '6x9'],
  ),
  'tt/rank-count': page(
    'A tensor train has too many or too few ranks.',
    'There is one between each core and the next: one less than cores. A single number holds for all.',
    stored('rnn: tt(shapes=[4x5, 6x8], ranks=[2])'),
    ['[2]', '[2, 2]'],
  ),
  'tt/rank-too-large': page(
    'A rank of a tensor train is more than its cores can have at that place.',
    'What is left of the cut is a matrix, whose shorter side bounds the rank.',
    stored('rnn: tt(shapes=[4x5, 6x8], ranks=[2])'),
    ['[2]', '[21]'],
  ),
  'circulant/block-too-large': page(
    'A circulant block is larger than the matrix.',
    'A block has at most the shorter side of the matrix; divisors of both sides are nowhere cut.',
    stored('rnn: circulant(block=4)'),
    ['block=4', 'block=25'],
  ),
};

/** A layer whose matrices have one row where its units are 1. */
function oneRow(rule: string): string {
  return stored(`rnn: ${rule}`).replace('lstm(embed, 24)', 'lstm(embed, 8)');
}

/** All pages of methods, by `method/code`. */
export const methodPages: Readonly<Record<string, DiagnosticPage>> = {
  ...ownPages,
  ...Object.fromEntries(
    Object.entries(sharedPages).flatMap(([code, { cause, help, rules }]) =>
      Object.entries(rules).map(([method, change]) => [
        `${method}/${code}`,
        page(cause, help, stored(`rnn: ${change[0]}`), change),
      ]),
    ),
  ),
};
