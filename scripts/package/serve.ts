import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startFunctionsHost } from '../../shared/local/functions-host/start.ts';

/**
 * Serves an unpacked package with the local functions host and reports the answer of its liveness route. There is no storage, so
 * queue triggers only wait; this check does not test them.
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
