/** The arrays that a self-test compares with, each under a name of its own; decides nothing about what is compared. */
import { Names } from './identifiers.js';
import { arrayLines, floatLiteral } from './literals.js';

export interface CArray {
  readonly comment: string;
  readonly type: 'float' | 'int32_t';
  readonly name: string;
  readonly count: number;
  readonly lines: readonly string[];
}

/** Collects arrays; a name that is taken is changed, so that no layer's name can meet that of another array. */
export class GoldenArrays {
  readonly all: CArray[] = [];
  readonly #names = new Names();

  /** Returns the array's name. */
  floats(wanted: string, comment: string, values: Float32Array): string {
    return this.#add(wanted, { comment, type: 'float', lines: arrayLines(Array.from(values, floatLiteral)) }, values);
  }

  /** Returns the array's name. */
  ids(wanted: string, values: readonly number[]): string {
    const comment = 'the ids of all golden steps';
    return this.#add(wanted, { comment, type: 'int32_t', lines: arrayLines(values.map(String)) }, values);
  }

  /** An array and that of its bounds: their names, as two arguments. */
  bounded(wanted: string, comment: string, { values, bounds }: Bounded): string {
    const name = this.floats(wanted, comment, values);
    return `${name}, ${this.floats(`${wanted}_bound`, 'how far each may be off', bounds)}`;
  }

  #add(wanted: string, array: Omit<CArray, 'name' | 'count'>, { length }: ArrayLike<number>): string {
    const name = this.#names.unique(wanted);
    this.all.push({ comment: array.comment, type: array.type, name, count: length, lines: array.lines });
    return name;
  }
}

interface Bounded {
  readonly values: Float32Array;
  readonly bounds: Float32Array;
}
