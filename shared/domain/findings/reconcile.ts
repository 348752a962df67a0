import { JUDGED_BY_TEMPLATE, type Judgement, type Rule, type RuleRun } from '../rule/rule.ts';
import type { Coverage } from '../snapshot/observation.ts';
import type { Cluster } from '../snapshot/snapshot.ts';
import { formerSubject } from '../snapshot/subject.ts';
import { coverageFor } from '../snapshot/targeted-coverage.ts';
import { type Finding, type FindingChange, fingerprint, type HistoryEntry, type Resolution } from './finding.ts';

/** The scan whose result is being recorded. */
export interface Scan {
  readonly cluster: Cluster;
  /** When the scan started, RFC 3339. */
  readonly observedAt: string;
  /** The audit's id, or `event:<id>`. */
  readonly cause: string;
}

type Failure = Extract<Judgement, { verdict: 'fail' }>;

/**
 * Turns one scan of one cluster into changes to the stored findings of that cluster.
 *
 * A finding resolves only on evidence: its subject complied, or its subject is gone and the rule saw the complete list. A rule
 * that failed or lacked evidence changes nothing: its earlier findings stay open and are marked stale. A scan older than a
 * finding does not change it.
 */
export function reconcile(
  held: readonly Finding[],
  runs: readonly RuleRun[],
  scan: Scan,
  rules: readonly Rule[],
): readonly FindingChange[] {
  const heldByRule = Map.groupBy(held, ({ ruleId }) => ruleId);
  const ruleById = new Map(rules.map((rule) => [rule.id, rule]));
  return runs.flatMap((run) => {
    const ofRule = (heldByRule.get(run.ruleId) ?? []).filter(({ observedAt }) => observedAt <= scan.observedAt);
    const rule = ruleById.get(run.ruleId);
    return rule === undefined
      ? []
      : reconcileRun({ rule, scan, held, ofRule, heldById: new Map(ofRule.map((finding) => [finding.id, finding])) }, run);
  });
}

/** One rule's result in one scan, with the stored findings of its cluster. */
interface RuleInScan {
  readonly rule: Rule;
  readonly scan: Scan;
  /** Every finding of the cluster. */
  readonly held: readonly Finding[];
  /** Findings of the rule that are not newer than the scan. */
  readonly ofRule: readonly Finding[];
  /** The same by id. */
  readonly heldById: ReadonlyMap<string, Finding>;
}

function reconcileRun(one: RuleInScan, run: RuleRun): readonly FindingChange[] {
  const { ofRule, scan } = one;
  switch (run.state) {
    case 'off':
      return open(ofRule).map((finding) => resolve(finding, 'rule-off', scan.observedAt));
    case 'unavailable':
    case 'error':
      return open(ofRule).flatMap(markStale);
    case 'judged':
      return reconcileJudged(one, run);
  }
}

/** Resolves every open finding of a cluster that was deleted or is no longer in scope. */
export function closeAll(
  held: readonly Finding[],
  resolution: Extract<Resolution, 'cluster-deleted' | 'out-of-scope'>,
  at: string,
): readonly FindingChange[] {
  return open(held)
    .filter(({ observedAt }) => observedAt <= at)
    .map((finding) => resolve(finding, resolution, at));
}

/** Returns the history entries of changes; a finding that is merely seen again adds none. */
export function historyOf(changes: readonly FindingChange[], cause: string): readonly HistoryEntry[] {
  return changes.flatMap(({ kind, finding }): readonly HistoryEntry[] => {
    if (kind === 'seen') return [];
    const { id: findingId, clusterId, ruleId, severity, message, resolution } = finding;
    const entry = { findingId, clusterId, ruleId, at: finding.observedAt, kind, cause, severity, message };
    return [resolution === undefined ? entry : { ...entry, resolution }];
  });
}

