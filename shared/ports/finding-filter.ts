import type { Finding } from '../domain/findings/finding.ts';
import { subjectLabel } from '../domain/findings/finding-text.ts';
import type { ClusterSummary } from '../domain/findings/summary.ts';
import { SEVERITIES } from '../domain/policy/severity.ts';
import type { FindingFilter } from './finding-store.ts';

/** Whether a finding matches. */
export type Check = (finding: Finding) => boolean;

/** The name of a missing owner in filters and groups. */
export const UNASSIGNED = 'unassigned';

/** One check for each member that a filter sets; `tag` belongs to the cluster and is not included. */
export function checksOf(filter: FindingFilter): ReadonlyMap<keyof FindingFilter, Check> {
  const {
    status,
    severity,
    rule,
    subscription,
    cluster,
    nodePool,
    namespace,
    workload,
    kind,
    owner,
    since,
    firstSeenSince,
    changedSince,
    q,
  } = filter;
  const text = q?.toLowerCase();
  const checks: readonly [keyof FindingFilter, Check | undefined][] = [
    ['status', among(status, (one) => one.status)],
    ['severity', among(severity, (one) => one.severity)],
    ['rule', among(rule, (one) => one.ruleId)],
    ['subscription', amongAnyCase(subscription, (one) => [one.subscriptionId])],
    ['cluster', amongAnyCase(cluster, (one) => [one.clusterName, one.clusterId])],
    ['nodePool', among(nodePool, ({ subject }) => (subject.kind === 'node-pool' ? subject.name : undefined))],
    ['namespace', among(namespace, ({ subject }) => (subject.kind === 'workload' ? subject.namespace : undefined))],
    ['workload', among(workload, ({ subject }) => (subject.kind === 'workload' ? subject.ownerName : undefined))],
    ['kind', among(kind, ({ subject }) => subject.kind)],
    ['owner', among(owner, (one) => one.owner ?? UNASSIGNED)],
    ['since', since === undefined ? undefined : (one) => one.lastSeenAt >= since],
    ['firstSeenSince', firstSeenSince === undefined ? undefined : (one) => one.firstSeenAt >= firstSeenSince],
    ['changedSince', changedSince === undefined ? undefined : (one) => changedAt(one) >= changedSince],
    ['q', text === undefined ? undefined : (one) => textOf(one).includes(text)],
  ];
  return new Map(checks.flatMap(([name, check]) => (check === undefined ? [] : [[name, check] as const])));
}

/** One check for all members of a filter. Every finding store applies it, together with `mayHold`. */
export function matcherOf(filter: FindingFilter): Check {
  const checks = [...checksOf(filter).values()];
  return (finding) => checks.every((check) => check(finding));
}

/** When a finding last opened, changed or closed; derived for rows of 0.1.0. */
export function changedAt({ changedAt: stored, resolvedAt, firstSeenAt }: Finding): string {
  return stored ?? resolvedAt ?? firstSeenAt;
}

/** Whether a cluster may have a finding that matches; false only when its summary rules it out. */
export function mayHold({ cluster, openBySeverity, rules }: ClusterSummary, filter: FindingFilter): boolean {
  const named = (wanted: readonly string[] | undefined, values: readonly string[]) =>
    wanted === undefined || wanted.some((one) => values.some((value) => value.toLowerCase() === one.toLowerCase()));
  if (!named(filter.subscription, [cluster.subscriptionId])) return false;
  if (!named(filter.cluster, [cluster.name, cluster.id])) return false;
  if (filter.tag !== undefined && !filter.tag.some((tag) => hasTag(cluster.tags, tag))) return false;
  if (!isOnlyOpen(filter)) return true;
  if ((filter.severity ?? SEVERITIES).every((severity) => openBySeverity[severity] === 0)) return false;
  return filter.rule === undefined || filter.rule.some((rule) => (rules[rule]?.open ?? 0) > 0);
}

/** Whether a filter selects only open findings. */
export function isOnlyOpen({ status }: FindingFilter): boolean {
  return status?.length === 1 && status[0] === 'open';
}

/** Whether tags fit `name=value`, or `name` alone with any value; tag names in Azure are case-insensitive. */
export function hasTag(tags: Readonly<Record<string, string>>, wanted: string): boolean {
  const at = wanted.indexOf('=');
  const name = (at < 0 ? wanted : wanted.slice(0, at)).toLowerCase();
  return Object.entries(tags).some(([key, value]) => key.toLowerCase() === name && (at < 0 || value === wanted.slice(at + 1)));
}

function among<T extends string>(wanted: readonly T[] | undefined, read: (finding: Finding) => T | undefined): Check | undefined {
  if (wanted === undefined) return undefined;
  const set: ReadonlySet<string | undefined> = new Set(wanted);
  return (finding) => set.has(read(finding));
}

function amongAnyCase(wanted: readonly string[] | undefined, valuesOf: (finding: Finding) => readonly string[]): Check | undefined {
  if (wanted === undefined) return undefined;
  const lower = new Set(wanted.map((one) => one.toLowerCase()));
  return (finding) => valuesOf(finding).some((value) => lower.has(value.toLowerCase()));
}

function textOf({ message, clusterName, ruleId, subject, owner = '' }: Finding): string {
  return [message, clusterName, ruleId, subjectLabel(subject), owner].join('\n').toLowerCase();
}
