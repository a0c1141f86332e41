/**
 * Relations with a direction as the official scorer of SemEval-2010 task 8 counts them (Hendrickx et al. 2010): both
 * directions of a relation are one class, a wrong direction is wrong, and `Other` has no score of its own.
 */

/** What is counted of one relation: sentences that have it, that are said to have it, and both with its direction. */
interface RelationCounts {
  gold: number;
  found: number;
  right: number;
}

/** `Cause-Effect` of `Cause-Effect(e1,e2)`; undefined where a label has no direction. */
const relationOf = (label: string): string | undefined => /^(.+)\((?:e1,e2|e2,e1)\)$/.exec(label)?.[1];

/** Whether labels are relations with directions, and at most one other label for none of them. */
export const areRelations = (labels: readonly string[]): boolean => {
  const others = labels.filter((label) => relationOf(label) === undefined);
  return labels.length > others.length && others.every((label) => label === 'Other');
};

/** A running count over sentences. */
export class RelationTally {
  private readonly counts = new Map<string, RelationCounts>();

  private of(label: string): RelationCounts | undefined {
    const relation = relationOf(label);
    if (relation === undefined) return undefined;
    const known = this.counts.get(relation) ?? { gold: 0, found: 0, right: 0 };
    this.counts.set(relation, known);
    return known;
  }

  add(gold: string, found: string): void {
    const [had, said] = [this.of(gold), this.of(found)];
    if (had !== undefined) had.gold++;
    if (said !== undefined) said.found++;
    if (had !== undefined && gold === found) had.right++;
  }

  /** Mean F1 = 2 P R / (P + R) of the relations that the data has, as a fraction. */
  f1(): number {
    const relations = [...this.counts.values()].filter(({ gold }) => gold > 0);
    const sum = relations.reduce((total, { gold, found, right }) => total + (2 * right) / (gold + found), 0);
    return sum / Math.max(1, relations.length);
  }
}
