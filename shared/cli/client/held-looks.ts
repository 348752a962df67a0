import type { ClusterSnapshot } from '../../domain/snapshot/snapshot.ts';
import { mapAhead } from '../../exports/ahead.ts';
import { ClusterSummaryView } from '../../http/schemas/cluster-schemas.ts';
import { HeldLookView } from '../../http/schemas/snapshot-schemas.ts';
import { progressLine } from '../frame/progress.ts';
import type { Surroundings } from '../frame/surroundings.ts';
import { UsageError } from '../frame/usage-error.ts';
import { type AppOptions, askIfThere, listAll, readAnswer } from './connection.ts';

/** Snapshots fetched in parallel: each can be several megabytes. */
const AT_ONCE = 4;

/** What a running app stores for one cluster; without a snapshot if it has none. */
export interface HeldLook {
  readonly name: string;
  readonly snapshot?: ClusterSnapshot;
}

/**
 * Yields what a running app stores for each present cluster. Throws if the app judged a cluster by a policy other than the
 * caller's.
 */
export async function* heldLooks(
  { terminal }: Pick<Surroundings, 'terminal'>,
  options: AppOptions,
  policyHash: string,
): AsyncGenerator<HeldLook, void, undefined> {
  const clusters = await listAll(options, 'clusters', new URLSearchParams({ status: 'present' }), ClusterSummaryView);
  let done = 0;
  const ask = async ({ cluster: { name, subscriptionId, resourceGroup } }: (typeof clusters)[number]): Promise<HeldLook> => {
    const path = ['clusters', subscriptionId, resourceGroup, name, 'snapshot'].map(encodeURIComponent).join('/');
    const answer = await askIfThere(options, path, 'getSnapshot');
    if (answer === undefined) return { name };
    const held = await readAnswer(options, answer, HeldLookView);
    if (held.policyHash === policyHash) return { name, snapshot: held.snapshot };
    throw new UsageError(
      `The app judged ${name} by a different policy than the one you compare with. Give the policy in force with --policy. After a policy change, wait for the next audit.`,
    );
  };
  for await (const look of mapAhead(each(clusters), AT_ONCE, ask)) {
    done += 1;
    terminal.progress(progressLine(done, clusters.length, 'clusters'));
    yield look;
  }
  terminal.progress('');
}

async function* each<T>(values: Iterable<T>): AsyncGenerator<T, void, undefined> {
  yield* values;
}
