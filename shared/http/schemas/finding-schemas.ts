import { z } from 'zod';
import { type Finding, type HistoryEntry as HistoryLine, RESOLUTIONS } from '../../domain/findings/finding.ts';
import { schemaOf } from '../../domain/snapshot/schema-of.ts';
import type { FoundFinding } from '../../usecases/queries/find-findings.ts';
import type { Facets, FindingGroup } from '../../usecases/queries/group-findings.ts';
import { Coverage, count, instant, Subject, severity } from './common-schemas.ts';
import { component, listOf } from './component.ts';
import { Exemption } from './exemption-schemas.ts';

/** A finding in the form of the API: the stored fields and the ones that are computed now. */
export type ListedFinding = Finding & Pick<FoundFinding, 'exemption' | 'dueOn'> & { readonly overdue?: boolean };

const command = z.object({
  run: z.string().describe('One line for a POSIX shell or PowerShell.'),
  deletes: z.boolean().describe('Whether it deletes something.'),
  context: z.string().exactOptional().describe('The context of the kubeconfig that it names.'),
});

const finding = schemaOf<ListedFinding>()(
  z.object({
    id: z.string(),
    ruleId: z.string(),
    clusterId: z.string(),
    clusterName: z.string(),
    subscriptionId: z.string(),
    subject: Subject,
    severity,
    status: z.enum(['open', 'resolved']),
    message: z.string(),
    remediation: z.string().describe('What to do, in sentences.'),
    commands: z.array(command).exactOptional().describe('The commands to run, in order; absent in findings that version 0.1.0 stored.'),
    facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])),
    coverage: Coverage,
    firstSeenAt: instant,
    lastSeenAt: instant,
    resolvedAt: instant.exactOptional(),
    resolution: z.enum(RESOLUTIONS).exactOptional(),
    reopenCount: count,
    observedAt: instant,
    changedAt: instant.exactOptional().describe('When it last opened, changed or resolved.'),
    owner: z.string().exactOptional().describe('Who must fix it, by the labels and tags that the policy names.'),
    dueOn: z.iso.date().exactOptional().describe('The last day on which it may still be open, by the policy.'),
    overdue: z.boolean().exactOptional().describe('It is open past its due date.'),
    stale: z
      .boolean()
      .exactOptional()
      .describe('The newest scan could not judge this rule: the finding describes the state at `observedAt`.'),
    exemption: Exemption.exactOptional().describe('The live exemption that covers this finding.'),
  }),
);

/** A failure of one rule for one subject of a cluster, open or resolved. */
export const FindingView = component('Finding', finding);

/** One entry of a finding's history. */
export const HistoryEntry = component(
  'HistoryEntry',
  schemaOf<HistoryLine>()(
    z.object({
      findingId: z.string(),
      clusterId: z.string(),
      ruleId: z.string(),
      at: instant,
      kind: z.enum(['opened', 'reopened', 'changed', 'resolved']),
      cause: z.string(),
      severity,
      message: z.string(),
      resolution: z.enum(RESOLUTIONS).exactOptional(),
    }),
  ),
);

/** A page of history. */
export const HistoryEntryList = listOf('HistoryEntry', HistoryEntry);

/** A page of findings, with the number of hidden ones. */
export const FindingPageView = component(
  'FindingPage',
  z.object({
    value: z.array(FindingView),
    hidden: count.describe('Open findings that match the same filters and are left out because a live exemption covers them.'),
    count: count.exactOptional().describe('All findings that match the filters; only with `count=true`.'),
    countIsLowerBound: z.boolean().exactOptional().describe('There are more than can be counted in one answer.'),
    nextLink: z.string().exactOptional().describe('The next page; absent on the last one.'),
  }),
);
const group = schemaOf<FindingGroup>()(
  z.object({
    key: z.string().describe('The value; empty for findings that have none.'),
    label: z.string().describe('Display name: the name of a cluster.'),
    count,
    overdue: count,
    bySeverity: z.record(severity, count),
    clusters: count,
    oldest: instant.describe('When the oldest of them was first seen.'),
  }),
);
const complete = z.boolean().describe('False if there are more findings than one answer counts: every count is then a lower bound.');

/** Findings grouped by a common value. */
export const FindingGroupsView = component('FindingGroups', z.object({ value: z.array(group), count, hidden: count, complete }));

const facet = z.array(z.object({ value: z.string(), label: z.string(), count }));
/** The values of every filter. */
export const FindingFacetsView = component(
  'FindingFacets',
  schemaOf<Omit<Facets, 'nodePool'> & { readonly pool: Facets['nodePool']; readonly complete: boolean }>()(
    z.object({
      severity: facet,
      rule: facet,
      cluster: facet,
      subscription: facet,
      namespace: facet,
      pool: facet,
      kind: facet,
      owner: facet,
      tag: facet,
      exempted: facet,
      overdue: facet,
      complete,
    }),
  ),
);
