import type { Rule, RuleRun } from '../domain/rule/rule.ts';
import type { Subject } from '../domain/snapshot/subject.ts';
import type { AuditedSnapshot } from '../usecases/audit-snapshot.ts';
import type { Report } from './report.ts';

/**
 * Limits a report to the workloads of some namespaces. The whole cluster is still audited, because the pools and classes of a
 * workload are judged with it.
 */
export function narrowed(report: Report, namespaces: readonly string[] | undefined, rules: readonly Rule[]): Report {
  if (namespaces === undefined) return report;
  const ofWorkloads = new Set(rules.filter(({ requires }) => requires.includes('workloads')).map(({ id }) => id));
  const isAsked = (subject: Subject) => subject.kind === 'workload' && namespaces.includes(subject.namespace);
  return { ...report, clusters: report.clusters.map((one) => narrowedLook(one, isAsked, ofWorkloads)) };
}

function narrowedLook(
  { snapshot, runs, findings, unknown, notCovered }: AuditedSnapshot,
  isAsked: (subject: Subject) => boolean,
  ofWorkloads: ReadonlySet<string>,
): AuditedSnapshot {
  const kept = runs.filter(({ ruleId }) => ofWorkloads.has(ruleId)).map((run) => narrowedRun(run, isAsked));
  const stillUnknown = new Set(kept.filter(isSomethingUnknown).map(({ ruleId }) => ruleId));
  return {
    snapshot,
    runs: kept,
    findings: findings.filter(({ subject }) => isAsked(subject)),
    unknown: unknown.filter(({ ruleId }) => stillUnknown.has(ruleId)),
    notCovered: notCovered.filter(({ ruleId }) => stillUnknown.has(ruleId)),
  };
}

function narrowedRun(run: RuleRun, isAsked: (subject: Subject) => boolean): RuleRun {
  return run.state === 'judged' ? { ...run, judgements: run.judgements.filter(({ subject }) => isAsked(subject)) } : run;
}

function isSomethingUnknown(run: RuleRun): boolean {
  if (run.state !== 'judged') return run.state !== 'off';
  return run.judgements.some(({ verdict }) => verdict === 'unknown');
}
