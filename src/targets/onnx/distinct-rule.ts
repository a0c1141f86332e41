/**
 * When it pays to make something once for each distinct id, decided from shapes alone. In the Penn Treebank, batch 20,
 * of 400 ids in a row 232 are distinct and 44 come again, 212 times in all; of 700, 362 and 80, 418 times; of 4,000
 * 1,258 and 458, 3,199 times.
 */

export interface DistinctRule {
  /** Multiply-adds of a product below which to find distinct ids and copy rows costs what it can save. */
  readonly leastProduct: number;
  /** Summands from which a product costs well more than the copy of its result, for every id, that it now needs. */
  readonly leastSummands: number;
  /** Elements that are scattered into a table from which ids that come once are told apart. */
  readonly leastScattered: number;
  /** Ids up to which equal ones are summed up, by a matrix of ones and zeros of (1024, 2048) at most. */
  readonly mostIds: number;
  /**
   * Ids for each column of the products that are made of sums, up to which these are worth making. The sums over r ids
   * that come m times in all cost r m multiply-adds for each of their own columns, and the products save one for each
   * of theirs and each id that came before: with 2, in text, the sums cost less than a third of what they save. With
   * all ids different they cost a copy. At worst every id comes twice: what n ids then save is n / 2 times the columns,
   * and the sums cost n n / 2, so half as much again as the products did.
   */
  readonly idsPerColumn: number;
}

/** For text, on a processor. */
export const textRule: DistinctRule = {
  leastProduct: 2 ** 24,
  leastSummands: 64,
  leastScattered: 2 ** 16,
  mostIds: 2048,
  idsPerColumn: 2,
};
