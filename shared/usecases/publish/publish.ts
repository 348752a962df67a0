import type { ClusterSummary } from '../../domain/findings/summary.ts';
import type { FaultCode } from '../../domain/snapshot/fault.ts';
import { given } from '../../domain/snapshot/given.ts';
import { parseClusterId } from '../../domain/snapshot/resource-id.ts';
import type { Clock } from '../../ports/clock.ts';
import type { FindingStore } from '../../ports/finding-store.ts';
import type { Messages, PublicationMessage } from '../../ports/messages.ts';
import type { HeldPublished, PublicationStore } from '../../ports/publication-store.ts';
import { everyCluster } from '../queries/walk.ts';
import { type Brought, bringTo } from './bring-to.ts';
import type { Publisher } from './publisher.ts';

/** Dependencies for publishing. */
export interface Publish {
  readonly publishers: readonly Publisher[];
  readonly publications: PublicationStore;
  readonly findings: Pick<FindingStore, 'clusters' | 'cluster'>;
  readonly messages: Pick<Messages, 'publication'>;
  readonly clock: Clock;
}

/**
 * Queues the newest audit's results for publication: one message for each subscription that has clusters or published items. After a
 * crash they are queued again, which is harmless. Returns one line for each service.
 */
export async function planPublications(deps: Publish): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const publisher of deps.publishers) if (publisher.mode !== 'off') lines.push(await plan(deps, publisher));
  return lines;
}

async function plan(deps: Publish, { service, mode, blockedBy, newest }: Publisher): Promise<string> {
  if (mode === 'on' && blockedBy !== undefined) return `${service}: nothing is published. ${blockedBy.message}`;
  const audit = await newest();
  if (mode === 'on' && audit === undefined) return `${service}: there is no audit to publish yet.`;
  const round = `${mode} ${audit ?? ''}`.trimEnd();
  if ((await deps.publications.round(service)) === round) return `${service}: ${round} was queued already.`;
  const told = (await deps.publications.list(service)).map(({ scope }) => subscriptionOf(scope));
  const present = mode === 'on' ? await presentClusters(deps) : [];
  const subscriptions = new Set([...told, ...present.map(({ cluster }) => cluster.subscriptionId.toLowerCase())]);
  for (const subscriptionId of [...subscriptions].sort()) await deps.messages.publication({ service, subscriptionId });
  await deps.publications.setRound(service, round);
  return `${service}: ${round} queued for ${subscriptions.size} subscriptions.`;
}

/**
 * Handles one message: publishes a subscription's items and queues its clusters, or publishes one cluster's items. A failure is recorded
 * and returned; it affects no other resource and no audit. Safe to run twice, late and in any order, because it uses the stored state at
 * the time of the call.
 */
export async function publish(deps: Publish, message: PublicationMessage, lastTry: boolean, abortSignal: AbortSignal): Promise<string> {
  const publisher = deps.publishers.find(({ service }) => service === message.service);
  if (publisher === undefined || publisher.mode === 'off') return `${message.service} is off: nothing is published.`;
  if ('clusterId' in message)
    return outcome(message.clusterId, await publishCluster(deps, publisher, message.clusterId, lastTry, abortSignal));
  const { subscriptionId } = message;
  const brought = await publishSubscription(deps, publisher, subscriptionId, lastTry, abortSignal);
  return outcome(`/subscriptions/${subscriptionId}`, brought);
}

async function publishSubscription(
  deps: Publish,
  publisher: Publisher,
  subscriptionId: string,
  lastTry: boolean,
  abortSignal: AbortSignal,
): Promise<Brought> {
  const { service, mode } = publisher;
  const isHere = ({ cluster }: ClusterSummary) => cluster.subscriptionId.toLowerCase() === subscriptionId.toLowerCase();
  const present = mode === 'on' ? (await presentClusters(deps)).filter(isHere) : [];
  const said = await publisher.ofSubscription(subscriptionId, present.length > 0);
  const scope = scopeOf(subscriptionId);
  // Written once; only a change of a rule, or a possible deletion, causes another write.
  const wanted = { service, scope, ...said, renewAfterMs: Number.POSITIVE_INFINITY };
  const brought = await bringTo(deps, wanted, lastTry, abortSignal);
  const told = (await deps.publications.list(service, subscriptionId)).map((one) => one.scope).filter((one) => one !== scope);
  const clusters = new Set([...told, ...present.map(({ cluster }) => cluster.id.toLowerCase())]);
  for (const clusterId of [...clusters].sort()) await deps.messages.publication({ service, clusterId });
  return brought;
}

async function publishCluster(
  deps: Publish,
  publisher: Publisher,
  clusterId: string,
  lastTry: boolean,
  abortSignal: AbortSignal,
): Promise<Brought> {
  const { service, mode, renewAfterMs } = publisher;
  const isPresent = mode === 'on' && (await deps.findings.cluster(clusterId))?.status === 'present';
  const subscription = await deps.publications.get(service, scopeOf(subscriptionOf(clusterId)));
  const said = await publisher.ofCluster(clusterId, isPresent, subscription?.published);
  const wanted = { service, scope: clusterId.toLowerCase(), ...said, ...given({ renewAfterMs }) };
  const brought = await bringTo(deps, wanted, lastTry, abortSignal);
  if (brought.problem !== undefined && REFUSED.has(brought.problem.code) && subscription !== undefined) await doubt(deps, subscription);
  return brought;
}

/** Faults that can mean that the subscription's items were deleted; the next round writes them again. */
const REFUSED: ReadonlySet<FaultCode> = new Set(['not-found', 'unsupported']);

async function doubt({ publications }: Publish, { published, version }: HeldPublished): Promise<void> {
  const items = Object.entries(published.items).map(([name, item]) => [name, { ...item, digest: '' }] as const);
  // Another process has written it in the meantime and is more current.
  await publications.put({ ...published, items: Object.fromEntries(items) }, version);
}

async function presentClusters({ findings }: Publish): Promise<readonly ClusterSummary[]> {
  const present: ClusterSummary[] = [];
  for await (const summary of everyCluster(findings)) if (summary.status === 'present') present.push(summary);
  return present;
}

/** The subscription in a cluster's id or in `/subscriptions/<id>`. */
function subscriptionOf(scope: string): string {
  return parseClusterId(scope)?.subscriptionId ?? scope.replace('/subscriptions/', '').toLowerCase();
}

function scopeOf(subscriptionId: string): string {
  return `/subscriptions/${subscriptionId.toLowerCase()}`;
}

function outcome(scope: string, { written, takenBack, problem }: Brought): string {
  const failed = problem === undefined ? '' : `; incomplete: ${problem.message}`;
  return `${scope}: ${written} written, ${takenBack} taken back${failed}`;
}
