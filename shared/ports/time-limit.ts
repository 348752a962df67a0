/** Runs work within a limit that is already set; the signal aborts it. */
export type Within = <T>(work: (abortSignal: AbortSignal) => Promise<T>) => Promise<T>;

/** Runs work and aborts it after some milliseconds, or with the caller's signal if given. The timer ends with the work. */
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
