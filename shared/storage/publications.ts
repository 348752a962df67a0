import { z } from 'zod';
import { Fault } from '../domain/snapshot/fault.ts';
import { clusterKey, isSubscriptionId, parseClusterId } from '../domain/snapshot/resource-id.ts';
import type { PublicationStore, PublishingService } from '../ports/publication-store.ts';
import { decodeRow, encodeRow } from './row.ts';
import { PublishedShape } from './shapes.ts';
import { inPartition, type Table } from './table.ts';

const RoundShape = z.object({ round: z.string() });
const ROUNDS = 'publication-rounds';

/** What the app wrote outside, in the table of events: one partition a service, in it a row for each subscription before those of its clusters. */
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
      // `.` comes right after `-`.
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

/** `<subscription>-` for a subscription, and that with the cluster's key for a cluster: a subscription's rows lie together. */
function keyOf(scope: string): string {
  const cluster = parseClusterId(scope);
  if (cluster !== undefined) return `${cluster.subscriptionId}-${clusterKey(scope)}`;
  const subscriptionId = scope.replace('/subscriptions/', '').toLowerCase();
  if (!isSubscriptionId(subscriptionId)) throw new Fault('malformed', `Not a cluster and not a subscription: ${scope}`);
  return `${subscriptionId}-`;
}
