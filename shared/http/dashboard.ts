import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { layout, type Page, pageHeaders } from '../dashboard/layout.ts';
import { problemPage } from '../dashboard/list-pages.ts';
import type { View } from '../dashboard/view.ts';
import { SECURED } from './answers.ts';
import type { ApiDependencies } from './api.ts';
import { clusterView, findingsView, findingView } from './dashboard-details.ts';
import { estateView } from './dashboard-estate.ts';
import { auditsView, exemptionsView, parkedView, rulesView } from './dashboard-lists.ts';
import { isExpected, Problem } from './problem.ts';
import { type Call, defineRoute } from './route.ts';

const text = z.string().max(500).optional();

/** What the address of a dashboard page may carry; each page reads what is its own. */
const query = z.strictObject({
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
export type DashboardQuery = z.output<typeof query>;

/** Gathers what one page shows. */
export type PageMaker = (dependencies: ApiDependencies, view: View, query: DashboardQuery) => Promise<Page>;

const PAGES: Readonly<Record<string, PageMaker>> = {
  '': estateView,
  findings: findingsView,
  finding: findingView,
  cluster: clusterView,
  rules: rulesView,
  exemptions: exemptionsView,
  audits: auditsView,
  parked: parkedView,
};

/** `GET /dashboard…`: the pages for people. */
export const getDashboard = defineRoute({
  name: 'get-dashboard',
  method: 'GET',
  route: 'dashboard/{*page}',
  authLevel: 'function',
  tag: 'dashboard',
  summary: 'Shows the dashboard.',
  parameters: { page: `The page: ${Object.keys(PAGES).filter(Boolean).join(', ')}, or nothing for the estate.` },
  query,
  answers: {
    200: { description: 'A page.', mediaTypes: ['text/html'] },
    ...SECURED,
    404: { description: 'There is no such page, cluster or finding.', mediaTypes: ['text/html'] },
  },
  handle: async (dependencies, call) => {
    const view = viewOf(dependencies, call);
    const make = PAGES[(call.params.page ?? '').replace(/\/+$/, '')];
    const { status, page } = make === undefined ? missing('There is no such page.') : await attempt(make, dependencies, view, call.query);
    return { status, headers: pageHeaders(view.nonce), body: layout(view, page) };
  },
});

/** A failure is a page too: people see what could not be read instead of an empty table. */
async function attempt(make: PageMaker, dependencies: ApiDependencies, view: View, asked: DashboardQuery) {
  try {
    return { status: 200, page: await make(dependencies, view, asked) };
  } catch (error) {
    if (!isExpected(error) || !(error instanceof Error)) throw error;
    if (error instanceof Problem) return { status: error.status, page: problemPage('Not here', error.message) };
    return { status: 503, page: problemPage('Could not look', error.message) };
  }
}

function missing(detail: string) {
  return { status: 404, page: problemPage('Not here', detail) };
}

function viewOf({ clock }: ApiDependencies, { url, caller }: Call<DashboardQuery>): View {
  const code = url.searchParams.get('code');
  return {
    nonce: randomBytes(16).toString('base64'),
    base: url.pathname.replace(/\/dashboard(\/.*)?$/, '/dashboard'),
    ...(code === null ? {} : { code }),
    now: clock(),
    operator: caller.operator,
  };
}
