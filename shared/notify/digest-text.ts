import { subjectLabel } from '../domain/findings/finding-text.ts';
import type { Notification, NotifiedChange } from '../domain/findings/notification.ts';
import { SEVERITIES } from '../domain/policy/severity.ts';
import { defused } from '../domain/text/clean.ts';

/** What a person reads in a chat; the rest is counted. */
const MAX_LINES = 20;
const MAX_TEXT = 300;

/** What a digest says, before it takes the form of a message. */
export interface DigestText {
  readonly headline: string;
  /** The worst first. */
  readonly changes: readonly NotifiedChange[];
  /** How many changes are not among them. */
  readonly more: number;
}

/** The worst changes of some scans, and how many there are. */
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

/** One change in a sentence. */
export function sentence({ kind, severity, message, finding }: NotifiedChange): string {
  const { ruleId, subject, clusterName } = finding;
  const where = `${defused(subjectLabel(subject), MAX_TEXT)} in ${defused(clusterName, MAX_TEXT)}`;
  return `${severity} ${kind}: ${ruleId} of ${where}. ${defused(message, MAX_TEXT)}`;
}

/** What to do about a change; nothing about what has resolved. */
export function fix({ kind, finding }: NotifiedChange): string | undefined {
  return kind === 'resolved' ? undefined : `Fix: ${defused(finding.remediation, MAX_TEXT)}`;
}
