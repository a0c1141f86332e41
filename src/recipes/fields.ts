/** Reading loosely typed YAML values: what was asked for, or undefined; what was never asked for is remembered. */

export type Mapping = Readonly<Record<string, unknown>>;

export const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The fields of one mapping, each read at most as what it is said to be. */
export class Fields {
  readonly #values: Mapping;
  readonly #read = new Set<string>();

  constructor(values: Mapping) {
    this.#values = values;
  }

  /** A number, or a text that is one: `0.8`, `"0.8"`, `1.0e-3`. */
  number(name: string): number | undefined {
    const value = this.#take(name);
    const found = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    return typeof found === 'number' && Number.isFinite(found) ? found : undefined;
  }

  text(name: string): string | undefined {
    const value = this.#take(name);
    return typeof value === 'string' ? value : undefined;
  }

  truth(name: string): boolean | undefined {
    const value = this.#take(name);
    return typeof value === 'boolean' ? value : undefined;
  }

  /** The texts of a list, or the one text that stands for a list of one. */
  texts(name: string): readonly string[] | undefined {
    const value = this.#take(name);
    if (typeof value === 'string') return [value];
    return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
  }

  mapping(name: string): Mapping | undefined {
    const value = this.#take(name);
    return isMapping(value) ? value : undefined;
  }

  raw(name: string): unknown {
    return this.#take(name);
  }

  has(name: string): boolean {
    return this.#values[name] !== undefined && this.#values[name] !== null;
  }

  /** Fields that nothing asked for, in their order. */
  unread(): readonly string[] {
    return Object.keys(this.#values).filter((name) => !this.#read.has(name));
  }

  #take(name: string): unknown {
    this.#read.add(name);
    return this.#values[name];
  }
}
