import { type LocalOptions, type LocalRun, startLocal } from '../compose/container/local.ts';
import { UsageError } from './frame/usage-error.ts';

/** Starts local mode; a problem that prevents the start becomes one sentence for the user. */
export async function startOrExplain(options: LocalOptions): Promise<LocalRun> {
  try {
    return await startLocal(options);
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
