import { overlayOf } from '../domain/exemption.ts';
import type { Finding } from '../domain/finding.ts';
import type { Exemption } from '../domain/policy.ts';
import { liveExemptions } from '../usecases/live-exemptions.ts';
import type { ApiDependencies } from './api.ts';

/** Tells which live exemption covers a finding, from the policy's and the API's, as of now. */
export async function overlay(
  sources: Pick<ApiDependencies, 'policy' | 'exemptions' | 'clock'>,
): Promise<(finding: Finding) => Exemption | undefined> {
  return overlayOf(await liveExemptions(sources));
}
