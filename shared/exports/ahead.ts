/** Maps values in order with up to `width` of them in progress: slow network calls run ahead, and no more than that is held in memory. */
export async function* mapAhead<T, R>(
  values: AsyncIterable<T>,
  width: number,
  map: (value: T) => Promise<R>,
): AsyncGenerator<R, void, undefined> {
  const under: Promise<R>[] = [];
  for await (const value of values) {
    const one = map(value);
    // It may fail before its turn; the error is then thrown at its turn.
    one.catch(() => undefined);
    under.push(one);
    const [first] = under;
    if (under.length < width || first === undefined) continue;
    yield first;
    under.shift();
  }
  for (const one of under) yield one;
}
