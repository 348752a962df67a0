import { fork } from 'node:child_process';
import { globSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROUTE_NAMES } from '../../../shared/http/access/route-table.ts';
import type { HostCommand, HostReport } from '../../../shared/local/host-process.ts';
import { type BuiltApp, buildApp } from '../../support/built-app.ts';

let built: BuiltApp;

beforeAll(async () => {
  built = await buildApp();
}, 120_000);
afterAll(() => built?.remove());

/** Port 0 and no storage: everything that needs neither must work. */
const ENVIRONMENT = {
  LOCAL_PORT: '0',
  KATAUDIT_SCHEDULE: '0 0 0 1 1 *',
  AzureWebJobsStorage: 'DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;QueueEndpoint=http://127.0.0.1:1/a;',
};

function start(environment: NodeJS.ProcessEnv) {
  const child = fork(join(built.folder, 'dist/shared/local/host-process.js'), { env: environment, stdio: 'pipe', execArgv: [] });
  const ended = new Promise((done) => child.once('exit', done));
  const report = new Promise<HostReport>((done, fail) => {
    child.once('message', (said: HostReport) => done(said));
    child.once('exit', () => fail(new Error('The host ended before it said anything.')));
  });
  const stop = async () => {
    child.send({ command: 'stop' } satisfies HostCommand);
    await ended;
  };
  return { report, stop };
}

describe('the built app', () => {
  it('is loaded by the host, every file of functions/', async () => {
    const host = start(ENVIRONMENT);
    const said = await host.report;
    if (said.report !== 'ready') throw new Error(JSON.stringify(said));
    const files = globSync('*.ts', { cwd: resolve(import.meta.dirname, '../../../functions') });
    const names = files.filter((file) => !/\.(?:setup|hook|http)\.ts$/.test(file)).map((file) => file.split('.')[0]);

    expect(said.functions).toEqual(expect.arrayContaining([...names, ...ROUTE_NAMES]));
    expect(built.functionFiles).toHaveLength(files.length);
    expect((await fetch(`${said.url}/api/health`)).status).toBe(200);
    await host.stop();
  });

  it('starts without a setting that the binding of a timer names, like the real host', async () => {
    const { KATAUDIT_SCHEDULE: _, ...rest } = ENVIRONMENT;
    const host = start(rest);

    expect(await host.report).toMatchObject({ report: 'ready' });
    await host.stop();
  });
});
