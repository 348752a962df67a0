import type { Finding } from '../domain/findings/finding.ts';
import type { Coverage } from '../domain/snapshot/observation.ts';
import { clusterKey } from '../domain/snapshot/resource-id.ts';
import { type Subject, subjectKey } from '../domain/snapshot/subject.ts';

/** How much was seen, in a sentence for auditors. */
export function coverageText(coverage: Coverage): string {
  switch (coverage.kind) {
    case 'full':
      return 'Everything there was to see was seen.';
    case 'truncated':
      return `Not everything was seen: ${coverage.message}`;
    case 'sample': {
      const { sampledNodes, totalNodes, sampledPods, upperBound, confidence } = coverage;
      const bound = `${round(upperBound * 100)} % of the nodes at ${round(confidence * 100)} % confidence`;
      return `A sample: ${sampledPods} pods on ${sampledNodes} of ${totalNodes} nodes; had it shown no violation, at most ${bound} would have one.`;
    }
  }
}

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

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
