/** Waits for work that cannot be cancelled until the signal aborts, and then rejects with the signal's reason. */
export async function beforeAbort<T>(work: Promise<T>, abortSignal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(abortSignal.reason);
  if (abortSignal.aborted) abort();
  abortSignal.addEventListener('abort', abort);
  try {
    return await Promise.race([work, aborted]);
  } finally {
    abortSignal.removeEventListener('abort', abort);
  }
}
