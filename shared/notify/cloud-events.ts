import type { Notification, NotifiedChange } from '../domain/findings/notification.ts';
import { given } from '../domain/snapshot/given.ts';
import type { NotifyBody, PageOf } from './body.ts';

/**
 * Maximum number of events in one batch: about 4 KB each, so that a batch stays far below the limit of one megabyte of Event Grid and
 * others.
 */
const MAX_EVENTS = 100;

/** Writes batches of CloudEvents. Source: github.com/cloudevents/spec, `cloudevents/formats/json-format.md`, 4 (JSON batch format). */
export function cloudEventBodies(notifications: readonly Notification[], pageOf: PageOf): readonly NotifyBody[] {
  const events = notifications.flatMap((notification) => notification.changes.map((change) => event(notification, change, pageOf)));
  const bodies: NotifyBody[] = [];
  for (let at = 0; at < events.length; at += MAX_EVENTS) {
    bodies.push({ contentType: 'application/cloudevents-batch+json', body: JSON.stringify(events.slice(at, at + MAX_EVENTS)) });
  }
  return bodies;
}

function event({ clusterId, cause }: Notification, { id, kind, at, severity, message, finding }: NotifiedChange, pageOf: PageOf): object {
  const page = pageOf(finding.id);
  return {
    specversion: '1.0',
    id,
    source: clusterId,
    type: `io.kataudit.finding.${kind}`,
    subject: finding.id,
    time: at,
    datacontenttype: 'application/json',
    data: {
      cause,
      severity,
      message,
      rule: finding.ruleId,
      cluster: finding.clusterName,
      subscription: finding.subscriptionId,
      subject: finding.subject,
      status: finding.status,
      remediation: finding.remediation,
      commands: finding.commands ?? [],
      firstSeenAt: finding.firstSeenAt,
      reopenCount: finding.reopenCount,
      ...given({ resolution: finding.resolution, page }),
    },
  };
}
