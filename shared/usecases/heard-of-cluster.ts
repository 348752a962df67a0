import { withNotices, withSupport } from '../domain/maintenance/heard.ts';
import { type ClusterNotice, noticesInForce } from '../domain/snapshot/notice.ts';
import { mapObserved } from '../domain/snapshot/observation.ts';
import type { ListedCluster } from '../ports/azure-estate.ts';
import type { EventStore } from '../ports/event-store.ts';

/**
 * Adds to a cluster the notices from events that are still in force. A notice is bound to the cluster that it was first read for, so a
 * cluster recreated under the same name does not inherit it. Safe to run twice.
 */
export async function heardOfCluster(
  events: Pick<EventStore, 'note' | 'notices'>,
  listed: ListedCluster,
  now: string,
): Promise<ListedCluster> {
  const { cluster, settings, nodePools } = listed;
  const notices = noticesInForce(await events.notices(cluster.id), settings, now);
  for (const notice of notices) await bind(events, notice, listed, now);
  return {
    cluster,
    settings: withSupport(settings, notices),
    nodePools: mapObserved(nodePools, (pools) => pools.map((pool) => withNotices(pool, notices, now))),
  };
}

async function bind(
  events: Pick<EventStore, 'note'>,
  notice: ClusterNotice,
  { cluster, settings: { resourceUid } }: ListedCluster,
  now: string,
): Promise<void> {
  if (resourceUid === undefined || notice.resourceUid !== undefined) return;
  await events.note(cluster.id, { ...notice, resourceUid }, now);
}
