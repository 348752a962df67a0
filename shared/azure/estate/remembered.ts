interface Held<T> {
  readonly at: number;
  readonly value: T;
}

/**
 * Remembers by key what a call answered, for a time, and for so many keys at most. A failure is not
 * remembered, nor what a clock that was moved back since has seen.
 */
export function remembering<T>(clock: () => Date, forMs: number, limit: number): (key: string, ask: () => Promise<T>) => Promise<T> {
  const held = new Map<string, Held<T>>();
  return async (key, ask) => {
    const now = clock().getTime();
    const found = held.get(key);
    if (found !== undefined && now >= found.at && now < found.at + forMs) return found.value;
    const value = await ask();
    held.delete(key);
    held.set(key, { at: now, value });
    const [oldest] = held.keys();
    if (held.size > limit && oldest !== undefined) held.delete(oldest);
    return value;
  };
}
