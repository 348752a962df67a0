import { z } from 'zod';
import { CHANGE_KINDS, type HistoryEntry } from '../../domain/findings/finding.ts';
import { DAY_MS } from '../../domain/snapshot/day.ts';
import { SECURED } from '../framework/answers.ts';
import { fillPage, LIST_PARAMETERS, pageResponse } from '../framework/page.ts';
import { anyOf, anyText, moment } from '../framework/parameters.ts';
import { defineRoute } from '../framework/route.ts';
import { severity } from '../schemas/common-schemas.ts';
import { HistoryEntryList } from '../schemas/finding-schemas.ts';

/** `GET /changes`: opened, changed and resolved findings of the estate, newest first. */
export const listChanges = defineRoute({
  name: 'list-changes',
  tag: 'findings',
  summary: 'Lists what opened, changed and resolved in the estate, newest first.',
  query: z.strictObject({
    since: moment.describe('At this time or later; default: one day ago.'),
    until: moment.describe('At this time or earlier.'),
    kind: anyOf(z.enum(CHANGE_KINDS)).describe('Comma-separated.'),
    severity: anyOf(severity).describe('Comma-separated.'),
    rule: anyText(100).describe('Rule ids, comma-separated.'),
    cluster: anyText(512).describe('ARM ids of clusters, comma-separated; case does not matter.'),
    ...LIST_PARAMETERS,
  }),
  answers: { 200: { description: 'A page of changes.', schema: HistoryEntryList }, ...SECURED },
  handle: (dependencies, call) => {
    const { since, until, kind, severity: severities, rule, cluster } = call.query;
    const clusters = cluster?.map((id) => id.toLowerCase());
    const keep = (entry: HistoryEntry) =>
      (kind?.includes(entry.kind) ?? true) &&
      (severities?.includes(entry.severity) ?? true) &&
      (rule?.includes(entry.ruleId) ?? true) &&
      (clusters?.includes(entry.clusterId.toLowerCase()) ?? true);
    return pageResponse(dependencies, call, (top, after) => {
      const from = since === undefined ? new Date(dependencies.clock().getTime() - DAY_MS) : new Date(since);
      const between = { since: from.toISOString(), ...(until === undefined ? {} : { until: new Date(until).toISOString() }) };
      return fillPage(top, after, (size, place) => dependencies.findings.changes(between, size, place), keep);
    });
  },
});
