import { z } from 'zod';
import { isSubscriptionId } from '../domain/resource-id.ts';
import { pageOf } from './cluster-row.ts';
import type { AzureOptions } from './options.ts';
import { drain } from './paging.ts';
import { clientOptions, prepare } from './pipeline.ts';
import { ARM_TENANT_READS } from './published-budgets.ts';

const API_VERSION = '2020-05-01';

const Descendant = z
  .object({ type: z.string(), name: z.string() })
  .refine(({ type, name }) => !isSubscription(type) || isSubscriptionId(name), {
    path: ['name'],
    message: 'expected the id of a subscription',
  });

/**
 * Every subscription below a management group, at any depth. Asked of the management groups
 * themselves: Resource Graph would leave out, without a word, those that the identity cannot read.
 */
export async function subscriptionsBelow(
  options: AzureOptions,
  managementGroup: string,
  abortSignal: AbortSignal,
): Promise<readonly string[]> {
  const { bearerTokenAuthenticationPolicy, createDefaultHttpClient, createPipelineFromOptions, createPipelineRequest } = await import(
    '@azure/core-rest-pipeline'
  );
  const { remembered } = await import('./credential.ts');
  const what = `list the subscriptions of management group ${managementGroup}`;
  const { endpoint, credentials, ...pipelineOptions } = clientOptions(options);
  const pipeline = createPipelineFromOptions(pipelineOptions);
  pipeline.addPolicy(
    bearerTokenAuthenticationPolicy({ credential: remembered(options.credential, options.clock), scopes: credentials.scopes }),
  );
  const answers = await prepare(
    pipeline,
    {
      what,
      action: 'Microsoft.Management/managementGroups/descendants/read',
      buckets: [ARM_TENANT_READS],
      schema: pageOf(Descendant),
      abortSignal,
    },
    options,
  );
  const group = encodeURIComponent(managementGroup);
  const first = `${endpoint}/providers/Microsoft.Management/managementGroups/${group}/descendants?api-version=${API_VERSION}`;
  const httpClient = createDefaultHttpClient();
  await drain(
    pagesFrom(first, answers, async (url) => {
      await pipeline.sendRequest(httpClient, createPipelineRequest({ url }));
    }),
    answers,
    what,
  );
  const found = answers.flatMap(({ value }) => value.filter(({ type }) => isSubscription(type)));
  return [...new Set(found.map(({ name }) => name.toLowerCase()))];
}

async function* pagesFrom(
  first: string,
  answers: readonly { readonly nextLink?: string | null | undefined }[],
  get: (url: string) => Promise<void>,
): AsyncGenerator<void> {
  for (let url: string | undefined | null = first; url != null && url !== ''; url = answers.at(-1)?.nextLink) {
    await get(url);
    yield;
  }
}

function isSubscription(type: string): boolean {
  return /(^|\/)subscriptions$/i.test(type);
}
