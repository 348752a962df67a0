import { z } from 'zod';
import type { Page } from '../../dashboard/layout.ts';
import type { View } from '../../dashboard/view.ts';
import type { ApiDependencies } from '../framework/api.ts';

const text = z.string().max(500).optional();
const texts = z.array(z.string().max(770)).max(200).optional();

/** The query parameters of dashboard pages; each page reads its own and reports invalid values. */
export const dashboardQuery = z.strictObject({
  q: text.describe('Free text.'),
  status: text.describe('Status to show.'),
  severity: texts.describe('Severities to show.'),
  rule: texts.describe('Rules to show.'),
  cluster: texts.describe('Clusters to show, by name or ARM id.'),
  subscription: texts.describe('Subscriptions to show.'),
  namespace: texts.describe('Namespaces to show.'),
  pool: texts.describe('Node pools to show.'),
  kind: texts.describe('Kinds of subjects to show.'),
  owner: texts.describe('Owners to show.'),
  tag: texts.describe('Tags of clusters to show.'),
  exemption: text.describe('Only what the exemption of this id is about, whether it is live or not.'),
  exempted: texts.describe('Whether to show what is exempted: false, true, or any for both.'),
  overdue: texts.describe('`true`: only overdue findings.'),
  firstSeenSince: text.describe('First seen on this day, at this time, or later.'),
  image: texts.describe('Clusters by the age of their oldest node image.'),
  gap: text.describe('Clusters where this part could not be read, or for this reason.'),
  group: text.describe('What to group by.'),
  days: text.describe('Days of the trend.'),
  state: text.describe('Exemptions to show.'),
  sort: text.describe('Column to sort by; a minus sign reverses it.'),
  page: z.number().int().min(1).max(100_000).optional().describe('Part of the list.'),
  after: z.string().max(4_000).optional().describe('The cursor of the next page.'),
  from: text.describe('The audit to compare with.'),
  id: texts.describe('The cluster, finding, findings or audit.'),
});

/** The parsed query of a dashboard page. */
export type DashboardQuery = z.output<typeof dashboardQuery>;

/**
 * Returns the page of a list that the address selects, or the last one if there are fewer: its number, and its entries from `from` up to
 * `to`.
 */
export function partOf(entries: number, rows: number, asked = 1) {
  const pages = Math.max(1, Math.ceil(entries / rows));
  const page = Math.min(asked, pages);
  return { page, pages, from: (page - 1) * rows, to: page * rows };
}

/** Builds one page. */
export type PageMaker = (dependencies: ApiDependencies, view: View, query: DashboardQuery) => Promise<Page>;

/** Returns the non-empty values of a parameter; `undefined` if there are none. */
export function some(values: readonly string[] | undefined): readonly string[] | undefined {
  const given = values?.filter((value) => value !== '');
  return given === undefined || given.length === 0 ? undefined : given;
}
