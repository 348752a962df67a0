import type { ClusterSummary } from '../../domain/findings/summary.ts';
import { SEVERITIES } from '../../domain/policy/severity.ts';
import type { FindingFilter } from '../../ports/finding-store.ts';

const RULE_ID = /^[a-z0-9-]{1,50}$/;
/** The service takes 15 comparisons in a query; the keys take two and the severities up to four. */
const MAX_RULES = 8;

/** The columns of a cluster's row that queries go by: its name, and how much is open, by severity and rule, where anything is. */
export function clusterColumns({ cluster, openBySeverity, rules }: ClusterSummary): Record<string, string | number> {
  const severities = SEVERITIES.map((severity) => [severity, openBySeverity[severity]] as const);
  const byRule = Object.entries(rules).flatMap(([id, { open }]) => (RULE_ID.test(id) ? [[ruleColumn(id), open] as const] : []));
  return { name: cluster.name.toLowerCase(), ...Object.fromEntries([...severities, ...byRule].filter(([, open]) => open > 0)) };
}

/** The columns of which one in each group must be above zero for a cluster to hold what is asked for. */
export function openColumns({ status, severity, rule }: FindingFilter): readonly (readonly string[])[] {
  if (status?.length !== 1 || status[0] !== 'open') return [];
  const bySeverity = severity !== undefined && severity.length < SEVERITIES.length ? [severity] : [];
  const byRule = rule !== undefined && rule.length <= MAX_RULES && rule.every((id) => RULE_ID.test(id)) ? [rule.map(ruleColumn)] : [];
  return [...bySeverity, ...byRule].filter((columns) => columns.length > 0);
}

function ruleColumn(id: string): string {
  return `rule_${id.replaceAll('-', '_')}`;
}
