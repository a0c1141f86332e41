/** What `explain` says of a rule besides its table and its figures, a line each. */
import { addCosts } from '../model/cost.js';
import { type Pool, poolName } from '../model/model.js';
import type { RuleSummary, UnitSummary } from '../model/summary.js';
import { count, factor } from '../support/units.js';
import { change } from './summary-table.js';

/** What is compared where `small` rewrites the program. */
export const smallNote =
  '    before: the layer as the program writes it; after: with fewer units, and inputs that are already smaller\n';

/** The figures of layers that are ranked as one, and what those of each layer are. */
export function rankingNote(pool: Pool, rows: readonly RuleSummary[], trained: boolean): string {
  const [before, after] = [addCosts(rows.map((r) => r.before)), addCosts(rows.map((r) => r.after))];
  const parameters = change(count(before.parameters), count(after.parameters));
  const split = trained
    ? 'as the trained weights have it'
    : 'decided by the weights, in proportion until they are trained';
  return (
    `    one ranking over ${poolName(pool)}: ${count(pool.kept)} of ${count(pool.elements)} values kept, ` +
    `${parameters} parameters, ${factor(before.parameters / after.parameters)} in all\n` +
    `    the share of each layer: ${split}\n`
  );
}

/** A gate whose shares of input and state are needed apart, where two products take more than one with both. */
export const repeatedNote = ({ path, macsAtOnce, after }: UnitSummary): readonly string[] =>
  after.macs === macsAtOnce
    ? []
    : [
        `    ${path}: applied to the input and to the state by themselves: ${count(after.macs)} multiply-adds, ` +
          `to both at once ${count(macsAtOnce)}\n`,
      ];
