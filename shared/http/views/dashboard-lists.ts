import { auditsPage, exemptionsPage, type ListedAudit, type ListedExemption, parkedPage, rulesPage } from '../../dashboard/list-pages.ts';
import type { Exemption } from '../../domain/policy/policy.ts';
import { parseClusterId } from '../../domain/snapshot/resource-id.ts';
import type { AuditReport } from '../../ports/audit-store.ts';
import { auditOutcome } from '../../usecases/audit-outcome.ts';
import { countExempted, withoutExempted } from '../../usecases/queries/exempted.ts';
import { everyCluster } from '../../usecases/queries/walk.ts';
import type { PageMaker } from './page-maker.ts';

const AUDITS = 20;
const PARKED = 100;

/** The catalogue with its open findings, counted from the summaries. */
export const rulesView: PageMaker = async (dependencies, view) => {
  const { findings, rules } = dependencies;
  const exempted = await countExempted(dependencies);
  const open = new Map<string, number>();
  for await (const each of everyCluster(findings)) {
    const summary = withoutExempted(each, exempted);
    for (const [rule, tally] of Object.entries(summary.rules)) open.set(rule, (open.get(rule) ?? 0) + tally.open);
  }
  return rulesPage(view, rules, open, exempted.byRule);
};

/** The newest audits, each with what became of it. */
export const auditsView: PageMaker = async ({ audits, clock }, view) => {
  const { value } = await audits.list(AUDITS);
  const reports = await Promise.all(value.map(({ id }) => audits.get(id)));
  return auditsPage(
    view,
    reports.flatMap((report) => (report === undefined ? [] : [listed(report, clock())])),
  );
};

function listed(report: AuditReport, now: Date): ListedAudit {
  const { id, startedAt, cause, policyProblem } = report.audit;
  const { state, planned, scanned, notListed, notAssessed } = auditOutcome(report, now);
  const gaps = [
    ...notListed.map(({ subscriptionId, reason }) => ({ name: `subscription ${subscriptionId}`, reason: reason.message })),
    ...notAssessed.map(({ clusterId, reasons }) => ({
      name: parseClusterId(clusterId)?.name ?? clusterId,
      reason: reasons[0]?.message ?? 'no reason was recorded',
    })),
  ];
  return {
    id,
    startedAt,
    cause,
    planned,
    scanned,
    notAssessed: gaps,
    complete: state === 'complete',
    ...(policyProblem === undefined ? {} : { policyProblem }),
  };
}

/** Messages that failed for good. */
export const parkedView: PageMaker = async ({ parked }, view) => {
  const { value } = await parked.list(PARKED);
  return parkedPage(view, value);
};

/** Every exemption, of the policy and of the API, with how it stands now. */
export const exemptionsView: PageMaker = async ({ policy, exemptions, rules, clock }, view) => {
  const [{ policy: inForce }, held] = await Promise.all([policy(), exemptions?.list() ?? []]);
  const now = clock().getTime();
  const all = [...inForce.exemptions, ...held.map(({ exemption }) => exemption)];
  const known = new Set(rules.map(({ id }) => id));
  return exemptionsPage(
    view,
    all.map((exemption) => ({ ...exemption, scope: scopeOf(exemption), state: stateOf(exemption, now, known) })),
  );
};

function scopeOf({ cluster, namespace, workload }: Exemption): string {
  const parts = [cluster && `cluster ${cluster}`, namespace && `namespace ${namespace}`, workload && `workload ${workload}`];
  return parts.filter(Boolean).join(', ') || 'everywhere';
}

function stateOf({ expiresOn, rule }: Exemption, now: number, known: ReadonlySet<string>): ListedExemption['state'] {
  if (!known.has(rule)) return 'invalid';
  return Date.parse(expiresOn) <= now ? 'expired' : 'matched';
}
