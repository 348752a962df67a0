import type { Finding } from '../domain/findings/finding.ts';
import { overlayOf } from '../domain/policy/exemption.ts';
import type { Exemption } from '../domain/policy/policy.ts';
import { liveExemptions } from '../usecases/live-exemptions.ts';
import type { ApiDependencies } from './framework/api.ts';

/** Tells which live exemption covers a finding, from the policy's and the API's, as of now. */
export async function overlay(
  sources: Pick<ApiDependencies, 'policy' | 'exemptions' | 'clock'>,
): Promise<(finding: Finding) => Exemption | undefined> {
  return overlayOf(await liveExemptions(sources));
}
