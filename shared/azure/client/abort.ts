/** The part of an abort signal that is needed for waiting; the SDK's own signals have it too. */
interface Abortable {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** Settles with the promise, or rejects as soon as the signal aborts; the later result of the promise is then ignored. */
export async function beforeAbort<T>(promise: Promise<T>, abortSignal: Abortable | undefined): Promise<T> {
  if (abortSignal === undefined) return promise;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const listen = () => reject(new DOMException('The wait was aborted.', 'AbortError'));
  if (abortSignal.aborted) listen();
  abortSignal.addEventListener('abort', listen);
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    abortSignal.removeEventListener('abort', listen);
  }
}
