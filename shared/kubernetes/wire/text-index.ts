/** A map from texts to values that looks up encoded text without creating a string. */
export class TextIndex<T> {
  readonly #values: T[] = [];
  /** All texts concatenated, and where each begins. */
  readonly #texts: Buffer;
  readonly #starts: Int32Array;
  /** A hash table with the number of a text, counted from one; on a collision the next free slot is used. */
  readonly #slots: Int32Array;

  constructor(entries: ReadonlyMap<string, T>) {
    const texts = Array.from(entries.keys(), (text) => Buffer.from(text));
    this.#values = [...entries.values()];
    this.#texts = Buffer.concat(texts);
    this.#starts = new Int32Array(texts.length + 1);
    this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(texts.length * 2 + 2)));
    for (const [at, { length }] of texts.entries()) {
      const start = this.#starts[at] ?? 0;
      this.#starts[at + 1] = start + length;
      let slot = this.#slotOf(this.#texts, start, start + length);
      while (this.#slots[slot] !== 0) slot = this.#after(slot);
      this.#slots[slot] = at + 1;
    }
  }

  /** Returns the value of the text between two offsets. */
  get(bytes: Uint8Array, start: number, end: number): T | undefined {
    for (let slot = this.#slotOf(bytes, start, end); ; slot = this.#after(slot)) {
      const number = this.#slots[slot] ?? 0;
      if (number === 0) return undefined;
      if (this.#is(number - 1, bytes, start, end)) return this.#values[number - 1];
    }
  }

  #is(text: number, bytes: Uint8Array, start: number, end: number): boolean {
    const begins = this.#starts[text] ?? 0;
    if ((this.#starts[text + 1] ?? 0) - begins !== end - start) return false;
    for (let at = start, own = begins; at < end; at++, own++) if (bytes[at] !== this.#texts[own]) return false;
    return true;
  }

  /** FNV-1a. Source: datatracker.ietf.org/doc/draft-eastlake-fnv. */
  #slotOf(bytes: Uint8Array, start: number, end: number): number {
    let hash = 0x811c9dc5;
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
    return hash & (this.#slots.length - 1);
  }

  #after(slot: number): number {
    return (slot + 1) & (this.#slots.length - 1);
  }
}
