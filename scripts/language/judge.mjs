/**
 * What becomes of a mutated program: refused with the right suggestion, refused without, the same as before, another
 * one that `rnnc diff` tells apart, or a failure. Pure; the compiler is given.
 */

/** What a model is, without places and functions. */
const fingerprint = (model) =>
  JSON.stringify(model, (key, value) => {
    if (/[sS]pan$/.test(key) || key === 'warnings') return undefined;
    return value instanceof Map ? [...value] : value;
  });

const escaped = (word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** The compiler's parts that are needed: `compile`, `applyFixes`, `difference`, `exceededBudgets`. */
export function judgeWith({ compile, applyFixes, difference, exceededBudgets }) {
  const run = (text) => {
    const found = [];
    const compiled = compile('model.cmp', (path) => (path === 'model.cmp' ? text : undefined), (d) => found.push(d));
    if (compiled === undefined) return { found, model: undefined };
    const { model } = compiled;
    found.push(...exceededBudgets(model, model.emits));
    return { found, model };
  };

  /** The text after all certain fixes, as `rnnc check --fix` leaves it. */
  function fixed(text) {
    let now = text;
    for (let round = 0; round < 20; round++) {
      const [change] = applyFixes(run(now).found);
      if (change === undefined) return now;
      now = change.text;
    }
    return now;
  }

  /** Whether one of the errors names the word that was meant. */
  function suggests(found, { word, how, put, kind, start, text }) {
    // A unit may be named with its number, `2.5x`, and in the plural.
    const number = kind === 'unit' ? /[\d._/]*$/.exec(text.slice(0, start))[0] : '';
    const named = new RegExp(`(^|[^\\w-])(${escaped(number)})?${escaped(word)}s?($|[^\\w-])`);
    return found.some(({ message, hint = '', fix, choices = [] }) => {
      if (fix?.text === word) return true;
      if (how === 'misspelt') {
        const meant = hint.split('?')[0];
        const asked = hint.startsWith('did you mean') && (named.test(meant) || (put !== '' && meant.includes(`\`${put}\``)));
        return asked || (choices.length <= 6 && choices.includes(word));
      }
      return named.test(hint) || named.test(message) || choices.includes(word);
    });
  }

  /** The outcome of one mutation of a right program, and how many errors it gave. */
  return function judge(original, mutation) {
    const { text, word, put, how, kind } = mutation;
    const { found, model } = run(text);
    const errors = found.filter((d) => d.severity === 'error');
    const said = errors.map((d) => `${d.code}: ${d.message}${d.hint ? ` (${d.hint})` : ''}`);
    const result = (outcome) => ({ outcome, errors: errors.length, said });
    for (const { span } of found) {
      if (span.start < 0 || span.end > span.source.text.length || span.end < span.start) return result('no place');
    }
    if (errors.length > 0) {
      if (how === 'left out') return result('refused');
      if (suggests(errors, mutation)) return result('suggested');
      const mended = fixed(text);
      const back = put === '' ? mended : mended.replaceAll(put, word);
      return result(back === original.text ? 'suggested' : 'refused');
    }
    if (fingerprint(model) === fingerprint(original.model)) return result(kind === 'rule' ? 'silent' : 'same');
    const changes = difference(original.model, model);
    if (changes.length === 0) return result('silent');
    if (how !== 'misspelt') return result('told apart');
    // A name that stands once may be any other: the program is the same but for it.
    const code = text.replace(/\/\/.*/g, '');
    const places = code.match(new RegExp(`(^|[^\\w-])${escaped(put)}(?![\\w-])`, 'g')) ?? [];
    const once = put !== '' && places.length === 1;
    const named = changes.every((c) => JSON.stringify(c).includes(put) || JSON.stringify(c).includes(word));
    return result(once && named ? 'renamed' : 'another');
  };
}
