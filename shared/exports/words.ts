import type { Finding } from '../domain/findings/finding.ts';
import { clusterKey } from '../domain/snapshot/resource-id.ts';
import { type Subject, subjectKey } from '../domain/snapshot/subject.ts';

/** The commands of a finding, one a line, each that deletes something marked. */
export function commandsText({ commands = [] }: Finding): string {
  return commands.map(({ run, deletes }) => (deletes ? `(deletes) ${run}` : run)).join('\n');
}

/** What to do about a finding in one text: the sentences, then the commands, one a line. */
export function remedyText(finding: Finding): string {
  return [finding.remediation, commandsText(finding)].filter((part) => part !== '').join('\n');
}

/** A finding of which the scan that observed it is the first to tell. */
export function isNew({ firstSeenAt, observedAt, reopenCount }: Finding): boolean {
  return reopenCount === 0 && firstSeenAt >= observedAt;
}

/** The name that a verdict without a finding has in exports: the same subject and rule always have the same. */
export function verdictId(clusterId: string, ruleId: string, subject: Subject | undefined): string {
  return `${clusterKey(clusterId)}/${ruleId}/${subject === undefined ? '-' : subjectKey(subject)}`;
}

/** Milliseconds since 1970. */
export function milliseconds(time: string): number {
  return Date.parse(time);
}
