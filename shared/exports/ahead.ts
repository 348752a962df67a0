/**
 * Maps values in their order with up to `width` of them under way: what waits on a network is asked
 * for ahead, and no more than that is ever held.
 */
export async function* mapAhead<T, R>(
  values: AsyncIterable<T>,
  width: number,
  map: (value: T) => Promise<R>,
): AsyncGenerator<R, void, undefined> {
  const under: Promise<R>[] = [];
  for await (const value of values) {
    const one = map(value);
    // It may fail before its turn comes; it is thrown when it does.
    one.catch(() => undefined);
    under.push(one);
    const [first] = under;
    if (under.length < width || first === undefined) continue;
    yield await first;
    under.shift();
  }
  for (const one of under) yield await one;
}
