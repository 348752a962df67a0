import type { Table } from '../table.ts';

/** The tables with findings. */
export interface FindingTables {
  readonly findings: Table;
  /** Copies of the summaries in one partition, for queries over the estate. */
  readonly clusters: Table;
  /** Copies of the history by day, for queries of what changed in the estate. */
  readonly changes: Table;
}

/** The only partition of the table of clusters. */
export const CLUSTERS = 'clusters';
