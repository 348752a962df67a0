import { parseClusterEvent } from '../domain/snapshot/event.ts';
import { parseClusterId } from '../domain/snapshot/resource-id.ts';
import type { ParkedStore } from '../ports/parked-store.ts';
import { type AuditedScope, isAudited } from './is-audited.ts';
import { parkedLine, parkMessage } from './park-message.ts';
import { type ReactToEvent, reactToEvent } from './react-to-event.ts';

/** Dependencies for receiving an event. */
export interface ReceiveEvent extends ReactToEvent, AuditedScope {
  readonly parked: ParkedStore;
}

/**
 * Handles a delivered event and returns one log line. Events that are not about a cluster of an audited subscription are ignored. An
 * event about a cluster that cannot be parsed is parked without its content, which may contain people's names: one message for each kind
 * of mistake. Safe to run twice.
 */
export async function receiveEvent(deps: ReceiveEvent, delivered: unknown): Promise<string> {
  const event = parseClusterEvent(delivered);
  if ('irrelevant' in event) return `Event ignored: ${event.irrelevant}`;
  if ('malformed' in event) {
    const reason = `Not a readable event: ${event.malformed.join('; ')}`;
    const parked = await parkMessage(deps, { queue: 'events', id: reason, body: '(not kept)', dequeueCount: 1 }, reason);
    return `${parkedLine(parked)}. ${reason}`;
  }
  const subscriptionId = parseClusterId(event.clusterId)?.subscriptionId ?? '';
  if (!(await isAudited(deps, subscriptionId))) return `Event ignored: the subscription ${subscriptionId} is not audited`;
  const reaction = await reactToEvent(deps, event);
  return `Event ${event.id} (${event.kind}) on ${event.clusterId}: ${reaction}`;
}
