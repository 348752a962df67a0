import type { Coverage } from '../snapshot/observation.ts';
import { kindOf, type Subject } from '../snapshot/subject.ts';
import { targetText } from '../snapshot/targeted-coverage.ts';
import type { Finding } from './finding.ts';

/** A subject in the form that people use: `node pool kata1`, `Deployment shop/cart`. */
export function subjectLabel(subject: Subject): string {
  switch (subject.kind) {
    case 'cluster':
      return 'cluster';
    case 'node-pool':
      return `node pool ${subject.name}`;
    case 'node':
      return `node ${subject.name}`;
    case 'runtime-class':
      return `runtime class ${subject.name}`;
    case 'workload':
      return `${kindOf(subject)} ${subject.namespace}/${subject.ownerName}`;
  }
}

/** The rule whose findings report missing evidence, so they never have full coverage. */
export const GAP_RULE = 'cluster-assessed';

/** The evidence behind a finding, in a sentence for auditors. */
export function seenText({ ruleId, coverage }: Pick<Finding, 'ruleId' | 'coverage'>): string {
  return ruleId === GAP_RULE ? 'Not everything could be read; that is what this finding reports.' : coverageText(coverage);
}

/** How much was read, in a sentence for auditors. */
export function coverageText(coverage: Coverage): string {
  switch (coverage.kind) {
    case 'full':
      return 'Everything was read.';
    case 'truncated':
      return `Not everything was read: ${coverage.message}`;
    case 'targeted':
      return `Only the pods that the policy needs were read: ${targetText(coverage)}.`;
    case 'sample': {
      const { sampledNodes, totalNodes, sampledPods, upperBound, confidence } = coverage;
      const bound = `${round(upperBound * 100)} % of the nodes at ${round(confidence * 100)} % confidence`;
      return `A sample: ${sampledPods} pods on ${sampledNodes} of ${totalNodes} nodes; without a violation in it, at most ${bound} would have one.`;
    }
  }
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
