import type { Finding } from '../domain/findings/finding.ts';
import { subjectLabel } from '../domain/findings/finding-text.ts';
import { table } from './table.ts';

/** When lagging node pools are to be upgraded, as a table; `undefined` when nothing tells. A finding's own row is too short for it. */
export function plannedUpgrades(findings: readonly Finding[]): string | undefined {
  const rows = findings.flatMap(({ ruleId, clusterName, subject, facts }) => {
    const { plannedUpgradeAt: from, plannedUpgradeUntil: until, maintenanceConfiguration: by } = facts;
    if (ruleId !== 'node-image-current' || from === undefined) return [];
    return [[clusterName, subjectLabel(subject), String(from), String(until), String(by)]];
  });
  return rows.length === 0 ? undefined : table(['CLUSTER', 'LAGS', 'UPGRADE PLANNED', 'UNTIL', 'BY'], rows);
}
