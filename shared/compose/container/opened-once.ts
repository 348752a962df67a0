/** A resource that a process opens on first use and keeps. */
export interface OpenedOnce<T> {
  /** Opens it, or returns what was opened before. */
  get(): Promise<T>;
  /** What is open or being opened; `undefined` before the first use. */
  held(): Promise<T> | undefined;
}

/** Opens a resource once for all callers; a failure is not kept, so that the next call makes another attempt. */
export function openedOnce<T>(open: () => Promise<T>): OpenedOnce<T> {
  let held: Promise<T> | undefined;
  return {
    get: () => {
      held ??= open().catch((error: unknown) => {
        held = undefined;
        throw error;
      });
      return held;
    },
    held: () => held,
  };
}
