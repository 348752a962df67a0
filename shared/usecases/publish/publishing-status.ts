import { given } from '../../domain/snapshot/given.ts';
import type { PublicationStore, Published } from '../../ports/publication-store.ts';
import type { ServiceStatus } from '../../ports/service-status.ts';
import type { Publisher } from './publisher.ts';

/** Returns the state of each service that is on, and of each that is off and still has published items. */
export async function publishingStatus(
  publishers: readonly Publisher[],
  publications: Pick<PublicationStore, 'list'>,
): Promise<readonly ServiceStatus[]> {
  const all = await Promise.all(publishers.map(async (publisher) => statusOf(publisher, await publications.list(publisher.service))));
  return all.filter(({ mode, leftBehind }) => mode !== 'off' || leftBehind > 0);
}

function statusOf({ service, mode, blockedBy }: Publisher, records: readonly Published[]): ServiceStatus {
  const failing = records.flatMap(({ problem }) => problem ?? []);
  const lastSuccessAt = records
    .flatMap((one) => one.lastSuccessAt ?? [])
    .sort()
    .at(-1);
  const problem = (mode === 'on' ? blockedBy : undefined) ?? failing[0];
  return {
    service,
    mode,
    ...given({ lastSuccessAt, problem }),
    failures: failing.length,
    leftBehind: records.flatMap(({ items }) => Object.values(items)).filter(({ state }) => mode !== 'on' || state === 'left').length,
  };
}
