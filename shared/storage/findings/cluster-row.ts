import { z } from 'zod';
import type { CauseCount } from '../../domain/findings/cause-counts.ts';
import type { HistoryEntry } from '../../domain/findings/finding.ts';
import type { ClusterSummary } from '../../domain/findings/summary.ts';
import { decodeRow, encodeRow, type HeldRow, type Row } from '../row.ts';
import { HistoryShape, SummaryShape } from '../shapes.ts';
import { CLUSTER_ROW } from './finding-rows.ts';

/** The value of a cluster's own row: the truth of which the other tables hold copies. */
export interface ClusterRow {
  /** Of the newest write that was finished. */
  readonly summary?: ClusterSummary;
  /** History of the newest transaction, copied to the changes after it; copied again before the next, should a crash have come between. */
  readonly outbox: readonly HistoryEntry[];
  /** The observation that the newest transaction wrote of. */
  readonly observedAt?: string;
  readonly changedBy: readonly CauseCount[];
  /** Counts the transactions of this cluster; the packed findings of the same transaction have the same number. */
  readonly sequence: number;
}

/** Before the first write. */
export const NO_CLUSTER_ROW: ClusterRow = { outbox: [], changedBy: [], sequence: 0 };

const ClusterRowShape = z.object({
  summary: SummaryShape.exactOptional(),
  outbox: z.array(HistoryShape),
  observedAt: z.string().exactOptional(),
  changedBy: z.array(z.object({ cause: z.string(), changed: z.number() })).default([]),
  sequence: z.number().default(0),
});

/** A cluster's own row, to be written. */
export function encodeClusterRow(key: string, value: ClusterRow): Row {
  return encodeRow(key, CLUSTER_ROW, value);
}

/** A cluster's own row, read back. */
export function decodeClusterRow(row: HeldRow | undefined): ClusterRow {
  return row === undefined ? NO_CLUSTER_ROW : decodeRow('findings', row, ClusterRowShape);
}
