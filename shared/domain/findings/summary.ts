import type { Severity } from '../policy/severity.ts';
import type { Verdict } from '../rule/rule.ts';
import type { UnavailableReason } from '../snapshot/observation.ts';
import type { Cluster, ClusterSettings, EvidenceKey } from '../snapshot/snapshot.ts';
import type { OpenSince } from './due.ts';

/** How completely a cluster could be assessed in the newest scan. */
export type Assessment = 'assessed' | 'partly-assessed' | 'not-assessed';

/** Something that the newest scan could not read or judge. */
export interface CoverageGap {
  readonly evidence: EvidenceKey | 'cluster' | 'rule';
  readonly reason: UnavailableReason;
}

/** Scan that read nodes or pods: its time and its cause. */
export interface SeenLook {
  readonly at: string;
  readonly cause: string;
}

/** Per-cluster summary row, used by queries over the whole estate. */
export interface ClusterSummary {
  readonly cluster: Cluster;
  readonly assessment: Assessment;
  readonly gaps: readonly CoverageGap[];
  /** Time of the newest recorded snapshot, RFC 3339. */
  readonly observedAt: string;
  /** Time of the newest snapshot with every part read; absent if there never was one. */
  readonly lastAssessedAt?: string;
  /** Newest scan that read nodes or pods; absent if there never was one, and in rows of version 0.1.0. */
  readonly lastSeen?: SeenLook;
  /** The audit or event that caused the newest scan. */
  readonly cause: string;
  readonly status: 'present' | 'deleted' | 'out-of-scope';
  readonly settings?: ClusterSettings;
  readonly openBySeverity: Readonly<Record<Severity, number>>;
  /** The same by the day on which they were first seen; absent in rows of version 0.1.0. */
  readonly openSince?: OpenSince;
  /** Per rule: open findings and the verdicts of the newest scan. */
  readonly rules: Readonly<Record<string, RuleTally>>;
  readonly nodePools: number;
  readonly kataNodePools: number;
  readonly pods: number;
  readonly sandboxedPods: number;
  readonly missedAudits: number;
  /** The node pool with the oldest node image whose release date is known. */
  readonly oldestImage?: OldestImage;
}

/** A node image and when it was released, `YYYY-MM-DD`. */
export interface OldestImage {
  readonly nodePool: string;
  readonly nodeImageVersion: string;
  readonly releasedOn: string;
}

/** One rule's part of a cluster summary. */
export interface RuleTally {
  readonly open: number;
  readonly verdicts: Readonly<Record<Verdict, number>>;
}

/** The lower-case text that a search for a cluster matches against. */
export function clusterText({ cluster: { name, resourceGroup, subscriptionId, location, tags } }: Pick<ClusterSummary, 'cluster'>): string {
  const named = Object.entries(tags).flatMap(([key, value]) => [key, value, `${key}=${value}`]);
  return [name, resourceGroup, subscriptionId, location, ...named].join('\n').toLowerCase();
}
