import type { Finding } from '../domain/findings/finding.ts';
import { coverageText, seenText, subjectLabel } from '../domain/findings/finding-text.ts';
import type { Severity } from '../domain/policy/severity.ts';
import { given } from '../domain/snapshot/given.ts';
import { parseClusterId } from '../domain/snapshot/resource-id.ts';
import { type Subject, subjectKey } from '../domain/snapshot/subject.ts';
import type { ExportContext, ExportedFinding, ExportedVerdict, Exporter, RuleFacts } from './export.ts';
import { isNew, milliseconds, remedyText, verdictId } from './words.ts';

/** The newest release of the schema; https://schema.ocsf.io/1.8.0/classes/compliance_finding. */
const OCSF_VERSION = '1.8.0';
const CLASS_UID = 2003;
const AZURE_SUBSCRIPTION = 13;
const SEVERITY_IDS: Readonly<Record<Severity, number>> = { critical: 5, high: 4, medium: 3, low: 2, info: 1 };
const INFORMATIONAL = 1;

const ACTIVITIES = { create: [1, 'Create'], update: [2, 'Update'], close: [3, 'Close'] } as const;
const STATUSES = { new: [1, 'New'], suppressed: [3, 'Suppressed'], resolved: [4, 'Resolved'], deleted: [6, 'Deleted'] } as const;
const COMPLIANCE = { unknown: [0, 'Unknown'], pass: [1, 'Pass'], fail: [3, 'Fail'] } as const;

/** Writes OCSF Compliance Findings (class 2003), one event per line. */
export const writeOcsf: Exporter = async function* (input, context) {
  const rules = new Map(context.rules.map((rule) => [rule.id, rule]));
  for await (const one of input) yield `${JSON.stringify(ofFinding(one, rules.get(one.finding.ruleId), context))}\n`;
  if (context.verdicts === undefined) return;
  for await (const one of context.verdicts()) yield `${JSON.stringify(ofVerdict(one, rules.get(one.ruleId), context))}\n`;
};

function ofFinding({ finding, exemption }: ExportedFinding, rule: RuleFacts | undefined, context: ExportContext): object {
  const [statusId, status] = exemption !== undefined && finding.status === 'open' ? STATUSES.suppressed : statusOf(finding);
  const { clusterId, clusterName, subject } = finding;
  return {
    ...base(activityOf(finding), finding.resolvedAt ?? finding.observedAt, finding, context),
    severity_id: SEVERITY_IDS[finding.severity],
    severity: finding.severity,
    status_id: statusId,
    status,
    message: finding.message,
    finding_info: {
      uid: finding.id,
      title: rule?.title ?? finding.ruleId,
      desc: finding.message,
      first_seen_time: milliseconds(finding.firstSeenAt),
      last_seen_time: milliseconds(finding.lastSeenAt),
      created_time: milliseconds(finding.firstSeenAt),
      modified_time: milliseconds(finding.resolvedAt ?? finding.observedAt),
    },
    compliance: {
      ...compliance(complianceOf(finding), finding.ruleId, rule),
      status_details: [
        finding.message,
        seenText(finding),
        ...(finding.stale === true ? ['The newest scan could not judge this rule.'] : []),
      ],
    },
    resources: [resource(clusterId, clusterName, subject)],
    remediation: { desc: remedyText(finding), ...given({ references: rule?.references }) },
    unmapped: {
      facts: finding.facts,
      commands: finding.commands ?? [],
      coverage: finding.coverage,
      reopen_count: finding.reopenCount,
      ...given({ resolution: finding.resolution, exemption }),
    },
  };
}

function ofVerdict(one: ExportedVerdict, rule: RuleFacts | undefined, context: ExportContext): object {
  const { clusterId, clusterName, subject = { kind: 'cluster' }, coverage } = one;
  const details = [...(one.message === undefined ? [] : [one.message]), coverageText(coverage)];
  return {
    ...base(ACTIVITIES.update, one.observedAt, one, context),
    severity_id: INFORMATIONAL,
    severity: 'info',
    finding_info: { uid: verdictId(clusterId, one.ruleId, one.subject), title: rule?.title ?? one.ruleId },
    compliance: { ...compliance(COMPLIANCE[one.verdict], one.ruleId, rule), status_details: details },
    resources: [resource(clusterId, clusterName, subject)],
    unmapped: { coverage },
  };
}

function base(
  [activityId, activityName]: readonly [number, string],
  at: string,
  { clusterId, subscriptionId }: Pick<Finding, 'clusterId' | 'subscriptionId'>,
  context: ExportContext,
) {
  const inAzure = parseClusterId(clusterId) !== undefined;
  const account = { uid: subscriptionId, type_id: AZURE_SUBSCRIPTION, type: 'Azure Subscription' };
  return {
    category_uid: 2,
    category_name: 'Findings',
    class_uid: CLASS_UID,
    class_name: 'Compliance Finding',
    activity_id: activityId,
    activity_name: activityName,
    type_uid: CLASS_UID * 100 + activityId,
    type_name: `Compliance Finding: ${activityName}`,
    time: milliseconds(at),
    metadata: {
      version: OCSF_VERSION,
      product: { name: 'Kataudit', vendor_name: 'Kataudit', version: context.version },
      ...(inAzure ? { profiles: ['cloud'] } : {}),
    },
    ...(inAzure ? { cloud: { provider: 'Azure', account } } : {}),
  };
}

function compliance([statusId, status]: readonly [number, string], ruleId: string, rule: RuleFacts | undefined) {
  return {
    status_id: statusId,
    status,
    control: ruleId,
    standards: ['Kataudit'],
    ...given({ desc: rule?.rationale, requirements: rule && [rule.title] }),
  };
}

function resource(clusterId: string, clusterName: string, subject: Subject) {
  const namespace = subject.kind === 'workload' ? { namespace: subject.namespace } : {};
  const uid = subject.kind === 'cluster' ? clusterId : `${clusterId}/${subjectKey(subject)}`;
  const name = subject.kind === 'cluster' ? clusterName : `${clusterName}: ${subjectLabel(subject)}`;
  return { uid, name, type: subject.kind, ...namespace };
}

function activityOf(finding: Finding): readonly [number, string] {
  if (finding.status === 'resolved') return ACTIVITIES.close;
  return isNew(finding) ? ACTIVITIES.create : ACTIVITIES.update;
}

function statusOf(finding: Finding): readonly [number, string] {
  if (finding.status === 'open') return STATUSES.new;
  return isGone(finding) ? STATUSES.deleted : STATUSES.resolved;
}

/** Only a subject that was read and complies passes. The state of one that is gone or no longer judged is unknown. */
function complianceOf(finding: Finding): readonly [number, string] {
  if (finding.status === 'open') return COMPLIANCE.fail;
  return finding.resolution === 'complies' ? COMPLIANCE.pass : COMPLIANCE.unknown;
}

function isGone({ resolution }: Finding): boolean {
  return resolution === 'subject-gone' || resolution === 'cluster-deleted';
}
