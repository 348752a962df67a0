import { counted } from '../text/counted.ts';
import { type Coverage, FULL, type TargetedCoverage } from './observation.ts';
import type { Subject } from './subject.ts';

/** The coverage of one subject: it is full for a workload whose whole namespace was read, although other pods were not. */
export function coverageFor(coverage: Coverage, subject: Subject): Coverage {
  const isWhole = coverage.kind === 'targeted' && subject.kind === 'workload' && coverage.namespaces.includes(subject.namespace);
  return isWhole ? FULL : coverage;
}

/** Which pods a targeted read has read, as a part of a sentence; used by every text for people. */
export function targetText({ namespaces, nodes, totalNodes, pods, totalPods, unread = [] }: TargetedCoverage): string {
  const named = namespaces.length === 0 ? 'of no namespace' : `of ${counted(namespaces.length, 'namespace')} (${namespaces.join(', ')})`;
  const failed = unread.length === 0 ? '' : `; not read: ${unread.map(({ message }) => message.replace(/\.$/, '')).join('; ')}`;
  return `${pods} of about ${totalPods}, those ${named}, those on ${nodes} of ${counted(totalNodes, 'node')} that may run Kata, and those on no node${failed}`;
}
