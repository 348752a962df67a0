import type { Finding, HistoryEntry } from '../../../shared/domain/findings/finding.ts';
import { TABLES } from '../../../shared/storage/names.ts';
import { NOW } from '../../http/estate.ts';
import { memoryTable } from '../../support/memory-table.ts';

/** The tables of the findings store, empty and in memory. */
export const memoryTables = () => ({
  findings: memoryTable(TABLES.findings),
  clusters: memoryTable(TABLES.clusters),
  changes: memoryTable(TABLES.changes),
});

/** The history entry of a finding that an audit opened. */
export const openedAt = ({ id, clusterId, ruleId, severity, message }: Finding, at: string): HistoryEntry => ({
  findingId: id,
  clusterId,
  ruleId,
  at,
  kind: 'opened',
  cause: 'audit-1',
  severity,
  message,
});

/** The history entry of a finding that the audit of now opened. */
export const opened = (finding: Finding): HistoryEntry => openedAt(finding, NOW);
