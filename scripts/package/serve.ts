import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startFunctionsHost } from '../../shared/local/functions-host/start.ts';

/**
 * Serves an unpacked package with the local functions host and reports what its liveness answers. No
 * storage is there: the queue triggers wait, which this check does not test.
 */
const folder = process.argv[2] ?? '';
const NOWHERE = 'DefaultEndpointsProtocol=http;AccountName=x;AccountKey=eA==;QueueEndpoint=http://127.0.0.1:9/x;';

const host = await startFunctionsHost({
  root: folder,
  files: globSync('dist/functions/*.js', { cwd: folder }).map((file) => join(folder, file)),
  port: 0,
  settings: { AzureWebJobsStorage: NOWHERE, KATAUDIT_SCHEDULE: '0 0 0 1 1 *' },
  hostJson: JSON.parse(readFileSync(join(folder, 'host.json'), 'utf8')),
  keys: 'no-auth',
  log: () => undefined,
});
const answer = await fetch(new URL('/api/health', host.url));
const report = { triggers: host.functions.map(({ trigger }) => trigger), status: answer.status, body: await answer.json() };
process.stdout.write(JSON.stringify(report), () => process.exit(0));
