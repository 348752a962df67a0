import { z } from 'zod';
import { Fault } from '../../domain/snapshot/fault.ts';
import { parseClusterId } from '../../domain/snapshot/resource-id.ts';
import type { Attestations } from '../../ports/attestations.ts';
import type { AzureOptions } from '../client/options.ts';
import { resourcePath } from '../client/requests.ts';
import { put, remove } from './write.ts';

/** Source: azure-rest-api-specs, Microsoft.PolicyInsights/stable; the version that `@azure/arm-policyinsights` 6.0.0 uses. */
const API_VERSION = '2024-10-01';

/** Writes and deletes attestations of Azure Policy on managed clusters, through Azure Resource Manager. */
export function attestationsOf(options: AzureOptions): Attestations {
  return {
    attest: (clusterId, name, { evidence, ...attestation }, abortSignal) => {
      const words = { what: `attest the compliance of ${clusterId}`, action: 'Microsoft.PolicyInsights/attestations/write' };
      const answer = z.object({
        name: z.string().refine((one) => one.toLowerCase() === name, `expected the name ${name}`),
        properties: z.object({ complianceState: z.literal(attestation.complianceState) }),
      });
      const body = { properties: { ...attestation, evidence: [evidence] } };
      return put(options, { ...words, ...placeOf(clusterId, name), abortSignal }, body, answer);
    },
    withdraw: async (clusterId, name, abortSignal) => {
      const words = { what: `delete the attestation of ${clusterId}`, action: 'Microsoft.PolicyInsights/attestations/delete' };
      await remove(options, { ...words, ...placeOf(clusterId, name), abortSignal });
      return 'gone';
    },
  };
}

function placeOf(clusterId: string, name: string) {
  const parts = parseClusterId(clusterId);
  if (parts === undefined) throw new Fault('malformed', `Not the id of an AKS cluster: ${clusterId}`);
  const path = `${resourcePath(clusterId)}/providers/Microsoft.PolicyInsights/attestations/${name}?api-version=${API_VERSION}`;
  return { subscriptionId: parts.subscriptionId, path };
}
