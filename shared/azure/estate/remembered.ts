interface Held<T> {
  readonly at: number;
  readonly value: T;
}

/**
 * Caches results by key, for a time and up to a number of keys. A failure is not cached, nor a result from before the clock was moved
 * back.
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
