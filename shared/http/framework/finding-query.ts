import { z } from 'zod';
import type { Rule } from '../../domain/rule/rule.ts';
import { isSubscriptionId } from '../../domain/snapshot/resource-id.ts';
import type { FindingFilter } from '../../ports/finding-store.ts';
import { severity } from '../schemas/schemas.ts';
import { Problem } from './problem.ts';

const MAX_VALUES = 100;
const name = z.string().min(1).max(260);
const list = <T extends z.ZodType>(item: T) => z.array(item).min(1).max(MAX_VALUES).optional();
const subscription = z.string().refine(isSubscriptionId, 'expected a subscription id (GUID)');

/** The filters of findings; they combine, and several values of one are alternatives. */
export const FINDING_FILTERS = {
  status: list(z.enum(['open', 'resolved'])).describe('Comma-separated.'),
  severity: list(severity).describe('Comma-separated.'),
  rule: list(z.string().min(1).max(100)).describe('Rule ids, comma-separated.'),
  subscription: list(subscription).describe('Subscription ids, comma-separated.'),
  cluster: list(z.string().min(1).max(512)).describe('Cluster names or ids, comma-separated; case does not matter.'),
  pool: name.optional().describe('The name of a node pool.'),
  namespace: name.optional().describe('The namespace of a workload.'),
  workload: name.optional().describe('The name of a workload, without its kind.'),
  since: z.iso
    .datetime({ offset: true, error: 'expected a time like 2026-11-23T00:00:00Z' })
    .optional()
    .describe('Last seen at this time or later.'),
  exempted: z.boolean('expected true or false').optional().describe('Only findings that a live exemption covers, or only the others.'),
  q: z.string().min(1).max(200).optional().describe('Text in the message, the names or the rule id.'),
};

const schema = z.strictObject(FINDING_FILTERS);

/** Turns the API's words into the store's; throws 400 for a rule that does not exist. */
export function toFilter(query: z.output<typeof schema>, rules: readonly Rule[]): FindingFilter {
  const unknown = query.rule?.filter((id) => !rules.some((rule) => rule.id === id)) ?? [];
  if (unknown.length > 0) {
    const detail = `${unknown.map((id) => JSON.stringify(id)).join(', ')}: no such rule; GET /api/rules lists them`;
    throw new Problem(400, 'The query cannot be used.', [{ field: 'rule', detail }]);
  }
  const { status, severity: severities, rule, subscription: subscriptions, cluster, pool, namespace, workload, since, q } = query;
  return {
    ...(status === undefined ? {} : { status }),
    ...(severities === undefined ? {} : { severity: severities }),
    ...(rule === undefined ? {} : { rule }),
    ...(subscriptions === undefined ? {} : { subscription: subscriptions.map((id) => id.toLowerCase()) }),
    ...(cluster === undefined ? {} : { cluster }),
    ...(pool === undefined ? {} : { nodePool: pool }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(workload === undefined ? {} : { workload }),
    ...(since === undefined ? {} : { since: new Date(since).toISOString() }),
    ...(q === undefined ? {} : { q }),
  };
}
