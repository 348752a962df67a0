import type { HistoryEntry } from '../domain/findings/finding.ts';
import type { ClusterSummary } from '../domain/findings/summary.ts';
import type { EstateDay } from '../domain/findings/trend.ts';
import type { Severity } from '../domain/policy/severity.ts';
import type { TrendDays } from './charts.ts';
import type { TileData } from './tiles.ts';

/** What the estate page shows; the clusters' lists are already filtered, sorted and cut to one part. */
export interface EstateData {
  /** All present clusters, unfiltered; they count only what no live exemption covers. */
  readonly clusters: readonly ClusterSummary[];
  readonly tiles: TileData;
  readonly table: ClusterTable;
  readonly trend: readonly EstateDay[];
  readonly days: TrendDays;
  /** Failing rules, the most severe first. */
  readonly first: readonly FirstThing[];
  /** What the newest audit changed and what changed since, newest first, with the cluster's name. */
  readonly changes: readonly NamedChange[];
  readonly alerts: EstateAlerts;
  readonly policy: { readonly hash: string; readonly source: string };
  readonly oldestLook?: string;
  /** The newest audit. */
  readonly audit?: {
    readonly id: string;
    readonly startedAt: string;
    readonly running?: { readonly scanned: number; readonly planned: number };
  };
  /** When the next audit starts, for a fresh deployment. */
  readonly schedule: string;
}

/** The table of clusters, and what it was asked for. */
export interface ClusterTable {
  readonly shown: readonly ClusterSummary[];
  readonly matching: number;
  readonly page: number;
  readonly pages: number;
  readonly filter: EstateFilter;
  /** From so many audits on that could not look at a cluster it is shown as stale. */
  readonly staleAfterAudits: number;
  /** A sentence for each value of the address that cannot be right. */
  readonly problems: readonly string[];
  /** Names of tags that clusters can be grouped by. */
  readonly tagNames: readonly string[];
}

/** The filter of the clusters table, as in the address. */
export interface EstateFilter {
  readonly q?: string;
  readonly status?: ClusterStatus;
  readonly gap?: string;
  /** Ages of the oldest node image, separated by commas. */
  readonly image?: string;
  readonly group?: string;
  readonly sort: string;
}

/** What the table can be cut down to; a failing cluster may be blind, and one that was fully seen failing. */
export const CLUSTER_STATUSES = ['failing', 'blind', 'compliant', 'seen', 'proven'] as const;
export type ClusterStatus = (typeof CLUSTER_STATUSES)[number];

/** One rule that fails somewhere. */
export interface FirstThing {
  readonly rule: string;
  readonly title: string;
  readonly severity: Severity;
  readonly open: number;
  readonly clusters: number;
  /** Absent where there are too many findings to look at each. */
  readonly oldest?: string;
}

/** A change with the name of its cluster. */
export type NamedChange = HistoryEntry & { readonly clusterName: string };

/** What stops the estate from being seen as it is. */
export interface EstateAlerts {
  readonly policyProblem?: string;
  readonly parked: number;
  /** An audit that should have ended. */
  readonly stuck?: { readonly id: string; readonly startedAt: string };
}
