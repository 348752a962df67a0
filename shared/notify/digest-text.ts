import { subjectLabel } from '../domain/findings/finding-text.ts';
import type { Notification, NotifiedChange } from '../domain/findings/notification.ts';
import { SEVERITIES } from '../domain/policy/severity.ts';
import { defused } from '../domain/text/clean.ts';

/** Maximum number of changes shown in a chat; the others are counted. */
const MAX_LINES = 20;
const MAX_TEXT = 300;

/** The content of a digest, independent of the message format. */
export interface DigestText {
  readonly headline: string;
  /** The most severe first. */
  readonly changes: readonly NotifiedChange[];
  /** Number of changes that are not among them. */
  readonly more: number;
}

/** Selects the most severe changes of some scans, and counts the others. */
export function digestText(notifications: readonly Notification[], most = MAX_LINES): DigestText {
  const all = notifications.flatMap(({ changes }) => changes);
  const sorted = all.toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || (a.id < b.id ? -1 : 1));
  return { headline: headline(notifications, all), changes: sorted.slice(0, most), more: Math.max(0, all.length - most) };
}

function headline(notifications: readonly Notification[], all: readonly NotifiedChange[]): string {
  const counts = (['opened', 'reopened', 'resolved'] as const).flatMap((kind) => {
    const count = all.filter((change) => change.kind === kind).length;
    return count === 0 ? [] : [`${count} ${kind}`];
  });
  const names = [...new Set(notifications.map(({ clusterName }) => clusterName))];
  const [name = ''] = names;
  return `Kataudit: ${counts.join(', ')} in ${names.length === 1 ? defused(name, MAX_TEXT) : `${names.length} clusters`}`;
}

/** Describes one change in a sentence. */
export function sentence({ kind, severity, message, finding }: NotifiedChange): string {
  const { ruleId, subject, clusterName } = finding;
  const where = `${defused(subjectLabel(subject), MAX_TEXT)} in ${defused(clusterName, MAX_TEXT)}`;
  return `${severity} ${kind}: ${ruleId} of ${where}. ${defused(message, MAX_TEXT)}`;
}

/** Returns the remediation of a change; `undefined` for a resolved finding. */
export function fix({ kind, finding }: NotifiedChange): string | undefined {
  return kind === 'resolved' ? undefined : `Fix: ${defused(finding.remediation, MAX_TEXT)}`;
}
