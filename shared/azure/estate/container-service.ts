import type { AzureCall } from '../client/attempt.ts';
import type { AzureOptions } from '../client/options.ts';
import { clientOptions, prepare } from '../client/pipeline.ts';

/**
 * Returns the AKS client for one call, with the checked responses of that call. A client is cheap, because connections and token are
 * shared, and each call keeps its own limits.
 */
export async function containerService<T>(options: AzureOptions, subscriptionId: string, call: AzureCall<T>) {
  const { ContainerServiceClient } = await import('@azure/arm-containerservice');
  const { remembered } = await import('../client/credential.ts');
  const client = new ContainerServiceClient(remembered(options.credential, options.clock), subscriptionId, clientOptions(options));
  const answers = await prepare(client.pipeline, call, options);
  return { client, answers };
}
