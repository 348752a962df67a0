/** What a process opens on first use and keeps. */
export interface OpenedOnce<T> {
  /** Opens it, or gives what was opened before. */
  get(): Promise<T>;
  /** What is open or being opened; `undefined` while nobody has asked. */
  held(): Promise<T> | undefined;
}

/** Opens something once, however many ask; an opening that failed is not kept, so that the next call tries again. */
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
