/** Parts that are started one after the other and end together. */
export interface StartedParts {
  /** How to end each part that was started. */
  readonly endings: (() => Promise<void>)[];
  /** Ends every part, the last one first; safe to repeat. Rejects with the first failure, after all were ended. */
  readonly stop: () => Promise<void>;
  /** Aborted as soon as the parts are to end. */
  readonly stopping: AbortSignal;
}

/** Starts parts; when one cannot start, those before it are ended. */
export async function startedTogether<T>(start: (parts: StartedParts) => Promise<T>): Promise<T> {
  const endings: (() => Promise<void>)[] = [];
  const stopping = new AbortController();
  const stop = async () => {
    stopping.abort();
    const problems: unknown[] = [];
    for (const end of endings.splice(0).reverse()) await end().catch((error: unknown) => problems.push(error));
    if (problems.length > 0) throw problems[0];
  };
  try {
    return await start({ endings, stop, stopping: stopping.signal });
  } catch (error) {
    await stop();
    throw error;
  }
}
