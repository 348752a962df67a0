import type { Table } from '../table.ts';

/** The tables that findings live in. */
export interface FindingTables {
  readonly findings: Table;
  /** Copies of the summaries in one partition, to walk the estate. */
  readonly clusters: Table;
  /** Copies of the history by day, for what changed in the estate. */
  readonly changes: Table;
}

/** The one partition of the table of clusters. */
export const CLUSTERS = 'clusters';
