/** The groups of operations of the API, each with a sentence for its documentation. */
export const TAGS = {
  estate: 'The whole estate in numbers, and the rules that judge it.',
  clusters: 'What is known about each cluster, and snapshots that users send.',
  findings: 'What does not comply: lists, groups, counts, history and changes.',
  audits: 'Audits: what they scanned, what they changed, and how they differ.',
  exemptions: 'Findings that do not count for a limited time, with the approver and the reason.',
  exports: 'Findings and evidence as documents.',
  dashboard: 'Pages for the browser, and their sessions.',
  operations: 'The app itself: health, metrics, parked messages, and this document.',
} as const;

/** A group of operations. */
export type Tag = keyof typeof TAGS;
