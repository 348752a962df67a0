import { isolationReport } from '../domain/isolation/isolation-report.ts';
import type { ClusterSnapshot } from '../domain/snapshot/snapshot.ts';
import { table } from './frame/table.ts';
import type { Page } from './frame/terminal.ts';

/** Number of workloads shown on a terminal; the JSON document contains all. */
const MAX_LINES = 50;

/** A table of the isolation step that each Kata pool and sandboxed workload has reached; `undefined` if there is none. */
export function isolationSteps(snapshot: ClusterSnapshot, page: Page): string | undefined {
  const { nodePools, workloads, moreWorkloads } = isolationReport(snapshot, MAX_LINES);
  const lines = [
    ...nodePools.map(({ nodePool, step, reason }) => [nodePool === '-' ? 'Kata nodes outside of pools' : `pool ${nodePool}`, step, reason]),
    ...workloads.map(({ namespace, ownerKind, ownerName, step, reason }) => [`${namespace}/${ownerKind}/${ownerName}`, step, reason]),
  ];
  if (lines.length === 0) return undefined;
  const more = moreWorkloads === 0 ? '' : `\n… and ${moreWorkloads} more; --format json lists all.`;
  return `${table(['ISOLATION OF', 'STEP', 'WHY'], lines, page)}${more}`;
}
