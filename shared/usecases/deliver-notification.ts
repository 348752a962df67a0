import { announcedChanges } from '../domain/findings/announcement.ts';
import type { Severity } from '../domain/policy/severity.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import type { NotificationMessage } from '../ports/messages.ts';
import type { Notifier } from '../ports/notifier.ts';
import { type ExemptionSources, liveExemptions } from './queries/exemptions.ts';

/** What telling of a scan's changes needs of the world. */
export interface DeliverNotification extends ExemptionSources {
  readonly findings: Pick<FindingStore, 'clusterHistory' | 'ofCluster'>;
  /** Absent when nobody wants to be told. */
  readonly notify?: { readonly notifier: Notifier; readonly threshold: Severity };
}

/**
 * Tells what one scan changed, going by what is stored: a message that comes twice, or after a crash,
 * tells the same changes under the same ids. Resolves to how many were told.
 */
export async function deliverNotification(
  { findings, notify, ...sources }: DeliverNotification,
  { clusterId, cause }: NotificationMessage,
  abortSignal: AbortSignal,
): Promise<number> {
  if (notify === undefined) return 0;
  const [lines, held, live] = await Promise.all([
    findings.clusterHistory(clusterId, { cause }),
    findings.ofCluster(clusterId),
    liveExemptions(sources),
  ]);
  const changes = announcedChanges(lines, held.findings, live, notify.threshold);
  const clusterName = changes[0]?.finding.clusterName;
  if (clusterName === undefined) return 0;
  await notify.notifier.deliver({ clusterId, clusterName, cause, changes }, abortSignal);
  return changes.length;
}
