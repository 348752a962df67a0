/** A least-recently-used cache; an evicted value is created again on demand. */
export class Recent<K extends object, V> {
  readonly #limit: number;
  readonly #values = new Map<K, V>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The value of a key, created if it is not cached. */
  get(key: K, make: () => V): V {
    const held = this.#values.get(key);
    const value = held ?? make();
    // A map keeps the order in which its keys were added, so the first key is the least recently used one.
    this.#values.delete(key);
    this.#values.set(key, value);
    const [oldest] = this.#values.keys();
    if (this.#values.size > this.#limit && oldest !== undefined) this.#values.delete(oldest);
    return value;
  }
}
