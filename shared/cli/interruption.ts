import type { Surroundings } from './frame/surroundings.ts';

const LOOK_MS = 500;

/** A request to end local mode: Ctrl-C, a signal, or the end of the npm process that started it. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** Stops listening, so that signals have their default effect again. */
  forget(): void;
}

/**
 * Listens for everything that ends local mode, before anything is started. If npm is killed by its process id, the shell in
 * between may end without passing a signal on, and this process would keep running. A new parent process therefore ends it too.
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
