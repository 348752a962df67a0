import type { Surroundings } from './frame/surroundings.ts';

const LOOK_MS = 500;

/** That somebody wants local mode to end: Ctrl-C, a signal, or the end of the npm that started it. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** Signals are the process's own again. */
  forget(): void;
}

/**
 * Listens for whatever ends local mode, from before anything is started. When npm is ended by its process id, the shell between
 * may go without a word to this process, which would be left behind with all that it started: so a new parent ends it too.
 */
export function interruption(env: Surroundings['env']): Interruption {
  const controller = new AbortController();
  const end = () => controller.abort(new Error('Interrupted.'));
  const parent = process.ppid;
  const watch = env.npm_lifecycle_event === undefined ? undefined : setInterval(() => process.ppid !== parent && end(), LOOK_MS);
  watch?.unref();
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  return {
    signal: controller.signal,
    forget: () => {
      clearInterval(watch);
      process.off('SIGINT', end);
      process.off('SIGTERM', end);
    },
  };
}
