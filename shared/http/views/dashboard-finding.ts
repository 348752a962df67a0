import { exemptPage, type ScopeChoice } from '../../dashboard/exempt-page.ts';
import type { FindingData } from '../../dashboard/finding-content.ts';
import { findingPage } from '../../dashboard/finding-page.ts';
import type { Finding } from '../../domain/findings/finding.ts';
import { type ExemptionScope, scopeOf } from '../../domain/policy/exemption.ts';
import { given } from '../../domain/snapshot/given.ts';
import { coveredBy } from '../../usecases/queries/exemptions.ts';
import { findingViews } from '../../usecases/queries/find-findings.ts';
import type { ApiDependencies } from '../framework/api.ts';
import { Problem } from '../framework/problem.ts';
import { type PageMaker, some } from './page-maker.ts';

const HISTORY = 100;
/** Maximum number of findings that one page exempts together. */
const MAX_CHOSEN = 100;

/** One finding with its rule, history and exemption. */
export const findingView: PageMaker = async (dependencies, view, { id }) => {
  const data = await findingData(dependencies, some(id)?.[0] ?? '');
  if (data === undefined) throw new Problem(404, 'There is no finding with this id.');
  return findingPage(view, data);
};

/** Returns the content of a finding's page and of the side panel. */
export async function findingData(dependencies: ApiDependencies, id: string): Promise<FindingData | undefined> {
  const finding = await dependencies.findings.get(id);
  if (finding === undefined) return undefined;
  const [{ value: history }, views] = await Promise.all([dependencies.findings.history(finding.id, HISTORY), findingViews(dependencies)]);
  const { exemption, dueOn, overdue } = views(finding);
  return { finding, history, overdue, ...given({ exemption, dueOn, rule: dependencies.rules.find((one) => one.id === finding.ruleId) }) };
}

/** The form to exempt one or several findings. */
export const exemptView: PageMaker = async (dependencies, view, { id }) => {
  if (!view.operator) throw new Problem(403, 'Only an operator can create an exemption.');
  const ids = [...new Set(some(id) ?? [])].slice(0, MAX_CHOSEN);
  const held = await Promise.all(ids.map((one) => dependencies.findings.get(one)));
  const findings = held.filter((one) => one?.status === 'open').flatMap((one) => (one === undefined ? [] : [one]));
  const [only] = findings;
  const scopes = findings.length === 1 && only !== undefined ? await scopesOf(dependencies, only) : [];
  return exemptPage(view, { findings, scopes, unknown: ids.length - findings.length });
};

/** Returns the useful scopes for a finding, the narrowest first, each with what it covers now. */
async function scopesOf(dependencies: ApiDependencies, finding: Finding): Promise<readonly ScopeChoice[]> {
  const own = scopeOf(finding);
  const { clusterId, subject } = finding;
  const wider: readonly (readonly [string, ExemptionScope])[] = [
    ['only this finding', own],
    ...(subject.kind === 'workload'
      ? ([['this namespace in this cluster', { clusterId, kind: 'workload', namespace: subject.namespace }]] as const)
      : []),
    ...(subject.kind === 'cluster' ? [] : ([['everything in this cluster', { clusterId }]] as const)),
    ['every cluster of the estate', {}],
  ];
  return Promise.all(
    wider.map(async ([label, scope]) => ({
      label,
      scope,
      covers: (await coveredBy(dependencies, { rule: finding.ruleId, ...scope })).length,
    })),
  );
}
