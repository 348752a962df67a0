import { isLive } from '../../domain/policy/exemption.ts';
import type { Exemption } from '../../domain/policy/policy.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ExemptionStore } from '../../ports/exemption-store.ts';
import type { PolicySource } from '../../ports/policy-source.ts';

/** Where exemptions come from. */
export interface ExemptionSources {
  readonly policy: PolicySource;
  /** Those given through the API; absent where there is no API. */
  readonly exemptions?: Pick<ExemptionStore, 'list'>;
  readonly clock: Clock;
}

/** The exemptions that hold now, the policy's before the API's. */
export async function liveExemptions({ policy, exemptions, clock }: ExemptionSources): Promise<readonly Exemption[]> {
  const [{ policy: inForce }, held] = await Promise.all([policy(), exemptions?.list() ?? []]);
  const now = clock();
  return [...inForce.exemptions, ...held.map(({ exemption }) => exemption)].filter((one) => isLive(one, now));
}
