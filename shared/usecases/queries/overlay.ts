import type { Finding } from '../../domain/findings/finding.ts';
import { overlayOf } from '../../domain/policy/exemption.ts';
import type { Exemption } from '../../domain/policy/policy.ts';
import { type ExemptionSources, liveExemptions } from './exemptions.ts';

/** Returns a function that finds the live exemption of a finding, from the policy's and the API's exemptions as of now. */
export async function overlay(sources: ExemptionSources): Promise<(finding: Finding) => Exemption | undefined> {
  return overlayOf(await liveExemptions(sources));
}
