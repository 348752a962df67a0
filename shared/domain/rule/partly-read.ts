import type { Coverage } from '../snapshot/observation.ts';
import type { Subject } from '../snapshot/subject.ts';
import { coverageFor } from '../snapshot/targeted-coverage.ts';
import type { Judgement } from './rule.ts';

/**
 * Corrects a verdict on pods by how they were read. A failure was seen, so it stays. After a targeted read, a subject that may have
 * unread pods does not pass. A cluster of which the policy requires nothing stays not applicable, regardless of its pods.
 */
export function asFarAsRead(judgement: Judgement, coverage: Coverage): Judgement {
  const { verdict, subject } = judgement;
  const isKept = verdict === 'fail' || verdict === 'unknown' || (verdict === 'not-applicable' && subject.kind === 'cluster');
  if (isKept || coverageFor(coverage, subject).kind !== 'targeted') return judgement;
  return undecided(subject, 'No failure was seen, but not every pod was read.', coverage);
}

/**
 * The verdict where the pods that were read decide nothing and unread pods may. Its reason says whether pods were deliberately not
 * read.
 */
export function undecided(subject: Subject, message: string, { kind }: Coverage): Extract<Judgement, { verdict: 'unknown' }> {
  return { verdict: 'unknown', subject, message, ...(kind === 'targeted' ? { reason: 'not-asked' } : {}) };
}
