import type { Finding } from '../domain/findings/finding.ts';
import { clusterKey } from '../domain/snapshot/resource-id.ts';
import { type Subject, subjectKey } from '../domain/snapshot/subject.ts';

/** The commands of a finding, one per line; those that delete something are marked. */
export function commandsText({ commands = [] }: Finding): string {
  return commands.map(({ run, deletes }) => (deletes ? `(deletes) ${run}` : run)).join('\n');
}

/** The remediation of a finding as one text: sentences, then commands, one per line. */
export function remedyText(finding: Finding): string {
  return [finding.remediation, commandsText(finding)].filter((part) => part !== '').join('\n');
}

/** Whether a finding was first seen in the newest scan of its cluster. */
export function isNew({ firstSeenAt, observedAt, reopenCount }: Finding): boolean {
  return reopenCount === 0 && firstSeenAt >= observedAt;
}

/** The id of a verdict without a finding in exports; the same for the same subject and rule. */
export function verdictId(clusterId: string, ruleId: string, subject: Subject | undefined): string {
  return `${clusterKey(clusterId)}/${ruleId}/${subject === undefined ? '-' : subjectKey(subject)}`;
}

/** Milliseconds since 1970. */
export function milliseconds(time: string): number {
  return Date.parse(time);
}
