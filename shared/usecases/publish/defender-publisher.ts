import { createHash } from 'node:crypto';
import { isRuleOn, ruleSeverity } from '../../domain/policy/rule-setting.ts';
import type { Severity } from '../../domain/policy/severity.ts';
import type { RuleStanding } from '../../domain/publish/rule-standing.ts';
import { uuidOf } from '../../domain/publish/uuid.ts';
import { given } from '../../domain/snapshot/given.ts';
import type { AuditStore } from '../../ports/audit-store.ts';
import type { AssessedRule, Defender, RuleAssessment } from '../../ports/defender.ts';
import type { ServiceStatus } from '../../ports/service-status.ts';
import { clusterStanding, type StandingSources } from './known-cluster.ts';
import type { Publisher } from './publisher.ts';

/** Dependencies for publishing to Microsoft Defender for Cloud. */
export interface DefenderPublisher extends StandingSources {
  readonly mode: ServiceStatus['mode'];
  readonly defender: Defender;
  readonly audits: Pick<AuditStore, 'list'>;
  /** The public address of the app; absent if it is not configured. */
  readonly publicUrl?: string;
}

/** Number of audits searched for the newest one that has ended. */
const AUDITS = 20;

const SEVERITY: Readonly<Record<Severity, AssessedRule['severity']>> = {
  critical: 'Critical',
  high: 'High',
  medium: 'Medium',
  low: 'Low',
  info: 'Low',
};
const CODE: Readonly<Record<RuleStanding['standing'], Pick<RuleAssessment, 'code' | 'cause'>>> = {
  fails: { code: 'Unhealthy', cause: 'OpenFindings' },
  complies: { code: 'Healthy', cause: 'Complies' },
  // Microsoft Defender for Cloud has no state for "unknown"; it must never be shown as healthy.
  unknown: { code: 'NotApplicable', cause: 'NotAssessed' },
  exempted: { code: 'NotApplicable', cause: 'Exempted' },
  'not-applicable': { code: 'NotApplicable', cause: 'NothingToJudge' },
};

/** Returns the name of a rule's assessments, the same in every subscription. */
export function assessmentName(ruleId: string): string {
  return uuidOf(`assessment/${ruleId}`);
}

/** Publishes to Microsoft Defender for Cloud how each cluster stands by each enabled rule. */
export function defenderPublisher(deps: DefenderPublisher): Publisher {
  const { defender, mode, audits, rules, policy } = deps;
  return {
    service: 'defender',
    mode,
    newest: async () => (await audits.list(AUDITS)).value.find(({ end }) => end !== undefined)?.id,
    ofSubscription: async (subscriptionId, hasClusters) => {
      const inForce = (await policy()).policy;
      const described = hasClusters ? rules.filter((rule) => isRuleOn(rule, inForce)) : [];
      return {
        sayings: described.map((rule) => {
          const name = assessmentName(rule.id);
          const { title, rationale, remediation } = rule;
          const severity = SEVERITY[ruleSeverity(rule, inForce)];
          const body: AssessedRule = { displayName: title, severity, description: rationale, remediation };
          return { name, digest: digestOf(body), say: (signal) => defender.describeRule(subscriptionId, name, body, signal) };
        }),
        takeBack: (name, signal) => defender.forgetRule(subscriptionId, name, signal),
      };
    },
    ofCluster: async (clusterId, isPresent, subscription) => {
      const described = (name: string) => subscription?.items[name]?.state;
      const stands = isPresent ? await clusterStanding(deps, clusterId) : undefined;
      return {
        sayings: (stands?.standings ?? []).flatMap((standing) => {
          const name = assessmentName(standing.ruleId);
          // Azure would reject an assessment by a rule without metadata; the subscription's record says why the metadata is missing.
          if (described(name) !== 'there') return [];
          const { facts, ...said } = assessmentOf(standing, reportOf(deps.publicUrl, clusterId, standing.ruleId));
          const dated = { ...said, facts: { ...facts, observedAt: stands?.summary.observedAt ?? '' } };
          return [{ name, digest: digestOf({ facts, ...said }), say: (signal) => defender.assess(clusterId, name, dated, signal) }];
        }),
        // When a rule's metadata is deleted, its assessments are deleted too.
        takeBack: async (name, signal) => (described(name) === undefined ? 'gone' : defender.withdraw(clusterId, name, signal)),
      };
    },
  };
}

function assessmentOf({ ruleId, standing, why, open, exempted, worst }: RuleStanding, report: string | undefined): RuleAssessment {
  const facts = { ruleId, openFindings: String(open), exemptedFindings: String(exempted), ...given({ worstSeverity: worst, report }) };
  return { ...CODE[standing], description: why, facts };
}

/** The page of the app with these findings; absent without a public address. */
function reportOf(publicUrl: string | undefined, cluster: string, rule: string): string | undefined {
  return publicUrl === undefined ? undefined : `${publicUrl}/api/dashboard/findings?${new URLSearchParams({ cluster, rule })}`;
}

function digestOf(value: object): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}
