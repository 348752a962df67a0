import { z } from 'zod';
import { Fault } from '../domain/fault.ts';
import type { PermissionSet } from '../domain/permissions.ts';
import { parseClusterId } from '../domain/resource-id.ts';
import { pageOf } from './cluster-row.ts';
import type { AzureOptions } from './options.ts';
import { drain } from './paging.ts';
import { clientOptions, prepare } from './pipeline.ts';
import { armReadsBucket } from './published-budgets.ts';

const API_VERSION = '2022-04-01';

const names = z.array(z.string()).default([]);
const Permission = z.object({ actions: names, notActions: names });

/** What Azure Resource Manager lets the identity do with a cluster; only `kataudit doctor` asks. */
export async function permissionsOn(options: AzureOptions, clusterId: string, abortSignal: AbortSignal): Promise<readonly PermissionSet[]> {
  const parts = parseClusterId(clusterId);
  if (parts === undefined) throw new Fault('malformed', `Not the id of an AKS cluster: ${clusterId}`);
  const { bearerTokenAuthenticationPolicy, createDefaultHttpClient, createPipelineFromOptions, createPipelineRequest } = await import(
    '@azure/core-rest-pipeline'
  );
  const { remembered } = await import('./credential.ts');
  const what = `list what may be done with ${clusterId}`;
  const { endpoint, credentials, ...pipelineOptions } = clientOptions(options);
  const pipeline = createPipelineFromOptions(pipelineOptions);
  pipeline.addPolicy(
    bearerTokenAuthenticationPolicy({ credential: remembered(options.credential, options.clock), scopes: credentials.scopes }),
  );
  const call = { what, action: 'Microsoft.Authorization/permissions/read', buckets: [armReadsBucket(parts.subscriptionId)], abortSignal };
  const answers = await prepare(pipeline, { ...call, schema: pageOf(Permission) }, options);
  const httpClient = createDefaultHttpClient();
  const pages = pagesFrom(
    `${endpoint}${clusterId}/providers/Microsoft.Authorization/permissions?api-version=${API_VERSION}`,
    answers,
    (url) => pipeline.sendRequest(httpClient, createPipelineRequest({ url })),
  );
  await drain(pages, answers, what);
  return answers.flatMap(({ value }) => value);
}

async function* pagesFrom(
  first: string,
  answers: readonly { readonly nextLink?: string | null | undefined }[],
  get: (url: string) => Promise<unknown>,
): AsyncGenerator<void> {
  for (let url: string | undefined | null = first; url != null && url !== ''; url = answers.at(-1)?.nextLink) {
    await get(url);
    yield;
  }
}
