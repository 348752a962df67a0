import type { ClusterSummary } from '../../domain/findings/summary.ts';
import { overlayOf } from '../../domain/policy/exemption.ts';
import { type RuleStanding, ruleStandings } from '../../domain/publish/rule-standing.ts';
import type { Rule } from '../../domain/rule/rule.ts';
import type { AssessmentStore } from '../../ports/assessment-store.ts';
import type { FindingStore } from '../../ports/finding-store.ts';
import { type ExemptionSources, liveExemptions } from '../queries/exemptions.ts';

/** Stores that hold the state of clusters. */
export interface StandingSources extends ExemptionSources {
  readonly findings: Pick<FindingStore, 'ofCluster'>;
  readonly assessments: Pick<AssessmentStore, 'get'>;
  readonly rules: readonly Rule[];
}

/** The current state of a cluster. */
export interface ClusterStanding {
  readonly summary: ClusterSummary;
  readonly standings: readonly RuleStanding[];
}

/** Returns a cluster's state by every enabled rule; `undefined` if nothing is stored for it. */
export async function clusterStanding(sources: StandingSources, clusterId: string): Promise<ClusterStanding | undefined> {
  const { summary, findings } = await sources.findings.ofCluster(clusterId);
  if (summary === undefined) return undefined;
  const [assessment, live, { policy }] = await Promise.all([sources.assessments.get(clusterId), liveExemptions(sources), sources.policy()]);
  // Verdicts older than the summary do not describe the newest scan.
  const runs = assessment?.snapshot.observedAt === summary.observedAt ? assessment.runs : undefined;
  const exemptionOf = overlayOf(live);
  const isExempted = (finding: (typeof findings)[number]) => exemptionOf(finding) !== undefined;
  return { summary, standings: ruleStandings({ summary, runs, findings, isExempted }, sources.rules, policy) };
}
