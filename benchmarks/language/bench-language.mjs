/**
 * `npm run bench:language`: how long `rnnc check` takes on programs of 100 to 4,000 lines, in the process and after it
 * has started, and how long the diagnostics of a language server take after one keystroke. Medians of several rounds.
 */
import { compile } from '../../dist/compile.js';
import { analyze } from '../../dist/editor/analysis.js';

const sizes = [100, 250, 500, 1000, 2000, 4000];
const rounds = 7;

/** A chain of layers, and a rule for each. */
function program(lines) {
  const layers = Math.floor((lines - 10) / 2);
  const names = Array.from({ length: layers }, (_, i) => `dense${i + 1}`);
  const definitions = names.map((name, i) => `  ${name} = dense(${names[i - 1] ?? 'embed'}, 16)`);
  return [
    'language 1',
    'model chain {',
    '  tokens = ids(vocab=50)',
    '  embed = embedding(tokens, 16)',
    ...definitions,
    `  next = softmax(${names.at(-1)}, 50)`,
    '}',
    'compress {',
    ...names.map((name) => `  ${name}: lmf(r=4)`),
    '}',
    '',
  ].join('\n');
}

function median(run) {
  const times = Array.from({ length: rounds }, () => {
    const start = performance.now();
    run();
    return performance.now() - start;
  }).sort((a, b) => a - b);
  return times[Math.floor(rounds / 2)];
}

console.log('| lines | check, ms | keystroke, ms |');
console.log('|---|---|---|');
for (const size of sizes) {
  const text = program(size);
  const typed = text.replace('dense2 =', 'dense2x =');
  const found = [];
  if (
    compile(
      'a.cmp',
      () => text,
      (d) => found.push(d),
    ) === undefined
  )
    throw new Error(found[0].message);
  const check = median(() =>
    compile(
      'a.cmp',
      () => text,
      () => {},
    ),
  );
  const keystroke = median(() => analyze('a.cmp', typed, () => undefined));
  console.log(`| ${text.split('\n').length} | ${check.toFixed(0)} | ${keystroke.toFixed(0)} |`);
}
