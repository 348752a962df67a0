import type { AzureOptions } from '../../azure/client/options.ts';
import { publicUrl, type Settings } from '../../config/settings.ts';
import { given } from '../../domain/snapshot/given.ts';
import type { AuditStore } from '../../ports/audit-store.ts';
import type { BundleStore } from '../../ports/bundle-store.ts';
import type { Clock } from '../../ports/clock.ts';
import { attestationPublisher } from '../../usecases/publish/attestation-publisher.ts';
import { defenderPublisher } from '../../usecases/publish/defender-publisher.ts';
import type { StandingSources } from '../../usecases/publish/known-cluster.ts';
import type { Publisher } from '../../usecases/publish/publisher.ts';

/** Health and metrics are asked for every few seconds; what thousands of clusters were told is not read again for each. */
const HELD_MS = 60_000;

/** Where the app keeps what is told. */
interface Kept extends StandingSources {
  readonly audits: Pick<AuditStore, 'list'>;
  readonly bundles: Pick<BundleStore, 'head'>;
}

/** Every service that can be told of the estate, also where it is off: what was left behind is then still known. */
export async function publishersOf(settings: Settings, kept: Kept, azure: AzureOptions): Promise<readonly Publisher[]> {
  const [{ defenderOf }, { attestationsOf }] = await Promise.all([
    import('../../azure/publish/defender.ts'),
    import('../../azure/publish/attestations.ts'),
  ]);
  const sources = { ...kept, ...given({ publicUrl: publicUrl(settings) }) };
  return [
    defenderPublisher({ ...sources, mode: settings.KATAUDIT_DEFENDER, defender: defenderOf(azure) }),
    attestationPublisher({
      ...sources,
      mode: settings.KATAUDIT_ATTESTATIONS,
      attestations: attestationsOf(azure),
      signs: settings.KATAUDIT_SIGNING_KEY !== undefined,
      assignment: settings.KATAUDIT_POLICY_ASSIGNMENT ?? '',
      schedule: settings.KATAUDIT_SCHEDULE,
    }),
  ];
}

/** The same answer for a minute; a failure is not kept. */
export function heldFor<T>(clock: Clock, read: () => Promise<T>): () => Promise<T> {
  let held: { readonly at: number; readonly value: T } | undefined;
  return async () => {
    const now = clock().getTime();
    if (held !== undefined && now >= held.at && now < held.at + HELD_MS) return held.value;
    const value = await read();
    held = { at: now, value };
    return value;
  };
}
