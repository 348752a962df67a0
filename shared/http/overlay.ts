import { isLive, overlayOf } from '../domain/exemption.ts';
import type { Finding } from '../domain/finding.ts';
import type { Exemption } from '../domain/policy.ts';
import type { ApiDependencies } from './api.ts';

type Sources = Pick<ApiDependencies, 'policy' | 'exemptions' | 'clock'>;

/** The exemptions that hold now, the policy's before the API's. */
export async function liveExemptions({ policy, exemptions, clock }: Sources): Promise<readonly Exemption[]> {
  const [{ policy: inForce }, held] = await Promise.all([policy(), exemptions?.list() ?? []]);
  const now = clock();
  return [...inForce.exemptions, ...held.map(({ exemption }) => exemption)].filter((one) => isLive(one, now));
}

/** Tells which live exemption covers a finding, from the policy's and the API's, as of now. */
export async function overlay(sources: Sources): Promise<(finding: Finding) => Exemption | undefined> {
  return overlayOf(await liveExemptions(sources));
}
