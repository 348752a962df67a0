import type { Judgement, RuleRun } from '../domain/rule/rule.ts';
import { given } from '../domain/snapshot/given.ts';
import type { Coverage } from '../domain/snapshot/observation.ts';
import type { Cluster, ClusterSnapshot } from '../domain/snapshot/snapshot.ts';
import type { ExportedVerdict } from './export.ts';

const NOTHING_SEEN: Coverage = { kind: 'truncated', message: 'nothing could be read' };

/** Passed and unknown verdicts of one scan of a cluster; failures are reported as findings instead. */
export function* verdictsOf(
  { cluster, observedAt }: Pick<ClusterSnapshot, 'cluster' | 'observedAt'>,
  runs: readonly RuleRun[],
): Generator<ExportedVerdict, void, undefined> {
  for (const run of runs) {
    if (run.state === 'judged') {
      for (const judgement of run.judgements) yield* ofJudgement(cluster, observedAt, run.ruleId, run.coverage, judgement);
    } else if (run.state !== 'off') {
      yield unknownVerdict(cluster, observedAt, run.ruleId, whyUnknown(run));
    }
  }
}

/** Returns an unknown verdict of a rule for a whole cluster, with the reason. */
export function unknownVerdict(cluster: Cluster, observedAt: string, ruleId: string, message: string): ExportedVerdict {
  return { ...identity(cluster), ruleId, verdict: 'unknown', message, coverage: NOTHING_SEEN, observedAt };
}

function* ofJudgement(
  cluster: Cluster,
  observedAt: string,
  ruleId: string,
  coverage: Coverage,
  { verdict, subject, message }: Judgement,
): Generator<ExportedVerdict, void, undefined> {
  if (verdict !== 'pass' && verdict !== 'unknown') return;
  yield {
    ...identity(cluster),
    ruleId,
    subject,
    verdict,
    coverage,
    observedAt,
    ...given({ message }),
  };
}

function whyUnknown(run: Extract<RuleRun, { state: 'unavailable' | 'error' }>): string {
  if (run.state === 'error') return `The rule failed: ${run.message}`;
  return run.missing.map(({ evidence, reason }) => `${evidence} could not be read (${reason.code}): ${reason.message}`).join(' ');
}

function identity({ id, name, subscriptionId }: Cluster) {
  return { clusterId: id, clusterName: name, subscriptionId };
}