function reconcileJudged(one: RuleInScan, run: Extract<RuleRun, { state: 'judged' }>): readonly FindingChange[] {
  const { rule, scan, held, ofRule } = one;
  const newer = new Set(held.filter(({ observedAt }) => observedAt > scan.observedAt).map(({ id }) => id));
  const judged = byId(held, run.judgements, scan.cluster.id, rule.id);
  const failures = [...judged].flatMap(([id, judgement]) =>
    judgement.verdict === 'fail' && !newer.has(id) ? [fail(one, id, judgement, run.coverage)] : [],
  );
  const others = open(ofRule).flatMap((finding) => {
    const verdict = judged.get(finding.id)?.verdict;
    if (verdict === 'fail') return [];
    if (verdict === undefined && isUnlisted(finding, run)) return markStale(finding);
    return settle(finding, verdict, coverageFor(run.coverage, finding.subject), scan.observedAt);
  });
  return [...failures, ...others];
}

/** Whether a subject may be missing because it could not be listed. */
function isUnlisted({ subject, facts }: Finding, { unlisted = [], templatesUnread }: Extract<RuleRun, { state: 'judged' }>): boolean {
  return unlisted.includes(subject.kind) || (templatesUnread === true && facts.judgedBy === JUDGED_BY_TEMPLATE.judgedBy);
}

/** Judgements by the id of their finding. A finding from before subjects had an API group keeps its id. */
function byId(
  held: readonly Finding[],
  judgements: readonly Judgement[],
  clusterId: string,
  ruleId: string,
): ReadonlyMap<string, Judgement> {
  const known = new Set(held.map(({ id }) => id));
  const own = new Map(judgements.map((one) => [fingerprint(clusterId, ruleId, one.subject), one]));
  return new Map(
    [...own].map(([id, one]) => {
      const former = fingerprint(clusterId, ruleId, formerSubject(one.subject));
      return [known.has(id) || own.has(former) || !known.has(former) ? id : former, one];
    }),
  );
}

/** Returns the change of an open finding that did not fail again. */
function settle(
  finding: Finding,
  verdict: Judgement['verdict'] | undefined,
  coverage: Coverage,
  observedAt: string,
): readonly FindingChange[] {
  // A part without violations resolves no finding: a sample only bounds their share.
  if (verdict === 'unknown' || coverage.kind !== 'full') return markStale(finding);
  // A rule is applied to a workload's pods. If it no longer applies, the pods that failed are gone.
  const isGone = verdict === undefined || (verdict === 'not-applicable' && finding.subject.kind === 'workload');
  return [resolve(finding, isGone ? 'subject-gone' : 'complies', observedAt)];
}

function fail({ rule, scan, heldById }: RuleInScan, id: string, failure: Failure, coverage: Coverage): FindingChange {
  const { cluster, observedAt } = scan;
  const before = heldById.get(id);
  const finding: Finding = {
    id,
    ruleId: rule.id,
    clusterId: cluster.id,
    clusterName: cluster.name,
    subscriptionId: cluster.subscriptionId,
    subject: failure.subject,
    severity: failure.severity ?? rule.severity,
    status: 'open',
    message: failure.message,
    remediation: failure.remediation ?? rule.remediation,
    commands: failure.commands ?? [],
    facts: failure.facts ?? {},
    coverage: coverageFor(coverage, failure.subject),
    firstSeenAt: before?.firstSeenAt ?? observedAt,
    lastSeenAt: observedAt,
    reopenCount: (before?.reopenCount ?? 0) + (before?.status === 'resolved' ? 1 : 0),
    observedAt,
  };
  return { kind: kindOf(before, finding), finding };
}

function kindOf(before: Finding | undefined, now: Finding): FindingChange['kind'] {
  if (before === undefined) return 'opened';
  if (before.status === 'resolved') {
    return 'reopened';
  }
  return before.severity === now.severity && before.message === now.message ? 'seen' : 'changed';
}

function resolve(finding: Finding, resolution: Resolution, at: string): FindingChange {
  const { stale: _, ...rest } = finding;
  return { kind: 'resolved', finding: { ...rest, status: 'resolved', resolvedAt: at, resolution, observedAt: at } };
}

function markStale(finding: Finding): readonly FindingChange[] {
  return finding.stale === true ? [] : [{ kind: 'seen', finding: { ...finding, stale: true } }];
}

function open(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ status }) => status === 'open');
}
