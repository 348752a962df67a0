/** Does work that is told to stop after some milliseconds, or with the caller's signal. The timer ends with the work. */
export async function withTimeLimit<T>(
  milliseconds: number,
  abortSignal: AbortSignal,
  work: (abortSignal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const late = () => limit.abort(new DOMException(`The time limit of ${milliseconds} ms was reached.`, 'TimeoutError'));
  const timer = setTimeout(late, milliseconds);
  try {
    return await work(AbortSignal.any([abortSignal, limit.signal]));
  } finally {
    clearTimeout(timer);
  }
}
