import { z } from 'zod';
import { DAY_MS } from '../snapshot/day.ts';
import { SUBJECT_KINDS } from '../snapshot/subject.ts';

/** The pattern of an exemption's id, which is used as a path segment, a table key and a label. */
export const EXEMPTION_ID = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** A date, or a time with a time zone. */
const INSTANT = /^(\d{4}-\d{2}-\d{2})(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

const glob = z.string().min(1).max(260);
const words = (max: number) => z.string().trim().min(1).max(max);

/** The findings of the rule that an exemption covers: those that match every field, or all of them if no field is given. */
export const EXEMPTION_SCOPE = {
  clusterId: z.string().min(1).max(512).exactOptional().describe('The ARM id of the one cluster; case does not matter.'),
  cluster: glob.exactOptional().meta({ description: 'Glob over cluster names; absent means every cluster.', examples: ['prod-*'] }),
  kind: z.enum(SUBJECT_KINDS).exactOptional().describe('What the finding is about; absent means anything.'),
  namespace: glob.exactOptional().meta({ description: 'Glob over namespaces of workloads.', examples: ['shop'] }),
  ownerKind: glob.exactOptional().meta({ description: 'Glob over kinds of workloads.', examples: ['Deployment'] }),
  workload: glob.exactOptional().meta({ description: 'Glob over names of workloads.', examples: ['cart-*'] }),
  pool: glob.exactOptional().meta({ description: 'Glob over names of node pools.', examples: ['kata*'] }),
  class: glob.exactOptional().meta({ description: 'Glob over names of RuntimeClasses.', examples: ['kata-vm-isolation'] }),
  node: glob.exactOptional().describe('Glob over names of nodes.'),
};

/** The fields of an exemption other than its id, the same in a policy file and in the API. */
export const EXEMPTION_FIELDS = {
  rule: z
    .string()
    .min(1)
    .max(100)
    .meta({ description: 'The id of the rule whose failures are accepted.', examples: ['node-image-current'] }),
  ...EXEMPTION_SCOPE,
  category: z.enum(['waiver', 'mitigated']).describe('Accepted, or made harmless by another control.'),
  reason: words(2_000).meta({ examples: ['Upgrade freeze until the December release.'] }),
  approvedBy: words(200).meta({ examples: ['platform-security'] }),
  expiresOn: z
    .string()
    .refine((text) => endOf(text) !== undefined, 'expected a date such as 2027-01-31 or a time such as 2027-01-31T12:00:00Z')
    .meta({
      description: 'When it ends. A date is the last day on which it applies, in UTC; a time is when it stops applying.',
      examples: ['2099-12-31'],
    }),
};

/**
 * The first moment at which an exemption is no longer live: the given time, or the end of the given day.
 * `undefined` for any other text; JavaScript would read the 30th of
 * February as the 2nd of March.
 */
export function endOf(text: string): string | undefined {
  const day = INSTANT.exec(text)?.[1];
  if (day === undefined || Number.isNaN(Date.parse(text))) return undefined;
  const midnight = new Date(`${day}T00:00:00Z`);
  if (!midnight.toISOString().startsWith(day)) return undefined;
  return (text === day ? new Date(midnight.getTime() + DAY_MS) : new Date(text)).toISOString();
}

/** The end of an exemption for people: its last day, or the time if it ends within a day. */
export function lastDayOf(expiresOn: string): string {
  const at = Date.parse(expiresOn);
  return at % DAY_MS === 0 ? new Date(at - DAY_MS).toISOString().slice(0, 10) : expiresOn;
}
