/** Tables and charts of speed against size. Lines are what plans predict, dots what was counted. */
import { svgChart } from '../papers/svg-chart.mjs';

const names = { 'cortex-a53': 'A53 model', 'cortex-a57': 'A57 model', 'neoverse-n1': 'N1 model' };
const methodsOf = (points) => [...new Set(points.map(({ name }) => name))];
const kilo = (cycles) => (cycles < 10_000 ? (cycles / 1000).toFixed(1) : String(Math.round(cycles / 1000)));

/** A panel of a core: y(point, core, cycles, kind) against what a point is `over`. */
function panel(points, core, { over, y, title }) {
  const series = methodsOf(points).flatMap((name, colour) => {
    const own = points.filter((point) => point.name === name && point.predicted !== undefined);
    const line = own.map((point) => [point[over], y(point, core, point.predicted[core], 'predicted')]);
    const dots = own
      .filter(({ counted }) => counted?.[core] !== undefined)
      .map((point) => [point[over], y(point, core, point.counted[core], 'counted')]);
    return [
      { name, colour, points: line },
      { name, colour, points: dots.filter(([, value]) => Number.isFinite(value)), dots: true },
    ];
  });
  return { title: `${title}, ${names[core]}`, log: true, series };
}

/** A panel for each core. */
const chart = (points, cores, { across, ...how }) =>
  svgChart({
    across: `${across} (lines predicted, dots counted)`,
    logAcross: true,
    marks: [...new Set(points.map((point) => point[how.over]))],
    panels: cores.map((core) => panel(points, core, how)),
  });

/** Cycles of a step over the number of units. */
export const unitsChart = ({ cores, units }) =>
  chart(units, cores, {
    across: 'units of the LSTM layer, over as many features',
    over: 'hidden',
    title: 'thousand cycles of a step',
    y: (_point, _core, cycles) => cycles / 1000,
  });

const denseOf = (units, hidden) => units.find((point) => point.name === 'dense' && point.hidden === hidden);

/** How much faster than dense over the compression factor. */
export const factorsChart = ({ cores, units, factors }) =>
  chart(factors, cores, {
    across: 'compression factor in parameters',
    over: 'factor',
    title: `a step of ${factors[0].hidden} units, times faster than dense`,
    y: ({ hidden }, core, cycles, kind) => denseOf(units, hidden)[kind]?.[core] / cycles,
  });

/** Predicted and counted cycles of a point as a cell. */
const cell = ({ predicted, counted }, core, show) =>
  predicted === undefined
    ? ''
    : `${show(predicted[core])}${counted?.[core] === undefined ? '' : ` (${show(counted[core])})`}`;

function table(points, across, cellOf) {
  const columns = methodsOf(points);
  const values = [...new Set(points.map((point) => point[across]))];
  const rows = values.map((value) => {
    const cells = columns.map((name) => {
      const point = points.find((one) => one.name === name && one[across] === value);
      return point === undefined ? '' : cellOf(point);
    });
    return `| ${value} | ${cells.join(' | ')} |`;
  });
  return [`| ${across} | ${columns.join(' | ')} |`, `|---|${columns.map(() => '---|').join('')}`, ...rows].join('\n');
}

/** Where prediction and count differ most, for each core. */
export function deviations({ cores, units, factors }) {
  return cores.flatMap((core) => {
    const both = [...units, ...factors].filter(({ counted }) => counted?.[core] !== undefined);
    const ratios = both.map((point) => ({ point, ratio: point.predicted[core] / point.counted[core] }));
    if (ratios.length === 0) return [];
    const size = ({ ratio }) => Math.abs(Math.log(ratio));
    const worst = ratios.reduce((a, b) => (size(b) > size(a) ? b : a));
    const sizes = ratios.map(size).sort((a, b) => a - b);
    const median = Math.exp(sizes[Math.floor(sizes.length / 2)]) - 1;
    return [{ core, points: ratios.length, median, ...worst }];
  });
}

const percent = (share) => `${(100 * share).toFixed(0)}%`;

const deviationLine = ({ core, points, median, ratio, point: { name, factor, hidden } }) => {
  const what = `${name}${factor === undefined ? '' : ` to ${factor}x`}, ${hidden} units`;
  const most = `${percent(Math.abs(ratio - 1))} too ${ratio > 1 ? 'high' : 'low'}`;
  return `- ${names[core]}: ${points} points counted, median deviation ${percent(median)}, largest ${most} (${what})`;
};

/** Everything as markdown. */
export function sizesTables(results) {
  const { cores, units, factors } = results;
  const parts = cores.flatMap((core) => {
    const dense = (hidden) => denseOf(units, hidden);
    const faster = (point) => {
      if (point.predicted === undefined) return '';
      const predicted = (dense(point.hidden).predicted[core] / point.predicted[core]).toFixed(2);
      const counted = dense(point.hidden).counted?.[core] / point.counted?.[core];
      return Number.isFinite(counted) ? `${predicted} (${counted.toFixed(2)})` : predicted;
    };
    return [
      `### ${names[core]}: thousand cycles of a step over units, predicted (counted)`,
      table(units, 'hidden', (point) => cell(point, core, kilo)),
      `### ${names[core]}: times faster than dense over the factor, ${factors[0].hidden} units, predicted (counted)`,
      table(factors, 'factor', faster),
    ];
  });
  const lines = deviations(results).map(deviationLine);
  return `${[...parts, '### Prediction against count', lines.join('\n')].join('\n\n')}\n`;
}
