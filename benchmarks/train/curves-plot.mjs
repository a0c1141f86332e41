/** Cost curves as one SVG: a panel for each, logarithmic where the law is a power, with the law beside the points. */
import { expectations, fitPolynomial } from './curves-table.mjs';

const [width, height, margin] = [320, 260, 48];
const inner = { width: width - 1.5 * margin, height: height - 1.8 * margin };

/** Value -> pixels, by logarithm. */
function scale(values, from, to) {
  const [low, high] = [Math.log(Math.min(...values)), Math.log(Math.max(...values))];
  return (value) => from + ((Math.log(value) - low) / (high - low || 1)) * (to - from);
}

const number = (value) => String(Number(value.toPrecision(3)));
const at = (value) => value.toFixed(1);

function panel({ curve, points }, left) {
  const { title, degree, law } = expectations[curve];
  const xs = points.map((point) => point[curve]);
  const ys = points.map((point) => point.stepMilliseconds);
  const fit = xs.length > degree + 1 ? fitPolynomial(xs, ys, degree) : undefined;
  const x = scale(xs, left + margin, left + margin + inner.width);
  const y = scale(ys, margin / 2 + inner.height, margin / 2 + 12);
  const floor = margin / 2 + inner.height;
  const ticks = (value, i) => [
    `<text x="${at(x(xs[i]))}" y="${at(floor + 16)}" text-anchor="middle">${number(xs[i])}</text>`,
    `<circle cx="${at(x(xs[i]))}" cy="${at(y(value))}" r="3.5" fill="#1f6feb"/>`,
    `<text x="${at(x(xs[i]) - 6)}" y="${at(y(value) - 7)}" text-anchor="end" fill="#1f6feb">${number(value)}</text>`,
  ];
  const steps = Array.from({ length: 41 }, (_, i) => xs[0] * (xs.at(-1) / xs[0]) ** (i / 40));
  const line =
    fit === undefined ? [] : steps.filter((v) => fit.at(v) > 0).map((v) => `${at(x(v))},${at(y(fit.at(v)))}`);
  return [
    `<path d="M${at(left + margin)} ${margin / 2}V${at(floor)}H${at(left + margin + inner.width)}" fill="none" stroke="#888"/>`,
    `<polyline points="${line.join(' ')}" fill="none" stroke="#d29922" stroke-width="1.5"/>`,
    ...ys.flatMap(ticks),
    `<text x="${at(left + margin + inner.width / 2)}" y="${at(floor + 36)}" text-anchor="middle">${title}</text>`,
    `<text x="${at(left + margin + 8)}" y="${margin / 2 + 4}" fill="#9a6700">fit ${law}</text>`,
  ].join('\n');
}

/** All curves side by side. */
export function drawCurves(series) {
  const total = width * series.length;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${total}" height="${height}" viewBox="0 0 ${total} ${height}"
  font-family="system-ui, sans-serif" font-size="11">
<rect width="${total}" height="${height}" fill="white"/>
<text x="12" y="${height - 6}" fill="#555">ms of a training step, logarithmic axes</text>
${series.map((one, i) => panel(one, i * width)).join('\n')}
</svg>
`;
}
