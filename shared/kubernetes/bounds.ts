import { createHash } from 'node:crypto';

/** Kubernetes allows names of 253 characters; a longer name cannot come from a real API server. */
const MAX_NAME = 253;
/** Kubernetes limits the length of a label but not the number of labels; real objects have some dozens. */
const MAX_LABELS = 100;
/** A label's name has at most 253 characters, a slash and 63 more; its value has at most 63. */
const MAX_LABEL = 317;

/** Returns a name as it is stored: a name that is too long is cut and gets a digest, so that different names stay different. */
export function boundedName(name: string | null | undefined): string {
  if (name === null || name === undefined) return '';
  if (name.length <= MAX_NAME) return name;
  return `${name.slice(0, MAX_NAME - 20)}…${createHash('sha256').update(name).digest('hex').slice(0, 16)}`;
}

/** Returns labels as they are stored: at most a fixed number, sorted by name, and how many were left out. */
export function boundedLabels(labels: Readonly<Record<string, string>> | null | undefined): {
  readonly labels: Readonly<Record<string, string>>;
  readonly labelsCut?: number;
} {
  const entries = Object.entries(labels ?? {});
  const fitting = entries.filter(([name, value]) => name.length <= MAX_LABEL && value.length <= MAX_LABEL);
  if (fitting.length === entries.length && entries.length <= MAX_LABELS) return { labels: { ...labels } };
  const kept = fitting.sort(([a], [b]) => (a < b ? -1 : 1)).slice(0, MAX_LABELS);
  return { labels: Object.fromEntries(kept), labelsCut: entries.length - kept.length };
}
