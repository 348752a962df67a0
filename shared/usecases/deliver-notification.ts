import { isFor, type Notification, notifiedChanges } from '../domain/findings/notification.ts';
import type { NotificationTarget } from '../domain/policy/notification-target.ts';
import type { Exemption } from '../domain/policy/policy.ts';
import type { EventStore } from '../ports/event-store.ts';
import type { FindingStore, HeldCluster } from '../ports/finding-store.ts';
import type { DigestMessage, Messages, NotificationMessage } from '../ports/messages.ts';
import type { NotifierOf } from '../ports/notifier.ts';
import type { OutboxStore, PendingNotification } from '../ports/outbox-store.ts';
import { type ExemptionSources, liveExemptions } from './queries/exemptions.ts';

/** Dependencies for delivering notifications. */
export interface DeliverNotification extends ExemptionSources {
  readonly findings: Pick<FindingStore, 'clusterHistory'> & { ofCluster(clusterId: string): Promise<Pick<HeldCluster, 'findings'>> };
  readonly outbox: OutboxStore;
  readonly events: Pick<EventStore, 'tryClaim'>;
  readonly messages: Pick<Messages, 'digest'>;
  /** Targets in addition to the policy's, such as the webhook from the settings. */
  readonly ownTargets: readonly NotificationTarget[];
  readonly notifierOf: NotifierOf;
}

/** Maximum number of scans in one digest; the rest gets the next digest. */
const MAX_PENDING = 500;
/** Number of clusters that are read concurrently. */
const AT_ONCE = 16;

/** Returns all notification targets. */
export async function targetsOf({
  policy,
  ownTargets,
}: Pick<DeliverNotification, 'policy' | 'ownTargets'>): Promise<readonly NotificationTarget[]> {
  return [...ownTargets, ...(await policy()).policy.notifications.targets];
}

/**
 * Adds the changes of a scan to the outbox of each target that wants them, and requests one digest for all changes until it is due. The
 * claim ends when the digest may begin, so later changes get the next digest. Safe to run twice. Resolves to the names of the targets.
 */
export async function routeNotification(deps: DeliverNotification, message: NotificationMessage): Promise<readonly string[]> {
  const targets = await targetsOf(deps);
  if (targets.length === 0) return [];
  const notification = await notificationOf(deps, message, await liveExemptions(deps));
  const wanted = targets.filter((target) => notification?.changes.some((change) => isFor(target, change)) === true);
  // The same for every try of a message: when a try fails between the claim and the message, the next try completes it.
  const owner = JSON.stringify([message.clusterId, message.cause]);
  for (const { name, digestSeconds } of wanted) {
    const now = deps.clock();
    await deps.outbox.add(name, { ...message, at: now.toISOString() });
    const until = new Date(now.getTime() + digestSeconds * 1_000).toISOString();
    const isFirst = await deps.events.tryClaim(`digest:${name}`, owner, until, now.toISOString());
    if (isFirst) await deps.messages.digest({ target: name }, digestSeconds);
  }
  return wanted.map(({ name }) => name);
}

/**
 * Sends a target one digest of all its pending changes, read from the store. A repeated delivery, also after a crash, sends the same ids
 * and respects exemptions created in the meantime. Removes only what was delivered. Resolves to the number of changes.
 */
export async function deliverDigest(deps: DeliverNotification, { target: name }: DigestMessage, abortSignal: AbortSignal): Promise<number> {
  const [targets, pending, { policy }] = await Promise.all([targetsOf(deps), deps.outbox.list(name, MAX_PENDING), deps.policy()]);
  const target = targets.find((one) => one.name === name);
  const notifications = target === undefined ? [] : await wantedBy(deps, target, pending);
  if (target !== undefined && notifications.length > 0) {
    await deps.notifierOf(target, policy.notifications.allowPrivateAddresses).deliver(notifications, abortSignal);
  }
  await deps.outbox.remove(name, pending);
  if (pending.length === MAX_PENDING) await deps.messages.digest({ target: name });
  return notifications.reduce((sum, { changes }) => sum + changes.length, 0);
}

async function wantedBy(deps: DeliverNotification, target: NotificationTarget, pending: readonly PendingNotification[]) {
  const live = await liveExemptions(deps);
  const all: Notification[] = [];
  for (let at = 0; at < pending.length; at += AT_ONCE) {
    const some = await Promise.all(pending.slice(at, at + AT_ONCE).map((one) => notificationOf(deps, one, live)));
    for (const one of some) {
      const changes = one?.changes.filter((change) => isFor(target, change)) ?? [];
      if (one !== undefined && changes.length > 0) all.push({ ...one, changes });
    }
  }
  return all;
}

/** The changes of one scan without exempted findings; `undefined` if none remain. */
async function notificationOf(
  { findings }: Pick<DeliverNotification, 'findings'>,
  { clusterId, cause }: NotificationMessage,
  live: readonly Exemption[],
): Promise<Notification | undefined> {
  const [lines, held] = await Promise.all([findings.clusterHistory(clusterId, { cause }), findings.ofCluster(clusterId)]);
  const changes = notifiedChanges(lines, held.findings, live);
  const clusterName = changes[0]?.finding.clusterName;
  return clusterName === undefined ? undefined : { clusterId, clusterName, cause, changes };
}
