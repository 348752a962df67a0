import { type AuditData, auditPage } from '../../dashboard/audit-page.ts';
import { auditsPage, type ListedAudit } from '../../dashboard/audits-page.ts';
import { EXEMPTION_VIEWS, exemptionsPage, type ListedExemption } from '../../dashboard/exemptions-page.ts';
import { parkedPage } from '../../dashboard/parked-page.ts';
import { rulesPage } from '../../dashboard/rules-page.ts';
import type { ClusterSummary } from '../../domain/findings/summary.ts';
import { effectiveRules } from '../../domain/policy/rule-setting.ts';
import { VERDICTS } from '../../domain/rule/rule.ts';
import { DAY_MS } from '../../domain/snapshot/day.ts';
import { given } from '../../domain/snapshot/given.ts';
import { parseClusterId } from '../../domain/snapshot/resource-id.ts';
import type { AuditReport } from '../../ports/audit-store.ts';
import { auditOutcome } from '../../usecases/audit-outcome.ts';
import { auditBefore, changesOfAudit, differenceOf } from '../../usecases/queries/audit-changes.ts';
import { countExempted, withoutExempted } from '../../usecases/queries/exempted.ts';
import { type UsedExemption, usedExemptions } from '../../usecases/queries/exemptions.ts';
import { type AuditStanding, listAudits } from '../../usecases/queries/listed-audits.ts';
import { allClusters } from '../../usecases/queries/walk.ts';
import type { ApiDependencies } from '../framework/api.ts';
import { exemptionTag } from '../framework/exemption-tag.ts';
import { Problem } from '../framework/problem.ts';
import { type PageMaker, some } from './page-maker.ts';

const AUDITS = 20;
/** Maximum number of audits searched for ones to compare with. */
const OTHERS = 50;
const MAX_AUDITS = 1_000;
const PARKED = 100;
const ENDING_DAYS = 30;

/** The catalog of rules with open findings and verdicts, counted from the summaries. */
export const rulesView: PageMaker = async (dependencies, view) => {
  const { findings, rules } = dependencies;
  const [{ policy }, exempted, summaries] = await Promise.all([dependencies.policy(), countExempted(dependencies), allClusters(findings)]);
  const present = summaries.filter(({ status }) => status === 'present').map((summary) => withoutExempted(summary, exempted));
  return rulesPage(
    view,
    effectiveRules(rules, policy).map((rule) => ({
      rule,
      state: rule.state,
      exempted: exempted.byRule.get(rule.id) ?? 0,
      ...tallyOf(rule.id, present),
    })),
  );
};

function tallyOf(rule: string, summaries: readonly ClusterSummary[]) {
  const verdicts = { pass: 0, fail: 0, unknown: 0, 'not-applicable': 0 };
  let open = 0;
  for (const { rules } of summaries) {
    const tally = rules[rule];
    if (tally === undefined) continue;
    open += tally.open;
    for (const verdict of VERDICTS) verdicts[verdict] += tally.verdicts[verdict];
  }
  return { open, verdicts };
}

/** The newest audits, each with its result. */
export const auditsView: PageMaker = async (dependencies, view, { after }) => {
  const { value, next } = await listAudits(dependencies, AUDITS, after);
  const whole = value.filter(({ audit }) => audit.clusters === undefined);
  const before = (id: string) => whole[whole.findIndex(({ audit }) => audit.id === id) + 1]?.audit.id;
  return auditsPage(
    view,
    value.map((one) => ({ ...listed(one), ...given({ before: one.audit.clusters === undefined ? before(one.audit.id) : undefined }) })),
    next,
  );
};

function listed({ audit: { id, startedAt, cause, clusters, policyProblem }, state, outcome }: AuditStanding): ListedAudit {
  return { id, startedAt, cause, state, ...given({ chosen: clusters?.length, counts: outcome, policyProblem }) };
}

