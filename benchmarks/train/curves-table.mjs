/** Fits of cost curves and their table in Markdown. Numbers in, text out. */

/** What a curve moves, what its cost should be, and the words for it. */
export const expectations = {
  hidden: { title: 'H', degree: 2, law: 'quadratic in H' },
  steps: { title: 'T', degree: 1, law: 'linear in T' },
  layers: { title: 'layers', degree: 1, law: 'linear in layers' },
};

/** Solves the normal equations of a weighted polynomial fit by elimination. */
function solve(matrix, right) {
  const rows = matrix.map((row, i) => [...row, right[i]]);
  for (let i = 0; i < rows.length; i++) {
    const pivot = rows.slice(i).reduce((best, row) => (Math.abs(row[i]) > Math.abs(best[i]) ? row : best));
    rows.splice(rows.indexOf(pivot), 1);
    rows.splice(i, 0, pivot);
    for (let j = i + 1; j < rows.length; j++) {
      const factor = rows[j][i] / pivot[i];
      rows[j] = rows[j].map((value, k) => value - factor * pivot[k]);
    }
  }
  const result = [];
  for (let i = rows.length - 1; i >= 0; i--) {
    const known = result.reduce((sum, value, k) => sum + value * rows[i][rows.length - 1 - k], 0);
    result.push((rows[i][rows.length] - known) / rows[i][i]);
  }
  return result.reverse();
}

/** Coefficients, from the constant on, that make the relative errors smallest; `worst` is the largest of them. */
export function fitPolynomial(xs, ys, degree) {
  const powers = Array.from({ length: degree + 1 }, (_, i) => i);
  const sum = (term) => xs.reduce((total, x, i) => total + term(x, ys[i]), 0);
  const matrix = powers.map((a) => powers.map((b) => sum((x, y) => x ** (a + b) / y ** 2)));
  const right = powers.map((a) => sum((x, y) => x ** a / y));
  const coefficients = solve(matrix, right);
  const at = (x) => coefficients.reduce((total, c, i) => total + c * x ** i, 0);
  return { coefficients, at, worst: Math.max(...xs.map((x, i) => Math.abs(at(x) / ys[i] - 1))) };
}

/** Slope of log y over log x by least squares: the exponent of y = c x^k. */
export function fitExponent(xs, ys) {
  const [u, v] = [xs.map(Math.log), ys.map(Math.log)];
  const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;
  const [meanU, meanV] = [mean(u), mean(v)];
  const up = u.reduce((total, x, i) => total + (x - meanU) * (v[i] - meanV), 0);
  return up / u.reduce((total, x) => total + (x - meanU) ** 2, 0);
}

const digits = (value) => value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);

function fitLine(curve, what, xs, ys) {
  const { degree, law, title } = expectations[curve];
  if (xs.length <= degree + 1) return `- ${what}: too few points for a fit`;
  const { worst } = fitPolynomial(xs, ys, degree);
  const last = fitExponent(xs.slice(-2), ys.slice(-2));
  const grows = `as ${title}^${fitExponent(xs, ys).toFixed(2)} over all points, ${title}^${last.toFixed(2)} at the end`;
  return `- ${what}: ${grows}; a fit ${law} is at most ${(100 * worst).toFixed(0)}% off`;
}

function curveText({ curve, points }) {
  const { title, law } = expectations[curve];
  const of = (name) => points.map((point) => point[name]);
  const xs = of(curve);
  const rows = points.map((point) => {
    const { stepMilliseconds, medianMilliseconds, gigaflop, startMilliseconds, nodes } = point;
    const cells = [stepMilliseconds, medianMilliseconds, gigaflop, (gigaflop / stepMilliseconds) * 1000];
    return `| ${point[curve]} | ${cells.map(digits).join(' | ')} | ${(startMilliseconds / 1000).toFixed(2)} | ${nodes} |`;
  });
  return [
    `## ${title}: should be ${law}`,
    '',
    `| ${title} | ms per step | median | GFLOP | GFLOP/s | s to the end of the first step | nodes |`,
    '|---:|---:|---:|---:|---:|---:|---:|',
    ...rows,
    '',
    fitLine(curve, 'time of a step', xs, of('stepMilliseconds')),
    fitLine(curve, 'from program text to the end of the first step', xs, of('startMilliseconds')),
    '',
  ].join('\n');
}

/** The whole page. */
export function curvesTable({ engine, threads, words, batch, base, cpu }, series) {
  const others = series.map(({ curve }) => {
    const fixed = Object.entries(base).filter(([name]) => name !== curve);
    const told = fixed.map(([name, value]) => `${expectations[name].title}=${value}`).join(', ');
    return `${expectations[curve].title} moves at ${told}`;
  });
  return [
    '# Cost of a training step',
    '',
    `LSTM language model, ${words} words, batch ${batch}; ${engine}, ${threads} threads, ${cpu}. Best of several runs.`,
    `${others.join('; ')}.`,
    '',
    ...series.map(curveText),
  ].join('\n');
}
