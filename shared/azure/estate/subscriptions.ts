import { z } from 'zod';
import { isSubscriptionId } from '../../domain/snapshot/resource-id.ts';
import { ARM_TENANT_READS } from '../budget/published-budgets.ts';
import type { AzureOptions } from '../client/options.ts';
import { armRows } from './arm-pages.ts';

const API_VERSION = '2020-05-01';

const Descendant = z
  .object({ type: z.string(), name: z.string() })
  .refine(({ type, name }) => !isSubscription(type) || isSubscriptionId(name), {
    path: ['name'],
    message: 'expected the id of a subscription',
  });

/**
 * Returns every subscription below a management group, at any depth. Uses the API of management groups, because Resource Graph silently
 * omits those that the identity cannot read.
 */
export async function subscriptionsBelow(
  options: AzureOptions,
  managementGroup: string,
  abortSignal: AbortSignal,
): Promise<readonly string[]> {
  const group = encodeURIComponent(managementGroup);
  const descendants = await armRows(options, {
    what: `list the subscriptions of management group ${managementGroup}`,
    action: 'Microsoft.Management/managementGroups/descendants/read',
    buckets: [ARM_TENANT_READS],
    path: `/providers/Microsoft.Management/managementGroups/${group}/descendants?api-version=${API_VERSION}`,
    row: Descendant,
    abortSignal,
  });
  return [...new Set(descendants.flatMap(({ type, name }) => (isSubscription(type) ? [name.toLowerCase()] : [])))];
}

function isSubscription(type: string): boolean {
  return /(^|\/)subscriptions$/i.test(type);
}
