import { randomBytes } from 'node:crypto';
import { layout, pageHeaders } from '../../dashboard/layout.ts';
import { problemPage } from '../../dashboard/problem-page.ts';
import type { View } from '../../dashboard/view.ts';
import { SECURED } from '../framework/answers.ts';
import type { ApiDependencies } from '../framework/api.ts';
import { isExpected, Problem, problemResponse } from '../framework/problem.ts';
import { type Call, defineRoute } from '../framework/route.ts';
import { ProblemView } from '../schemas/common-schemas.ts';
import { clusterView } from './dashboard-details.ts';
import { estateView } from './dashboard-estate.ts';
import { exemptView, findingView } from './dashboard-finding.ts';
import { findingsView } from './dashboard-findings.ts';
import { auditsView, auditView, exemptionsView, parkedView, rulesView } from './dashboard-lists.ts';
import { sandboxedView } from './dashboard-sandboxed.ts';
import { type DashboardQuery, dashboardQuery, type PageMaker } from './page-maker.ts';
import { showProblem, showSignIn, tradeAddress } from './session.ts';

/** Browsers get an HTML page about the problem; other clients get problem details like in the rest of the API. */
const PROBLEM_TYPES = ['text/html', 'application/problem+json'];

/** A map, because the name comes from the address and could be `__proto__`. */
const PAGES: ReadonlyMap<string, PageMaker> = new Map([
  ['', estateView],
  ['findings', findingsView],
  ['finding', findingView],
  ['exempt', exemptView],
  ['cluster', clusterView],
  ['sandboxed', sandboxedView],
  ['rules', rulesView],
  ['exemptions', exemptionsView],
  ['audits', auditsView],
  ['audit', auditView],
  ['parked', parkedView],
]);

/** `GET /dashboard…`: the pages for people. */
export const getDashboard = defineRoute({
  name: 'get-dashboard',
  tag: 'dashboard',
  summary: 'Shows the dashboard.',
  parameters: { page: `The page: ${[...PAGES.keys()].filter(Boolean).join(', ')}, or empty for the estate.` },
  query: dashboardQuery,
  answers: {
    200: { description: 'A page.', mediaTypes: ['text/html'] },
    ...SECURED,
    303: { description: 'The key in the URL was exchanged for a session.', headers: { location: 'The same page.' } },
    401: { description: 'The credential is missing or wrong.', schema: ProblemView, mediaTypes: PROBLEM_TYPES },
    403: { description: 'The caller has no role.', schema: ProblemView, mediaTypes: PROBLEM_TYPES },
    400: { description: 'The URL is invalid.', schema: ProblemView, mediaTypes: PROBLEM_TYPES },
    404: { description: 'There is no such page, cluster or finding.', schema: ProblemView, mediaTypes: PROBLEM_TYPES },
    429: { description: 'The storage is throttled.', schema: ProblemView, mediaTypes: PROBLEM_TYPES },
    503: { description: 'The data of the page could not be read.', schema: ProblemView, mediaTypes: PROBLEM_TYPES },
  },
  entrance: tradeAddress,
  refused: showSignIn,
  wrong: showProblem,
  handle: async (dependencies, call) => {
    const view = viewOf(dependencies, call);
    const make = PAGES.get((call.params.page ?? '').replace(/\/+$/, ''));
    const { status, page } = make === undefined ? missing('There is no such page.') : await attempt(make, dependencies, view, call.query);
    return { status, headers: pageHeaders(view.nonce), body: layout(view, page) };
  },
});

/** A failure is also shown as a page, with the reason instead of an empty table. */
async function attempt(make: PageMaker, dependencies: ApiDependencies, view: View, asked: DashboardQuery) {
  try {
    return { status: 200, page: await make(dependencies, view, asked) };
  } catch (error) {
    if (!isExpected(error) || !(error instanceof Error)) throw error;
    if (error instanceof Problem) return { status: error.status, page: problemPage('Not found', error.message) };
    const { status } = problemResponse(error);
    return { status, page: problemPage(status === 404 ? 'Not found' : 'Could not read', error.message) };
  }
}

function missing(detail: string) {
  return { status: 404, page: problemPage('Not found', detail) };
}

function viewOf({ clock }: ApiDependencies, { url, caller }: Call<DashboardQuery>): View {
  return {
    nonce: randomBytes(16).toString('base64'),
    base: url.pathname.replace(/\/dashboard\/.*/, '/dashboard'),
    now: clock(),
    operator: caller.operator,
  };
}
