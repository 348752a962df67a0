import { z } from 'zod';
import type { PermissionSet } from '../domain/access/permissions.ts';
import { Fault } from '../domain/snapshot/fault.ts';
import { formatClusterId, parseClusterId } from '../domain/snapshot/resource-id.ts';
import { armReadsBucket } from './budget/published-budgets.ts';
import type { AzureOptions } from './client/options.ts';
import { resourcePath } from './client/requests.ts';
import { armRows } from './estate/arm-pages.ts';

const API_VERSION = '2022-04-01';

const names = z.array(z.string()).nullish();
const Permission = z.object({ actions: names, notActions: names, condition: z.string().nullish() });

/**
 * Returns the permissions of the identity on a cluster; used only by `kataudit doctor`. Permissions with a condition are left out,
 * because it is unknown whether the condition holds.
 */
export async function permissionsOn(options: AzureOptions, clusterId: string, abortSignal: AbortSignal): Promise<readonly PermissionSet[]> {
  const parts = parseClusterId(clusterId);
  if (parts === undefined) throw new Fault('malformed', `Not the id of an AKS cluster: ${clusterId}`);
  const rows = await armRows(options, {
    what: `list the permissions on ${clusterId}`,
    action: 'Microsoft.Authorization/permissions/read',
    buckets: [armReadsBucket(parts.subscriptionId)],
    path: `${resourcePath(formatClusterId(parts))}/providers/Microsoft.Authorization/permissions?api-version=${API_VERSION}`,
    row: Permission,
    abortSignal,
  });
  const unconditional = rows.filter(({ condition }) => condition == null || condition === '');
  return unconditional.map(({ actions, notActions }) => ({ actions: actions ?? [], notActions: notActions ?? [] }));
}
