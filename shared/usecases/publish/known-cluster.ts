import type { ClusterSummary } from '../../domain/findings/summary.ts';
import { overlayOf } from '../../domain/policy/exemption.ts';
import { type RuleStanding, ruleStandings } from '../../domain/publish/rule-standing.ts';
import type { Rule } from '../../domain/rule/rule.ts';
import type { AssessmentStore } from '../../ports/assessment-store.ts';
import type { FindingStore } from '../../ports/finding-store.ts';
import { type ExemptionSources, liveExemptions } from '../queries/exemptions.ts';

/** Where it is kept how clusters stand. */
export interface StandingSources extends ExemptionSources {
  readonly findings: Pick<FindingStore, 'ofCluster'>;
  readonly assessments: Pick<AssessmentStore, 'get'>;
  readonly rules: readonly Rule[];
}

/** How a cluster stands now. */
export interface ClusterStanding {
  readonly summary: ClusterSummary;
  readonly standings: readonly RuleStanding[];
}

/** How a cluster stands by every rule that is on; `undefined` when nothing is held of it. */
export async function clusterStanding(sources: StandingSources, clusterId: string): Promise<ClusterStanding | undefined> {
  const { summary, findings } = await sources.findings.ofCluster(clusterId);
  if (summary === undefined) return undefined;
  const [assessment, live, { policy }] = await Promise.all([sources.assessments.get(clusterId), liveExemptions(sources), sources.policy()]);
  // Verdicts of an older look than the summary's say nothing of what was seen last.
  const runs = assessment?.snapshot.observedAt === summary.observedAt ? assessment.runs : undefined;
  const exemptionOf = overlayOf(live);
  const isExempted = (finding: (typeof findings)[number]) => exemptionOf(finding) !== undefined;
  return { summary, standings: ruleStandings({ summary, runs, findings, isExempted }, sources.rules, policy) };
}
