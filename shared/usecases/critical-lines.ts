import type { FindingChange } from '../domain/findings/finding.ts';

/** More lines are not useful; the last line gives the number of the rest. */
const MAX_LINES = 50;

/**
 * Returns one log line for each critical finding that a scan opened. The deployment's alerts match these words. Only ids are logged,
 * because names come from clusters and may be hostile.
 */
export function criticalLines(changes: readonly FindingChange[]): readonly string[] {
  const critical = changes.filter(({ kind, finding }) => finding.severity === 'critical' && (kind === 'opened' || kind === 'reopened'));
  const lines = critical
    .slice(0, MAX_LINES)
    .map(({ finding }) => `Critical finding opened: ${finding.ruleId} on ${finding.clusterId}, finding ${finding.id}`);
  return critical.length > MAX_LINES ? [...lines, `Critical finding opened: and ${critical.length - MAX_LINES} more`] : lines;
}
