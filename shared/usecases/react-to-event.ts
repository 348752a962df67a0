import type { ClusterEvent } from '../domain/snapshot/event.ts';
import { noticeOf } from '../domain/snapshot/notice.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventStore } from '../ports/event-store.ts';
import type { Messages } from '../ports/messages.ts';

/** Dependencies for reacting to an event. */
export interface ReactToEvent {
  readonly events: EventStore;
  readonly messages: Pick<Messages, 'scan'>;
  readonly clock: Clock;
  /** Seconds to wait after the first event of a burst before the one scan of the cluster. */
  readonly settleSeconds: number;
}

/** How an event was handled. */
export type Reaction = 'duplicate' | 'coalesced' | 'queued';

/**
 * Queues one scan for a burst of changes to one cluster.
 *
 * Event Grid delivers at least once, so an event is remembered only after its scan is queued: a crash in between causes a second scan,
 * never a missed one. The claim ends when the scan may start, so a later change gets its own scan.
 */
export async function reactToEvent({ events, messages, clock, settleSeconds }: ReactToEvent, event: ClusterEvent): Promise<Reaction> {
  if (await events.isRemembered(event.id)) return 'duplicate';
  const now = clock();
  const notice = noticeOf(event, now.toISOString());
  if (notice !== undefined) await events.note(event.clusterId, notice, now.toISOString());
  if (event.kind === 'deleted') await events.dropNotices(event.clusterId, event.at);
  const until = new Date(now.getTime() + settleSeconds * 1000).toISOString();
  const first = await events.tryClaim(event.clusterId, event.id, until, now.toISOString());
  if (first) {
    await messages.scan({ clusterId: event.clusterId, cause: `event:${event.id}`, requestedAt: now.toISOString() }, settleSeconds);
  }
  await events.remember(event.id, now.toISOString());
  return first ? 'queued' : 'coalesced';
}
