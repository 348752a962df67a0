import { NONE_OPEN } from '../../domain/findings/estate-figures.ts';
import type { Finding } from '../../domain/findings/finding.ts';
import { SEVERITIES, type Severity } from '../../domain/policy/severity.ts';
import { UNASSIGNED } from '../../ports/finding-filter.ts';
import type { FindingFilter } from '../../ports/finding-store.ts';
import { type FindingQuestion, type FoundFinding, partsOf } from './find-findings.ts';

/** How findings can be grouped, in addition to tags of their clusters. */
export const GROUPINGS = ['rule', 'cluster', 'namespace', 'subscription', 'owner'] as const;
/** A grouping; `tag:NAME` groups by the value of one tag. */
export type Grouping = (typeof GROUPINGS)[number] | `tag:${string}`;

/** Returns the tags of a cluster by its ARM id. */
export type TagsOf = (clusterId: string) => Readonly<Record<string, string>>;

/** Findings that share one value. */
export interface FindingGroup {
  /** The value; empty for findings without one, such as the namespace of a node pool. */
  readonly key: string;
  /** Display name, such as the name of a cluster. */
  readonly label: string;
  readonly count: number;
  readonly overdue: number;
  readonly bySeverity: Readonly<Record<Severity, number>>;
  readonly clusters: number;
  readonly oldest: string;
}

/** Groups findings; the group with the most severe findings is first. */
export function groupFindings(found: readonly FoundFinding[], by: Grouping, tagsOf: TagsOf): readonly FindingGroup[] {
  const groups = Map.groupBy(found, ({ finding }) => groupKey(finding, by, tagsOf));
  return [...groups].map(([key, members]) => groupOf(key, members, by)).toSorted(worstFirst);
}

/** Returns the value by which a finding is grouped. */
export function groupKey(finding: Finding, by: Grouping, tagsOf: TagsOf): string {
  switch (by) {
    case 'rule':
      return finding.ruleId;
    case 'cluster':
      return finding.clusterId;
    case 'namespace':
      return finding.subject.kind === 'workload' ? finding.subject.namespace : '';
    case 'subscription':
      return finding.subscriptionId;
    case 'owner':
      return finding.owner ?? UNASSIGNED;
    default:
      return tagValue(tagsOf(finding.clusterId), by.slice('tag:'.length));
  }
}

function tagValue(tags: Readonly<Record<string, string>>, name: string): string {
  return Object.entries(tags).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1] ?? '';
}

function groupOf(key: string, members: readonly FoundFinding[], by: Grouping): FindingGroup {
  const bySeverity = { ...NONE_OPEN };
  for (const { finding } of members) bySeverity[finding.severity] += 1;
  const seen = members.map(({ finding }) => finding.firstSeenAt).toSorted();
  return {
    key,
    label: by === 'cluster' ? (members[0]?.finding.clusterName ?? key) : key,
    count: members.length,
    overdue: members.filter(({ overdue }) => overdue).length,
    bySeverity,
    clusters: new Set(members.map(({ finding }) => finding.clusterId)).size,
    oldest: seen[0] ?? '',
  };
}

function worstFirst(a: FindingGroup, b: FindingGroup): number {
  for (const severity of SEVERITIES) {
    if (a.bySeverity[severity] !== b.bySeverity[severity]) return b.bySeverity[severity] - a.bySeverity[severity];
  }
  return a.label < b.label ? -1 : 1;
}

/** A value of a filter, with the number of findings that match it and the other filters. */
export interface FacetValue {
  readonly value: string;
  readonly label: string;
  readonly count: number;
}

/** The query fields that have facets. */
export const FACETS = [
  'severity',
  'rule',
  'cluster',
  'subscription',
  'namespace',
  'nodePool',
  'kind',
  'owner',
  'tag',
  'exempted',
  'overdue',
] as const;
export type Facet = (typeof FACETS)[number];
export type Facets = Readonly<Record<Facet, readonly FacetValue[]>>;

/** Maximum number of values of one facet; others can be typed. */
const MAX_VALUES = 100;

/**
 * Counts for every filter the values that findings have, each as if that filter were not set. `found` contains all findings with the
 * requested status.
 */
export function facetsOf(
  found: readonly FoundFinding[],
  question: FindingQuestion,
  tagsOf: TagsOf,
  passesTag: (finding: Finding) => boolean,
): Facets {
  const parts = [...partsOf(question)];
  const counts = new Map<Facet, Map<string, { label: string; count: number }>>(FACETS.map((facet) => [facet, new Map()]));
  for (const one of found) {
    const failed = parts.filter(([, part]) => !part(one)).map(([name]): string => name);
    if (question.tag !== undefined && !passesTag(one.finding)) failed.push('tag');
    if (failed.length > 1) continue;
    for (const facet of FACETS) {
      if (failed.length === 1 && failed[0] !== facet) continue;
      for (const [value, label] of valuesOf(one, facet, tagsOf)) count(counts.get(facet), value, label);
    }
  }
  const listed = (facet: Facet) =>
    [...(counts.get(facet) ?? [])]
      .map(([value, { label, count: amount }]) => ({ value, label, count: amount }))
      .toSorted((a, b) => orderOf(facet, a.value) - orderOf(facet, b.value) || b.count - a.count || (a.label < b.label ? -1 : 1))
      .slice(0, MAX_VALUES);
  return {
    severity: listed('severity'),
    rule: listed('rule'),
    cluster: listed('cluster'),
    subscription: listed('subscription'),
    namespace: listed('namespace'),
    nodePool: listed('nodePool'),
    kind: listed('kind'),
    owner: listed('owner'),
    tag: listed('tag'),
    exempted: listed('exempted'),
    overdue: listed('overdue'),
  };
}

function count(values: Map<string, { label: string; count: number }> | undefined, value: string, label: string): void {
  const held = values?.get(value);
  if (held === undefined) values?.set(value, { label, count: 1 });
  else held.count += 1;
}

/** Severities keep their order; other values are ordered by count. */
function orderOf(facet: Facet, value: string): number {
  return facet === 'severity' ? SEVERITIES.map(String).indexOf(value) : 0;
}

function valuesOf({ finding, exemption, overdue }: FoundFinding, facet: Facet, tagsOf: TagsOf): readonly (readonly [string, string])[] {
  const { subject } = finding;
  const plain = (value: string | undefined) => (value === undefined ? [] : [[value, value] as const]);
  switch (facet) {
    case 'severity':
      return plain(finding.severity);
    case 'rule':
      return plain(finding.ruleId);
    case 'cluster':
      return [[finding.clusterId, finding.clusterName]];
    case 'subscription':
      return plain(finding.subscriptionId);
    case 'namespace':
      return plain(subject.kind === 'workload' ? subject.namespace : undefined);
    case 'nodePool':
      return plain(subject.kind === 'node-pool' ? subject.name : undefined);
    case 'kind':
      return plain(subject.kind);
    case 'owner':
      return plain(finding.owner ?? UNASSIGNED);
    case 'tag':
      return Object.entries(tagsOf(finding.clusterId)).map(([name, value]) => [`${name}=${value}`, `${name}=${value}`] as const);
    case 'exempted':
      return plain(String(exemption !== undefined));
    case 'overdue':
      return overdue ? plain('true') : [];
  }
}

/** The part of a filter that applies to every facet: the status. */
export function facetBase({ status }: FindingFilter): FindingFilter {
  return status === undefined ? {} : { status };
}
