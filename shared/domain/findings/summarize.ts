import { parseNodeImage } from '../images/node-image.ts';
import { activePods } from '../isolation/kata-evidence.ts';
import { isKataRuntime } from '../isolation/workload-runtime.ts';
import { isSandboxHandler } from '../policy/handlers.ts';
import type { Severity } from '../policy/severity.ts';
import type { RuleRun, Verdict } from '../rule/rule.ts';
import { evidenceGaps } from '../snapshot/gaps.ts';
import { given } from '../snapshot/given.ts';
import { observedValue } from '../snapshot/observation.ts';
import type { PodGroup } from '../snapshot/pod-group.ts';
import type { ClusterSnapshot, NodePool } from '../snapshot/snapshot.ts';
import { openSince } from './due.ts';
import type { Finding } from './finding.ts';
import { lastSeen } from './sent-look.ts';
import { missedAudits } from './stale.ts';
import type { Assessment, ClusterSummary, CoverageGap, OldestImage, RuleTally } from './summary.ts';

/** A cluster after one scan. */
export interface ScannedCluster {
  readonly snapshot: ClusterSnapshot;
  readonly runs: readonly RuleRun[];
  /** All known findings of the cluster, including the changes of the scan. */
  readonly findings: readonly Finding[];
  /** Absent for the first scan. */
  readonly previous?: ClusterSummary;
  /** The audit or event that caused the scan. */
  readonly cause: string;
  /** Findings too large for a table row. */
  readonly unstored?: readonly CoverageGap[];
}

/** Reduces a scan to the summary row of its cluster. */
export function summarize({ snapshot, runs, findings, previous, cause, unstored = [] }: ScannedCluster): ClusterSummary {
  const gaps = [...gapsOf(snapshot, runs), ...unstored];
  const assessment = assess(snapshot, gaps);
  const seen = assessment === 'not-assessed' ? lastSeen(previous) : { at: snapshot.observedAt, cause };
  const lastAssessedAt = assessment === 'assessed' ? snapshot.observedAt : previous?.lastAssessedAt;
  const pools = observedValue(snapshot.nodePools) ?? [];
  const groups = observedValue(snapshot.workloads) ?? [];
  const oldestImage = oldestOf(pools);
  return {
    cluster: snapshot.cluster,
    assessment,
    gaps,
    observedAt: snapshot.observedAt,
    ...given({ lastAssessedAt, lastSeen: seen }),
    cause,
    status: 'present',
    ...given({ settings: observedValue(snapshot.settings) }),
    openBySeverity: countOpen(findings),
    openSince: openSince(findings),
    rules: tally(runs, findings),
    nodePools: pools.length,
    kataNodePools: pools.filter((pool) => isKataRuntime(pool.workloadRuntime)).length,
    pods: sum(groups, activePods),
    sandboxedPods: sum(groups, (group) => (isSandboxed(group, snapshot) ? activePods(group) : 0)),
    missedAudits: assessment === 'not-assessed' ? missedAudits(previous, cause) : 0,
    ...given({ oldestImage }),
  };
}

function oldestOf(pools: readonly NodePool[]): OldestImage | undefined {
  const dated = pools.flatMap(({ name, nodeImageVersion = '' }) => {
    const image = parseNodeImage(nodeImageVersion);
    return image === undefined ? [] : [{ nodePool: name, nodeImageVersion, releasedOn: image.releasedOn }];
  });
  return dated.toSorted((a, b) => a.releasedOn.localeCompare(b.releasedOn))[0];
}

/** Counts open findings by severity. */
export function countOpen(findings: readonly Finding[]): Record<Severity, number> {
  const counts: Record<Severity, number> = { critical: 0, high: 0, medium: 0, low: 0, info: 0 };
  for (const { status, severity } of findings) if (status === 'open') counts[severity] += 1;
  return counts;
}

/** Counts open findings and verdicts by rule. */
export function tally(runs: readonly RuleRun[], findings: readonly Finding[]): Record<string, RuleTally> {
  const tallies: Record<string, { open: number; verdicts: Record<Verdict, number> }> = {};
  const of = (ruleId: string) => {
    tallies[ruleId] ??= { open: 0, verdicts: { pass: 0, fail: 0, unknown: 0, 'not-applicable': 0 } };
    return tallies[ruleId];
  };
  for (const run of runs) {
    const { verdicts } = of(run.ruleId);
    if (run.state === 'unavailable' || run.state === 'error') verdicts.unknown += 1;
    if (run.state === 'judged') for (const { verdict } of run.judgements) verdicts[verdict] += 1;
  }
  for (const { ruleId, status } of findings) if (status === 'open') of(ruleId).open += 1;
  return tallies;
}

/** Everything that a scan could not read or judge; a probe that was not requested is not a gap. */
export function gapsOf(snapshot: ClusterSnapshot, runs: readonly RuleRun[]): readonly CoverageGap[] {
  const gaps: CoverageGap[] = [...evidenceGaps(snapshot)];
  for (const run of runs) {
    if (run.state === 'error') gaps.push({ evidence: 'rule', reason: { code: 'malformed', message: `${run.ruleId}: ${run.message}` } });
  }
  return gaps;
}

function assess(snapshot: ClusterSnapshot, gaps: readonly CoverageGap[]): Assessment {
  if (gaps.length === 0) return 'assessed';
  return snapshot.nodes.state === 'observed' || snapshot.workloads.state === 'observed' ? 'partly-assessed' : 'not-assessed';
}

function isSandboxed(group: PodGroup, snapshot: ClusterSnapshot): boolean {
  const handler = observedValue(snapshot.runtimeClasses)?.find(({ name }) => name === group.runtimeClassName)?.handler;
  return handler !== undefined && isSandboxHandler(handler, snapshot.acceptedHandlers) && group.olderThanClass === undefined;
}

function sum<T>(values: readonly T[], of: (value: T) => number): number {
  return values.reduce((total, value) => total + of(value), 0);
}
