import { z } from 'zod';
import type { CauseCount } from '../../domain/findings/cause-counts.ts';
import type { HistoryEntry } from '../../domain/findings/finding.ts';
import type { ClusterSummary } from '../../domain/findings/summary.ts';
import { decodeRow, encodeRow, type HeldRow, type Row } from '../row.ts';
import { HistoryShape, SummaryShape } from '../shapes.ts';
import { CLUSTER_ROW } from './finding-rows.ts';

/** The value of a cluster's own row, which is authoritative; other tables contain copies. */
export interface ClusterRow {
  /** The summary of the newest completed write. */
  readonly summary?: ClusterSummary;
  /** The history of the newest transaction, copied to the changes afterwards; after a crash in between, the next write copies it. */
  readonly outbox: readonly HistoryEntry[];
  /** The observation time of the newest transaction. */
  readonly observedAt?: string;
  readonly changedBy: readonly CauseCount[];
  /** Number of the cluster's newest transaction; the packed findings of that transaction have the same number. */
  readonly sequence: number;
}

/** The value before the first write. */
export const NO_CLUSTER_ROW: ClusterRow = { outbox: [], changedBy: [], sequence: 0 };

const ClusterRowShape = z.object({
  summary: SummaryShape.exactOptional(),
  outbox: z.array(HistoryShape),
  observedAt: z.string().exactOptional(),
  changedBy: z.array(z.object({ cause: z.string(), changed: z.number() })).default([]),
  sequence: z.number().default(0),
});

/** Encodes a cluster's own row. */
export function encodeClusterRow(key: string, value: ClusterRow): Row {
  return encodeRow(key, CLUSTER_ROW, value);
}

/** Decodes a cluster's own row. */
export function decodeClusterRow(row: HeldRow | undefined): ClusterRow {
  return row === undefined ? NO_CLUSTER_ROW : decodeRow('findings', row, ClusterRowShape);
}
