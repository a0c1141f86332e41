/**
 * Coefficients of the approximate tanh(x) = x P(x^2) / Q(x^2) on [-clamp, clamp]: minimax fits of the absolute error,
 * found by iteratively reweighted rational least squares in double and rounded to float32. Their bounds are
 * `activationBound` in error-bounds.ts; `benchmarks/activations` checks them over all floats.
 */

export interface Rational {
  readonly clamp: number;
  readonly p: readonly number[];
  readonly q: readonly number[];
}

/** By activation mode. */
export const rationals: Readonly<Record<'std' | 'fast', Rational>> = {
  std: {
    clamp: 8.3,
    p: [0.9999999403953552, 0.13419125974178314, 0.003541267942637205, 2.138215313607361e-5, 1.4478632515135814e-8],
    q: [1, 0.4675244092941284, 0.026049617677927017, 0.0003361196431796998, 8.224619136854017e-7],
  },
  fast: {
    clamp: 5.2,
    p: [0.9997656941413879, 0.1010449007153511, 0.0006356070516631007],
    q: [1, 0.4337150752544403, 0.012439943850040436],
  },
};
