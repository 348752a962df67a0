/** What the operations of the API are about, each with a sentence for its document. */
export const TAGS = {
  estate: 'The whole estate in numbers, and the rules that judge it.',
  clusters: 'What is known of each cluster, and looks at it that somebody sends.',
  findings: 'What does not comply: lists, groups, counts, history and changes.',
  audits: 'Audits with what they saw, what they changed, and how they differ.',
  exemptions: 'Findings that do not count for a time, with who approved that and why.',
  exports: 'Findings and evidence as documents.',
  dashboard: 'Pages for people, and the sessions that open them.',
  operations: 'The app itself: health, metrics, messages that failed, and this document.',
} as const;

/** What an operation is about. */
export type Tag = keyof typeof TAGS;
