import type { TokenCredential } from '@azure/identity';
import type { Settings } from '../../config/settings.ts';
import type { StorageAccount } from '../../storage/storage.ts';

/** `https://NAME.blob.SUFFIX`, as every cloud writes the address of a storage account's blobs. */
const BLOB_ADDRESS = /^([a-z0-9]{3,24})\.blob\.([a-z0-9.-]+)$/;

/**
 * The storage account from the settings that the Functions host also reads: a
 * connection string; a name in the public cloud; an address elsewhere. The host prefers them in this order.
 */
export function storageAccountOf(settings: Settings, credential: TokenCredential): StorageAccount {
  const { AzureWebJobsStorage, AzureWebJobsStorage__accountName, AzureWebJobsStorage__blobServiceUri } = settings;
  if (AzureWebJobsStorage !== undefined) return { connectionString: AzureWebJobsStorage };
  if (AzureWebJobsStorage__accountName !== undefined) return { accountName: AzureWebJobsStorage__accountName, credential };
  const [, accountName, suffix] = BLOB_ADDRESS.exec(URL.parse(AzureWebJobsStorage__blobServiceUri ?? '')?.hostname ?? '') ?? [];
  if (accountName !== undefined && suffix !== undefined) return { accountName, suffix, credential };
  throw new Error(
    'No storage: set AzureWebJobsStorage__accountName (identity), AzureWebJobsStorage__blobServiceUri (identity, other clouds) or AzureWebJobsStorage (connection string).',
  );
}
