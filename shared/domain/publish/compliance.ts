import type { ClusterSummary } from '../findings/summary.ts';
import type { RuleStanding } from './rule-standing.ts';

/** Whether a cluster complies as a whole. */
export interface Compliance {
  /** `compliant` only if the whole cluster was scanned, something was judged, and nothing failed or is unknown. */
  readonly state: 'compliant' | 'non-compliant' | 'unknown';
  /** One sentence, without names from the cluster. */
  readonly why: string;
}

/** Combines the standings of a cluster's rules. Exempted rules do not count against it, but are reported. */
export function complianceOf({ assessment }: Pick<ClusterSummary, 'assessment'>, standings: readonly RuleStanding[]): Compliance {
  const count = (wanted: RuleStanding['standing']) => standings.filter(({ standing }) => standing === wanted).length;
  const exempted = count('exempted') === 0 ? '' : ` ${count('exempted')} rules are exempted.`;
  if (count('fails') > 0) return { state: 'non-compliant', why: `${count('fails')} of ${standings.length} rules fail.${exempted}` };
  if (assessment !== 'assessed') return { state: 'unknown', why: 'The newest scan could not read the whole cluster.' };
  if (count('unknown') > 0) return { state: 'unknown', why: `${count('unknown')} of ${standings.length} rules could not be judged.` };
  if (count('complies') + count('exempted') === 0) return { state: 'unknown', why: 'No rule had anything to judge.' };
  return { state: 'compliant', why: `No rule fails: ${count('complies')} of ${standings.length} comply.${exempted}` };
}
