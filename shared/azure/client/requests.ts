import type { HttpClient, PipelineRequestOptions } from '@azure/core-rest-pipeline';
import type { AzureCall } from './attempt.ts';
import type { AzureOptions } from './options.ts';
import { clientOptions, prepare } from './pipeline.ts';

/** One per process, so that connections stay open between calls. */
let httpClient: HttpClient | undefined;

/** Prepares one call to Azure Resource Manager that no SDK client covers, with the same checks, budgets and retries. */
export async function armRequests<T>(options: AzureOptions, call: AzureCall<T>) {
  const { bearerTokenAuthenticationPolicy, createDefaultHttpClient, createPipelineFromOptions, createPipelineRequest } = await import(
    '@azure/core-rest-pipeline'
  );
  const { remembered } = await import('./credential.ts');
  const { endpoint, credentials, ...pipelineOptions } = clientOptions(options);
  const pipeline = createPipelineFromOptions(pipelineOptions);
  const credential = remembered(options.credential, options.clock);
  pipeline.addPolicy(bearerTokenAuthenticationPolicy({ credential, scopes: credentials.scopes }));
  const answers = await prepare(pipeline, call, options);
  httpClient ??= createDefaultHttpClient();
  const client = httpClient;
  const send = (request: PipelineRequestOptions) => pipeline.sendRequest(client, createPipelineRequest(request));
  return { endpoint, send, answers };
}

/** Returns the path of a resource id, each part encoded. */
export function resourcePath(id: string): string {
  return id.split('/').map(encodeURIComponent).join('/');
}
