import { z } from 'zod';
import type { Page } from '../../dashboard/layout.ts';
import type { View } from '../../dashboard/view.ts';
import type { ApiDependencies } from '../framework/api.ts';

const text = z.string().max(500).optional();

/** What the address of a dashboard page may carry; each page reads what is its own. */
export const dashboardQuery = z.strictObject({
  q: text.describe('Free text.'),
  status: text.describe('Status to show.'),
  severity: text.describe('Severity to show.'),
  rule: text.describe('Rule to show.'),
  sort: text.describe('Column to sort by; a minus sign reverses it.'),
  page: z.number().int().min(1).max(100_000).optional().describe('Part of the list.'),
  after: z.string().max(4_000).optional().describe('Where to go on.'),
  id: z.string().max(600).optional().describe('The cluster or finding.'),
});

/** What a page's address said. */
export type DashboardQuery = z.output<typeof dashboardQuery>;

/** Gathers what one page shows. */
export type PageMaker = (dependencies: ApiDependencies, view: View, query: DashboardQuery) => Promise<Page>;
