import { z } from 'zod';
import type { Rule } from '../../domain/rule/rule.ts';
import { given } from '../../domain/snapshot/given.ts';
import { SUBJECT_KINDS } from '../../domain/snapshot/subject.ts';
import type { FindingFilter } from '../../ports/finding-store.ts';
import { severity } from '../schemas/common-schemas.ts';
import { anyOf, anySubscription, anyText, moment, searched } from './parameters.ts';
import { Problem } from './problem.ts';

const names = anyText(260);

/** The filters of findings; all must match, and several values of one filter are alternatives. */
export const FINDING_FILTERS = {
  status: anyOf(z.enum(['open', 'resolved'])).describe('Comma-separated.'),
  severity: anyOf(severity).describe('Comma-separated.'),
  rule: anyText(100).describe('Rule ids, comma-separated.'),
  subscription: anySubscription().describe('Subscription ids, comma-separated.'),
  cluster: anyText(512).describe('Cluster names or ids, comma-separated; case does not matter.'),
  tag: anyText(770).describe('Tags of the cluster, `name=value` or only a name, comma-separated.'),
  pool: names.describe('Names of node pools, comma-separated.'),
  namespace: names.describe('Namespaces of workloads, comma-separated.'),
  workload: names.describe('Names of workloads without their kinds, comma-separated.'),
  kind: anyOf(z.enum(SUBJECT_KINDS)).describe('What the finding is about, comma-separated.'),
  owner: names.describe('Owners, comma-separated; `unassigned` for findings without one.'),
  since: moment.describe('Last seen at this time or later.'),
  firstSeenSince: moment.describe('First seen at this time or later.'),
  changedSince: moment.describe('Opened, reopened, changed or resolved at this time or later.'),
  overdue: z.boolean('expected true or false').optional().describe('`true`: only findings that are open past their due date.'),
  exempted: z
    .enum(['false', 'true', 'any'], 'expected true, false or any')
    .optional()
    .describe('Findings that a live exemption covers: `false` leaves them out, `true` returns only them, `any` returns both.'),
  q: searched.describe('Text in the message, the names, the owner or the rule id.'),
};

const schema = z.strictObject(FINDING_FILTERS);

/** The query for findings in a request. */
export type FindingQuery = z.output<typeof schema>;

/** Converts a query to the store's filter; throws 400 for a rule that does not exist. */
export function toFilter(query: FindingQuery, rules: readonly Pick<Rule, 'id'>[]): FindingFilter {
  assertRules(query.rule, rules);
  const { pool, since, firstSeenSince, changedSince, exempted: _e, overdue: _o, ...same } = query;
  return given({
    ...same,
    nodePool: pool,
    since: utc(since),
    firstSeenSince: utc(firstSeenSince),
    changedSince: utc(changedSince),
  });
}

/** Throws 400 for a rule that does not exist. */
export function assertRules(asked: readonly string[] = [], rules: readonly Pick<Rule, 'id'>[]): void {
  const unknown = asked.filter((id) => !rules.some((rule) => rule.id === id));
  if (unknown.length === 0) return;
  const detail = `${unknown.map((id) => JSON.stringify(id)).join(', ')}: no such rule; GET /api/rules lists them`;
  throw new Problem(400, 'The query is invalid.', [{ field: 'rule', detail }]);
}

/** Also converts the parts that depend on the current time; `exemptedByDefault` is the meaning of a request without `exempted`. */
export function toQuestion(query: FindingQuery, rules: readonly Pick<Rule, 'id'>[], exemptedByDefault: 'false' | 'any') {
  const overdue = query.overdue === true ? true : undefined;
  return { ...toFilter(query, rules), ...given({ exempted: exemptedOf(query, exemptedByDefault), overdue }) };
}

/** Whether exempted findings are requested; `undefined` means exempted and other findings. */
export function exemptedOf({ exempted }: Pick<FindingQuery, 'exempted'>, byDefault: 'false' | 'any'): boolean | undefined {
  const asked = exempted ?? byDefault;
  return asked === 'any' ? undefined : asked === 'true';
}

function utc(time: string | undefined): string | undefined {
  return time === undefined ? undefined : new Date(time).toISOString();
}
