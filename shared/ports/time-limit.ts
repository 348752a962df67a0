/** Does work within a time that is already set: it is told to stop by the signal. */
export type Within = <T>(work: (abortSignal: AbortSignal) => Promise<T>) => Promise<T>;

/** Does work that is told to stop after some milliseconds, or with the caller's signal when there is one. The timer ends with the work. */
export async function withTimeLimit<T>(
  milliseconds: number,
  abortSignal: AbortSignal | undefined,
  work: (abortSignal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const late = () => limit.abort(new DOMException(`The time limit of ${milliseconds} ms was reached.`, 'TimeoutError'));
  const timer = setTimeout(late, milliseconds);
  try {
    return await work(abortSignal === undefined ? limit.signal : AbortSignal.any([abortSignal, limit.signal]));
  } finally {
    clearTimeout(timer);
  }
}
