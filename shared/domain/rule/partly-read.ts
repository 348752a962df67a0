import type { Coverage } from '../snapshot/observation.ts';
import type { Subject } from '../snapshot/subject.ts';
import { coverageFor } from '../snapshot/targeted-coverage.ts';
import type { Judgement } from './rule.ts';

/**
 * What a verdict on pods is worth by how they were read. A failure was seen. Where only the pods were read that the policy needs, a
 * subject of which pods may be left does not pass; that nothing was asked of the cluster as a whole holds for any pods.
 */
export function asFarAsRead(judgement: Judgement, coverage: Coverage): Judgement {
  const { verdict, subject } = judgement;
  const isKept = verdict === 'fail' || verdict === 'unknown' || (verdict === 'not-applicable' && subject.kind === 'cluster');
  if (isKept || coverageFor(coverage, subject).kind !== 'targeted') return judgement;
  return undecided(subject, 'No failure was seen, but not every pod was read.', coverage);
}

/** The verdict where no pod that was read decides, and others may; that pods were left out by choice is told as such. */
export function undecided(subject: Subject, message: string, { kind }: Coverage): Extract<Judgement, { verdict: 'unknown' }> {
  return { verdict: 'unknown', subject, message, ...(kind === 'targeted' ? { reason: 'not-asked' } : {}) };
}
