import type { FindingChange } from '../domain/findings/finding.ts';

/** More lines than this help nobody; the last one says how many there were. */
const MAX_LINES = 50;

/**
 * The lines to log about critical findings that a scan opened, one a finding. The deployment's alerts
 * look for these words; ids alone are told, because names come from clusters and may be hostile.
 */
export function criticalLines(changes: readonly FindingChange[]): readonly string[] {
  const critical = changes.filter(({ kind, finding }) => finding.severity === 'critical' && (kind === 'opened' || kind === 'reopened'));
  const lines = critical
    .slice(0, MAX_LINES)
    .map(({ finding }) => `Critical finding opened: ${finding.ruleId} on ${finding.clusterId}, finding ${finding.id}`);
  return critical.length > MAX_LINES ? [...lines, `Critical finding opened: and ${critical.length - MAX_LINES} more`] : lines;
}