/** The page of one audit with what it could not read, and its difference from an earlier one. */
export const auditView: PageMaker = async (dependencies, view, { id, from }) => {
  const report = await dependencies.audits.get(some(id)?.[0] ?? '');
  if (report === undefined) throw new Problem(404, 'There is no audit with this id.');
  const { state, planned, scanned, changed, notAssessed, notListed } = auditOutcome(report, dependencies.clock());
  const counts = { planned, scanned, changed, notAssessed: notAssessed.length, notListed: notListed.length };
  const { value: others } = await dependencies.audits.list(MAX_AUDITS);
  const earlier = others.filter((one) => one.startedAt < report.audit.startedAt && one.clusters === undefined);
  const { entries, complete } = await changesOfAudit(dependencies, report);
  const data: AuditData = {
    audit: listed({ audit: report.audit, state, outcome: counts }),
    gaps: [
      ...notListed.map(({ subscriptionId, reason }) => ({ name: `subscription ${subscriptionId}`, reason: reason.message })),
      ...notAssessed.map(({ clusterId, reasons }) => ({
        clusterId,
        name: nameOf(clusterId),
        reason: reasons[0]?.message ?? 'no reason was recorded',
      })),
    ],
    changes: { entries: entries.map((entry) => ({ ...entry, clusterName: nameOf(entry.clusterId) })), complete },
    others: earlier.filter((one, at) => at < OTHERS || one.id === from).map(({ id: other, startedAt }) => ({ id: other, startedAt })),
    ...given({ difference: await differenceFor(dependencies, report, from) }),
  };
  return auditPage(view, data);
};

async function differenceFor(
  dependencies: ApiDependencies,
  later: AuditReport,
  from: string | undefined,
): Promise<AuditData['difference']> {
  const id = from ?? (await auditBefore(dependencies, later.audit))?.id;
  const earlier = id === undefined ? undefined : await dependencies.audits.get(id);
  if (earlier === undefined || earlier.audit.startedAt > later.audit.startedAt) return undefined;
  const { changes, newlyBlind, seenAgain, complete } = await differenceOf(dependencies, earlier, later);
  const named = (clusterId: string) => ({ id: clusterId, name: nameOf(clusterId) });
  return {
    from: { id: earlier.audit.id, startedAt: earlier.audit.startedAt },
    changes: changes.map(({ kind, entry }) => ({ kind, entry: { ...entry, clusterName: nameOf(entry.clusterId) } })),
    newlyBlind: newlyBlind.map(named),
    seenAgain: seenAgain.map(named),
    complete,
  };
}

function nameOf(clusterId: string): string {
  return parseClusterId(clusterId)?.name ?? clusterId;
}

/** Messages that failed after all tries. */
export const parkedView: PageMaker = async ({ parked }, view) => {
  const { value } = await parked.list(PARKED);
  return parkedPage(view, value);
};

/** Every exemption of the policy and of the API with its state. */
export const exemptionsView: PageMaker = async (dependencies, view, { state }) => {
  const all = (await usedExemptions(dependencies)).map((one) => listedExemption(one, dependencies.clock()));
  const shown = EXEMPTION_VIEWS.find((one) => one === state) ?? 'all';
  const kept = all.filter((one) => {
    if (shown === 'all') return true;
    if (shown === 'ending') return one.daysLeft >= 0 && one.daysLeft <= ENDING_DAYS && one.state !== 'invalid';
    return one.state === shown;
  });
  return exemptionsPage(
    view,
    kept.toSorted((a, b) => a.daysLeft - b.daysLeft),
    all.length,
    shown,
  );
};

function listedExemption(one: UsedExemption, now: Date): ListedExemption {
  const { exemption, origin, state, findings } = one;
  const daysLeft = Math.floor((Date.parse(exemption.expiresOn) - now.getTime()) / DAY_MS);
  return { exemption, origin, state, findings, daysLeft, ...given({ tag: one.origin === 'api' ? exemptionTag(one) : undefined }) };
}
