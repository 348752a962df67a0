import type { HistoryEntry } from '../domain/findings/finding.ts';
import type { ClusterSummary } from '../domain/findings/summary.ts';
import type { EstateDay } from '../domain/findings/trend.ts';
import type { Severity } from '../domain/policy/severity.ts';
import type { TrendDays } from './charts.ts';
import type { TileData } from './tiles.ts';

/** The content of the estate page; the lists of clusters are already filtered, sorted and paged. */
export interface EstateData {
  /** All present clusters, unfiltered; exempted findings are not counted. */
  readonly clusters: readonly ClusterSummary[];
  readonly tiles: TileData;
  readonly table: ClusterTable;
  readonly trend: readonly EstateDay[];
  readonly days: TrendDays;
  /** Failing rules, the most severe first. */
  readonly first: readonly FirstThing[];
  /** The changes of the newest audit and since then, newest first, with the cluster's name. */
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
  /** When the next audit starts; shown in a new deployment. */
  readonly schedule: string;
}

/** The table of clusters and the request for it. */
export interface ClusterTable {
  readonly shown: readonly ClusterSummary[];
  readonly matching: number;
  readonly page: number;
  readonly pages: number;
  readonly filter: EstateFilter;
  /** Number of consecutive failed audits after which a cluster is shown as stale. */
  readonly staleAfterAudits: number;
  /** One sentence for each invalid value in the address. */
  readonly problems: readonly string[];
  /** Names of tags that clusters can be grouped by. */
  readonly tagNames: readonly string[];
}

/** The filter of the table of clusters, from the address. */
export interface EstateFilter {
  readonly q?: string;
  readonly status?: ClusterStatus;
  readonly gap?: string;
  /** Ages of the oldest node image, separated by commas. */
  readonly image?: string;
  readonly group?: string;
  readonly sort: string;
}

/** Filters of the table; a cluster can fail and not be fully read at the same time. */
export const CLUSTER_STATUSES = ['failing', 'blind', 'compliant', 'seen', 'proven'] as const;
export type ClusterStatus = (typeof CLUSTER_STATUSES)[number];

/** One rule that fails somewhere. */
export interface FirstThing {
  readonly rule: string;
  readonly title: string;
  readonly severity: Severity;
  readonly open: number;
  readonly clusters: number;
  /** Absent if there are too many findings to read them all. */
  readonly oldest?: string;
}

/** A change with the name of its cluster. */
export type NamedChange = HistoryEntry & { readonly clusterName: string };

/** Problems that prevent a correct view of the estate. */
export interface EstateAlerts {
  readonly policyProblem?: string;
  readonly parked: number;
  /** An audit that should have ended. */
  readonly stuck?: { readonly id: string; readonly startedAt: string };
}
