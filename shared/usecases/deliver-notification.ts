import { isFor, type Notification, notifiedChanges } from '../domain/findings/notification.ts';
import type { NotificationTarget } from '../domain/policy/notification-target.ts';
import type { Exemption } from '../domain/policy/policy.ts';
import type { EventStore } from '../ports/event-store.ts';
import type { FindingStore, HeldCluster } from '../ports/finding-store.ts';
import type { DigestMessage, Messages, NotificationMessage } from '../ports/messages.ts';
import type { NotifierOf } from '../ports/notifier.ts';
import type { OutboxStore, PendingNotification } from '../ports/outbox-store.ts';
import { type ExemptionSources, liveExemptions } from './queries/exemptions.ts';

/** What telling of changes needs of the world. */
export interface DeliverNotification extends ExemptionSources {
  readonly findings: Pick<FindingStore, 'clusterHistory'> & { ofCluster(clusterId: string): Promise<Pick<HeldCluster, 'findings'>> };
  readonly outbox: OutboxStore;
  readonly events: Pick<EventStore, 'tryClaim'>;
  readonly messages: Pick<Messages, 'digest'>;
  /** Targets beside those of the policy, such as the webhook of the settings. */
  readonly ownTargets: readonly NotificationTarget[];
  readonly notifierOf: NotifierOf;
}

/** Scans in one digest; what is left gets a digest of its own. */
const MAX_PENDING = 500;
/** Clusters that are asked for at once. */
const AT_ONCE = 16;

/** Everybody who wants to be told. */
export async function targetsOf({
  policy,
  ownTargets,
}: Pick<DeliverNotification, 'policy' | 'ownTargets'>): Promise<readonly NotificationTarget[]> {
  return [...ownTargets, ...(await policy()).policy.notifications.targets];
}

/**
 * Puts what a scan changed into the outbox of each target that wants to know, and asks for one digest for all that comes
 * until then. The claim ends when the digest may begin, so that what is added later gets a digest of its own. Safe to run
 * twice. Resolves to the names of the targets.
 */
export async function routeNotification(deps: DeliverNotification, message: NotificationMessage): Promise<readonly string[]> {
  const targets = await targetsOf(deps);
  if (targets.length === 0) return [];
  const notification = await notificationOf(deps, message, await liveExemptions(deps));
  const wanted = targets.filter((target) => notification?.changes.some((change) => isFor(target, change)) === true);
  // The same for every try of one message: a try that died between claim and message is made up for by the next.
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
 * Tells a target, in one digest, of all that waits for it, going by what is stored: what comes twice, or after a crash, is told
 * under the same ids, and an exemption written meanwhile is heeded. Forgets only what was delivered. Resolves to how many changes.
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

/** What one scan changed, without what is exempted; `undefined` when that is nothing. */
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
