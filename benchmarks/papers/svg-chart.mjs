/** A line chart as SVG text: one or more panels over a common x axis. No dependency; the same input, the same bytes. */

const colours = [
  '#1b6ca8',
  '#d1495b',
  '#2e8b57',
  '#8d5a97',
  '#e08e0b',
  '#5b5b5b',
  '#00798c',
  '#a44a3f',
  '#6a994e',
  '#bc6c25',
];
const margin = { left: 64, right: 150, top: 34, bottom: 44 };
const round = (v) => Number(v.toFixed(2));
const escaped = (text) =>
  text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]);

/** About five round numbers from `least` to `most`; powers and their halves where `log` is set. */
function ticksOf(least, most, log) {
  if (log) {
    const all = [];
    for (let power = Math.floor(Math.log10(least)); power <= Math.ceil(Math.log10(most)); power++)
      for (const m of [1, 1.5, 2, 3, 5, 7]) all.push(m * 10 ** power);
    return all.filter((v) => v >= least && v <= most);
  }
  const span = most - least || 1;
  const rough = span / 5;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = unit * [1, 2, 5, 10].find((m) => m * unit >= rough);
  const first = Math.ceil(least / step);
  return Array.from({ length: Math.floor(most / step) - first + 1 }, (_, i) => (first + i) * step);
}

const scaleOf = (log) => (log ? Math.log : (v) => v);

/**
 * One panel: {title, label, log, series: [{name, points: [[x, y], ...], dashed, dots, colour}]}; what is drawn as dots
 * has no line of its own in the legend.
 */
function panelText(panel, { x, width, top, height, logAcross }) {
  const values = panel.series.flatMap(({ points }) => points.map(([, y]) => y)).filter((y) => !panel.log || y > 0);
  const least = panel.least ?? Math.min(...values);
  const most = panel.most ?? Math.max(...values);
  const f = scaleOf(panel.log);
  const across = scaleOf(logAcross);
  const px = (v) => round(margin.left + ((across(v) - across(x[0])) / (across(x[1]) - across(x[0]) || 1)) * width);
  const py = (v) => {
    const inside = Math.min(most, Math.max(least, v));
    return round(top + height - ((f(inside) - f(least)) / (f(most) - f(least) || 1)) * height);
  };
  const lines = ticksOf(least, most, panel.log).map((v) => {
    const y = py(v);
    return `<path d="M${margin.left} ${y}h${width}" stroke="#ddd"/><text x="${margin.left - 6}" y="${y + 4}" text-anchor="end">${round(v)}</text>`;
  });
  const colourOf = ({ colour }, i) => colours[(colour ?? i) % colours.length];
  const curves = panel.series.map((series, i) => {
    const { points, dashed, dots } = series;
    if (points.length === 0) return '';
    const colour = colourOf(series, i);
    if (dots) return points.map(([a, b]) => `<circle cx="${px(a)}" cy="${py(b)}" r="3" fill="${colour}"/>`).join('');
    const d = points.map(([a, b], k) => `${k === 0 ? 'M' : 'L'}${px(a)} ${py(b)}`).join('');
    const dash = dashed ? ' stroke-dasharray="5 4"' : '';
    return `<path d="${d}" fill="none" stroke="${colour}" stroke-width="1.6"${dash}/>`;
  });
  const named = panel.series
    .map((series, i) => ({ ...series, shown: colourOf(series, i) }))
    .filter(({ dots }) => !dots);
  const legend = named.map(({ name, shown }, i) => {
    const y = top + 12 + 17 * i;
    const start = margin.left + width + 14;
    return `<path d="M${start} ${y - 4}h18" stroke="${shown}" stroke-width="3"/><text x="${start + 24}" y="${y}">${escaped(name)}</text>`;
  });
  return [
    `<text x="${margin.left}" y="${top - 8}" font-weight="bold">${escaped(panel.title)}</text>`,
    ...lines,
    `<path d="M${margin.left} ${top}v${height}h${width}" fill="none" stroke="#333"/>`,
    ...curves,
    ...legend,
  ].join('\n');
}

/** The chart; `across` names the x axis, which is logarithmic where `logAcross` is set; `marks` are its numbers. */
export function svgChart({ panels, across, logAcross = false, marks, width = 900, panelHeight = 300 }) {
  const inner = width - margin.left - margin.right;
  const xs = panels.flatMap(({ series }) => series.flatMap(({ points }) => points.map(([x]) => x)));
  const x = [Math.min(...xs), Math.max(...xs)];
  const outer = panelHeight + margin.top;
  const height = panels.length * outer + margin.bottom;
  const bodies = panels.map((panel, i) =>
    panelText(panel, { x, width: inner, top: margin.top + i * outer, height: panelHeight, logAcross }),
  );
  const bottom = panels.length * outer;
  const f = scaleOf(logAcross);
  const ticks = (marks ?? ticksOf(x[0], x[1], logAcross)).map((v) => {
    const at = round(margin.left + ((f(v) - f(x[0])) / (f(x[1]) - f(x[0]) || 1)) * inner);
    return `<text x="${at}" y="${bottom + 16}" text-anchor="middle">${round(v)}</text>`;
  });
  const axis = `<text x="${margin.left + inner / 2}" y="${bottom + 34}" text-anchor="middle">${escaped(across)}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="#fff"/>
${[...bodies, ...ticks, axis].join('\n')}
</svg>
`;
}
