import { z } from 'zod';
import { parseJson } from '../../../domain/text/json.ts';
import type { Answer, Question } from '../server/answer.ts';
import { object, status } from './kubernetes-answer.ts';

const ReviewSchema = z.object({
  spec: z.object({
    resourceAttributes: z.object({
      verb: z.string(),
      group: z.string().optional(),
      resource: z.string(),
      subresource: z.string().optional(),
      namespace: z.string().optional(),
    }),
  }),
});

/** Answers a SelfSubjectAccessReview: the identity may do everything except what the cluster denies. */
export function reviewAccess(question: Question, denied: readonly string[]): Answer {
  const review = ReviewSchema.safeParse(parseJson(question.body));
  if (!review.success) return status(question, 400, 'BadRequest', `spec.resourceAttributes: ${z.prettifyError(review.error)}`);
  const { verb, resource, subresource } = review.data.spec.resourceAttributes;
  const permission = `${verb} ${resource}${subresource === undefined || subresource === '' ? '' : `/${subresource}`}`;
  const allowed = !denied.includes(permission);
  return object(question, 201, 'authorization.k8s.io/v1', 'SelfSubjectAccessReview', {
    metadata: {},
    spec: review.data.spec,
    status: { allowed, ...(allowed ? {} : { reason: 'The simulated estate denies it.' }) },
  });
}
