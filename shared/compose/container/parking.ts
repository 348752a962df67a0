import { load } from '../../config/settings.ts';
import type { ParkMessage } from '../../usecases/park-message.ts';
import { openedOnce } from './opened-once.ts';
import { storageAccountOf } from './storage-account.ts';

/** The settings of the storage account and of its identity. */
const STORAGE_SETTINGS = /^(?:AzureWebJobsStorage|AZURE_CLIENT_ID$)/;

const parking = openedOnce(() => openParking(process.env));

/**
 * The dependencies of parking, opened on first use from the storage settings alone, so that a message that
 * fails because another setting is wrong is still parked.
 */
export function getParking(): Promise<ParkMessage> {
  return parking.get();
}

/** The dependencies of parking from an environment; sends no request. */
export async function openParking(environment: Readonly<Record<string, string | undefined>>): Promise<ParkMessage> {
  const settings = load(Object.fromEntries(Object.entries(environment).filter(([name]) => STORAGE_SETTINGS.test(name))));
  const [{ createStorage }, { azureCredential }] = await Promise.all([
    import('../../storage/storage.ts'),
    import('../../azure/client/credential.ts'),
  ]);
  const { parked } = createStorage(storageAccountOf(settings, await azureCredential(settings.AZURE_CLIENT_ID)));
  return { parked, clock: () => new Date() };
}
