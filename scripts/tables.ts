import { parseArgs } from 'node:util';
import { TableClient, TableServiceClient } from '@azure/data-tables';
import { DefaultAzureCredential } from '@azure/identity';
import { backUp, restore, type Tables } from './tables/backup.ts';

const USAGE = 'Usage: npm run tables -- backup|restore --account NAME --folder FOLDER [--suffix core.windows.net]';

/** Backs up or restores the tables of a storage account, as the signed-in person. */
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { account: { type: 'string' }, folder: { type: 'string' }, suffix: { type: 'string', default: 'core.windows.net' } },
});
const [command] = positionals;
const { account, folder, suffix } = values;

if (account === undefined || folder === undefined || (command !== 'backup' && command !== 'restore')) {
  console.error(USAGE);
  process.exitCode = 2;
} else {
  const counts = await (command === 'backup' ? backUp : restore)(tables(account, suffix), folder);
  for (const [name, count] of Object.entries(counts)) console.log(`${name}: ${count} rows`);
}

function tables(name: string, domain: string): Tables {
  const url = `https://${name}.table.${domain}`;
  const credential = new DefaultAzureCredential();
  return { service: new TableServiceClient(url, credential), table: (table) => new TableClient(url, table, credential) };
}
