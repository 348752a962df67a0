import { createHash } from 'node:crypto';
import type { Severity } from '../policy/severity.ts';
import type { Command } from '../rule/command.ts';
import type { EvidenceFacts } from '../rule/rule.ts';
import type { Coverage } from '../snapshot/observation.ts';
import { clusterKey } from '../snapshot/resource-id.ts';
import { type Subject, subjectKey } from '../snapshot/subject.ts';

/** Why a finding was closed. */
export const RESOLUTIONS = ['complies', 'subject-gone', 'rule-off', 'cluster-deleted', 'out-of-scope'] as const;
export type Resolution = (typeof RESOLUTIONS)[number];

/** A failure of one rule for one subject of a cluster, open or resolved. */
export interface Finding {
  /** `<clusterKey>-<32 hex digits>`; also its fingerprint: the same failure always has the same id. */
  readonly id: string;
  readonly ruleId: string;
  readonly clusterId: string;
  readonly clusterName: string;
  readonly subscriptionId: string;
  readonly subject: Subject;
  readonly severity: Severity;
  readonly status: 'open' | 'resolved';
  readonly message: string;
  /** The remediation in sentences. */
  readonly remediation: string;
  /** The commands of the remediation, in order; absent in findings that version 0.1.0 stored, which had them in the sentences. */
  readonly commands?: readonly Command[];
  readonly facts: EvidenceFacts;
  readonly coverage: Coverage;
  /** RFC 3339 UTC, like all times here. */
  readonly firstSeenAt: string;
  readonly lastSeenAt: string;
  readonly resolvedAt?: string;
  readonly resolution?: Resolution;
  readonly reopenCount: number;
  /** The snapshot that last changed or confirmed this finding. */
  readonly observedAt: string;
  /** When it last opened, changed or resolved; absent in findings that version 0.1.0 stored. */
  readonly changedAt?: string;
  /** Who must fix it, by the policy's labels and tags; absent if none of them names an owner. */
  readonly owner?: string;
  /** The rule could not be judged in the newest scan: the finding describes the state at `observedAt`. */
  readonly stale?: boolean;
}

/** The kinds of history entries. */
export const CHANGE_KINDS = ['opened', 'reopened', 'changed', 'resolved'] as const;

/** What happened to a finding in one scan. */
export type FindingChangeKind = (typeof CHANGE_KINDS)[number] | 'seen';

/** A finding after one scan, and what the scan did to it. */
export interface FindingChange {
  readonly kind: FindingChangeKind;
  readonly finding: Finding;
}

/** One entry of a finding's history; lists show the newest first. */
export interface HistoryEntry {
  readonly findingId: string;
  readonly clusterId: string;
  readonly ruleId: string;
  readonly at: string;
  readonly kind: Exclude<FindingChangeKind, 'seen'>;
  /** The audit that made the scan, or the event's id. */
  readonly cause: string;
  readonly severity: Severity;
  readonly message: string;
  readonly resolution?: Resolution;
}

/** The id of the finding that this rule has on this subject of this cluster. */
export function fingerprint(clusterId: string, ruleId: string, subject: Subject): string {
  const digest = createHash('sha256')
    .update(`${clusterId.toLowerCase()}\n${ruleId}\n${subjectKey(subject)}`)
    .digest('hex');
  return `${clusterKey(clusterId)}-${digest.slice(0, 32)}`;
}
