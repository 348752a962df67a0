import { z } from 'zod';
import { Fault } from '../../domain/snapshot/fault.ts';
import { parseClusterId } from '../../domain/snapshot/resource-id.ts';
import type { Defender, RuleAssessment } from '../../ports/defender.ts';
import type { AzureOptions } from '../client/options.ts';
import { resourcePath } from '../client/requests.ts';
import { type Place, put, remove } from './write.ts';

/**
 * The first version with the severity Critical and the category Container. Source: azure-rest-api-specs,
 * Microsoft.Security/Security/stable.
 */
const API_VERSION = '2025-05-04';
/**
 * Azure has no separate permission to delete. If the write permission does not cover it, an assessment that cannot be deleted is marked
 * as no longer applicable.
 */
const ASSESSMENTS = 'Microsoft.Security/assessments/write';
const METADATA = 'Microsoft.Security/assessmentMetadata/write';

const WITHDRAWN: RuleAssessment = {
  code: 'NotApplicable',
  cause: 'Withdrawn',
  description: 'Kataudit no longer assesses this, and may not delete it.',
  facts: {},
};

/** Writes and deletes custom assessments in Microsoft Defender for Cloud, through Azure Resource Manager. */
export function defenderOf(options: AzureOptions): Defender {
  return {
    describeRule: (subscriptionId, name, { displayName, severity, description, remediation }, abortSignal) => {
      const words = { what: `describe the assessment ${name} in subscription ${subscriptionId}`, action: METADATA };
      const body = {
        properties: {
          displayName,
          severity,
          description,
          remediationDescription: remediation,
          assessmentType: 'CustomerManaged',
          categories: ['Container'],
        },
      };
      return put(options, metadataPlace(subscriptionId, name, words, abortSignal), body, named(name));
    },
    forgetRule: (subscriptionId, name, abortSignal) => {
      const words = { what: `delete the description of the assessment ${name} in subscription ${subscriptionId}`, action: METADATA };
      return goneOrLeft(remove(options, metadataPlace(subscriptionId, name, words, abortSignal)));
    },
    assess: (clusterId, name, assessment, abortSignal) => assess(options, clusterId, name, assessment, abortSignal),
    withdraw: async (clusterId, name, abortSignal) => {
      const words = { what: `delete the assessment ${name} of ${clusterId}`, action: ASSESSMENTS };
      const came = await goneOrLeft(remove(options, assessmentPlace(clusterId, name, words, abortSignal)));
      if (came === 'gone') return came;
      try {
        await assess(options, clusterId, name, WITHDRAWN, abortSignal);
      } catch (error) {
        // The cluster was deleted in the meantime, and the assessment with it.
        if (error instanceof Fault && error.code === 'not-found') return 'gone';
        throw error;
      }
      return 'left';
    },
  };
}

async function assess(
  options: AzureOptions,
  clusterId: string,
  name: string,
  { code, cause, description, facts }: RuleAssessment,
  abortSignal: AbortSignal,
): Promise<void> {
  const words = { what: `write the assessment ${name} of ${clusterId}`, action: ASSESSMENTS };
  const body = { properties: { resourceDetails: { source: 'Azure' }, status: { code, cause, description }, additionalData: facts } };
  const answer = named(name).extend({ properties: z.object({ status: z.object({ code: z.literal(code) }) }) });
  await put(options, assessmentPlace(clusterId, name, words, abortSignal), body, answer);
}

/** Resolves to `left` if deleting is not allowed or not supported. */
async function goneOrLeft(removal: Promise<void>): Promise<'gone' | 'left'> {
  try {
    await removal;
    return 'gone';
  } catch (error) {
    if (error instanceof Fault && (error.code === 'denied' || error.code === 'unsupported')) return 'left';
    throw error;
  }
}

/** A response about another resource comes from a proxy or is a bug. */
function named(name: string) {
  return z.object({ name: z.string().refine((one) => one.toLowerCase() === name, `expected the name ${name}`) });
}

function metadataPlace(subscriptionId: string, name: string, words: Pick<Place, 'what' | 'action'>, abortSignal: AbortSignal): Place {
  const path = `/subscriptions/${encodeURIComponent(subscriptionId)}/providers/Microsoft.Security/assessmentMetadata/${name}`;
  return { ...words, subscriptionId, path: `${path}?api-version=${API_VERSION}`, abortSignal };
}

function assessmentPlace(clusterId: string, name: string, words: Pick<Place, 'what' | 'action'>, abortSignal: AbortSignal): Place {
  const parts = parseClusterId(clusterId);
  if (parts === undefined) throw new Fault('malformed', `Not the id of an AKS cluster: ${clusterId}`);
  const path = `${resourcePath(clusterId)}/providers/Microsoft.Security/assessments/${name}?api-version=${API_VERSION}`;
  return { ...words, subscriptionId: parts.subscriptionId, path, abortSignal };
}
