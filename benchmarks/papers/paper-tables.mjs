/**
 * Tables of the papers that need no training: the compiler solves every number. `compile(text)` gives the checked
 * model, `rulesOf(model)` what each rule does; the tests pass those of the sources, `print-table.mjs` those of dist.
 */

/** One 256x256 matrix, as a gate of a recurrent matrix, under a rule; undefined where the goal cannot be met. */
function solved({ compile, rulesOf }, rule) {
  const model = compile(`model m {
  x = features(256)
  rnn = lstm(x, 256)
  y = softmax(rnn, 10)
}
compress { rnn.recurrent.f: ${rule} }`);
  return model === undefined ? undefined : rulesOf(model)[0].units[0];
}

/** [H] table 1: the largest rank of a 256x256 matrix at four factors, by lmf and by hlf (all k that reach the factor). */
export function hlfRanks(compiler) {
  return [
    ['1.25', '1.25x'],
    ['1.67', '5/3x'],
    ['2.50', '2.5x'],
    ['5.00', '5x'],
  ].map(([factor, goal]) => {
    const lmf = solved(compiler, `lmf to ${goal}`).rankAfter;
    const ranks = [];
    for (let k = 1; ; k++) {
      const unit = solved(compiler, `hlf(k=${k}) to ${goal}`);
      if (unit === undefined) break;
      ranks.push(unit.rankAfter);
    }
    return { factor, lmf, least: Math.min(...ranks), most: Math.max(...ranks) };
  });
}

export const printHlfRanks = (compiler) =>
  [
    'Matrix of Size (256,256)',
    'Compression Factor\tLMF\tHLF',
    ...hlfRanks(compiler).map(({ factor, lmf, least, most }) => `${factor}\t${lmf}\t${least} - ${most}`),
  ].join('\n');

/** [D] table 3: the medium PTB layer as dkp(13x65, 50x20) at the factors of the paper. */
export function dkpCounts({ compile, rulesOf }) {
  return [100, 92, 75, 50, 25, 20, 10, 5].map((factor) => {
    const model = compile(`model m {
  x = features(650)
  rnn = lstm(x, 650)
  y = softmax(rnn, 10)
}
compress { rnn: dkp(B=13x65, C=50x20) to ${factor}x }`);
    const [{ before, after, kept, elements }] = rulesOf(model);
    return { factor, kept, elements, parameters: after.parameters, before: before.parameters };
  });
}

export function printDkpCounts(compiler) {
  const count = (value) => value.toLocaleString('en-US');
  const rows = dkpCounts(compiler).map(({ factor, kept, elements, parameters }) => {
    const sparsity = (100 * (1 - kept / elements)).toFixed(2);
    return `| ${factor}x | ${count(kept)} | ${sparsity}% | ${count(parameters)} |`;
  });
  return ['| factor | values of S | sparsity | parameters |', '|---|---|---|---|', ...rows].join('\n');
}
