import { describe, expect, it } from 'vitest';
import { storageAccountOf } from '../../../shared/compose/container/storage-account.ts';
import { load } from '../../../shared/config/settings.ts';

const credential = { getToken: async () => null };
const accountOf = (environment: Readonly<Record<string, string>>) => storageAccountOf(load(environment), credential);

describe('storageAccountOf', () => {
  it.each([
    [{ AzureWebJobsStorage: 'UseDevelopmentStorage=true' }, { connectionString: 'UseDevelopmentStorage=true' }],
    [{ AzureWebJobsStorage__accountName: 'stx' }, { accountName: 'stx', credential }],
    [
      { AzureWebJobsStorage__blobServiceUri: 'https://stx.blob.core.usgovcloudapi.net/' },
      { accountName: 'stx', suffix: 'core.usgovcloudapi.net', credential },
    ],
    [
      { AzureWebJobsStorage__accountName: 'stx', AzureWebJobsStorage__blobServiceUri: 'https://sty.blob.core.windows.net/' },
      { accountName: 'stx', credential },
    ],
  ])('of %j is the one that the host uses', (environment, expected) => {
    expect(accountOf(environment)).toEqual(expected);
  });

  it.each([
    {},
    { AzureWebJobsStorage__blobServiceUri: 'https://x-stx.blob.core.windows.net/' },
    { AzureWebJobsStorage__blobServiceUri: 'https://storage.example.com/' },
    { AzureWebJobsStorage__blobServiceUri: 'https://st.blob.core.windows.net/' },
    { AzureWebJobsStorage__blobServiceUri: `https://${'s'.repeat(25)}.blob.core.windows.net/` },
    { AzureWebJobsStorage__blobServiceUri: 'https://x.stx.blob.core.windows.net/' },
    { AzureWebJobsStorage__blobServiceUri: 'https://stx.blob.core_x/' },
  ])('of %j is undefined, and the error says what to set', (environment) => {
    expect(() => accountOf(environment)).toThrow(/No storage: set AzureWebJobsStorage__accountName/);
  });
});
