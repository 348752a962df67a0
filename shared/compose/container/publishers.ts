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

/** Health and metrics are requested every few seconds; the records of thousands of clusters are not read again each time. */
const HELD_MS = 60_000;

/** Stores that publishers use. */
interface Kept extends StandingSources {
  readonly audits: Pick<AuditStore, 'list'>;
  readonly bundles: Pick<BundleStore, 'head'>;
}

/** Every service that results can be published to, also when it is off, so that what is still published stays known. */
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

/** Caches an answer for a minute; a failure is not cached. */
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
