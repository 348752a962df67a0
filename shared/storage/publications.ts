import { z } from 'zod';
import { Fault } from '../domain/snapshot/fault.ts';
import { clusterKey, isSubscriptionId, parseClusterId } from '../domain/snapshot/resource-id.ts';
import type { PublicationStore, PublishingService } from '../ports/publication-store.ts';
import { decodeRow, encodeRow } from './row.ts';
import { PublishedShape } from './shapes.ts';
import { inPartition, type Table } from './table.ts';

const RoundShape = z.object({ round: z.string() });
const ROUNDS = 'publication-rounds';

/**
 * Stores what the app published to other services, in the table of events: one partition per service, with a row for each subscription
 * before the rows of its clusters.
 */
export function publicationStore(table: Table): PublicationStore {
  return {
    get: async (service, scope) => {
      const row = await table.get(partitionOf(service), keyOf(scope));
      return row === undefined ? undefined : { published: decodeRow(table.name, row, PublishedShape), version: row.etag };
    },
    put: async (published, basedOn) => {
      const row = encodeRow(partitionOf(published.service), keyOf(published.scope), published);
      if (basedOn !== undefined) return table.update(row, basedOn);
      if (!(await table.create(row))) return undefined;
      return (await table.get(row.partitionKey, row.rowKey))?.etag;
    },
    forget: (service, scope, version) => table.delete(partitionOf(service), keyOf(scope), version),
    list: async (service, subscriptionId) => {
      const from = subscriptionId?.toLowerCase();
      const partition = partitionOf(service);
      // `.` follows `-` in ASCII.
      const rows = await table.all(from === undefined ? inPartition(partition) : inPartition(partition, `${from}-`, `${from}.`));
      return rows.map((row) => decodeRow(table.name, row, PublishedShape));
    },
    round: async (service) => {
      const row = await table.get(ROUNDS, service);
      return row === undefined ? undefined : decodeRow(table.name, row, RoundShape).round;
    },
    setRound: (service, round) => table.put(encodeRow(ROUNDS, service, { round })),
  };
}

function partitionOf(service: PublishingService): string {
  return `publication-${service}`;
}

/**
 * The key is `<subscription>-` for a subscription, followed by the cluster's key for a cluster, so that the rows of a subscription are
 * adjacent.
 */
function keyOf(scope: string): string {
  const cluster = parseClusterId(scope);
  if (cluster !== undefined) return `${cluster.subscriptionId}-${clusterKey(scope)}`;
  const subscriptionId = scope.replace('/subscriptions/', '').toLowerCase();
  if (!isSubscriptionId(subscriptionId)) throw new Fault('malformed', `Not a cluster and not a subscription: ${scope}`);
  return `${subscriptionId}-`;
}
