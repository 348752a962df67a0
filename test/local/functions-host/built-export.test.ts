import { fork } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Azurite, startAzurite } from '../../../shared/local/azurite.ts';
import type { HostReport } from '../../../shared/local/host-process.ts';
import { createStorage } from '../../../shared/storage/storage.ts';
import { aFinding, aSummary, clusterIdOf, SUBSCRIPTION } from '../../http/estate.ts';
import { digestOf, OPERATOR_KEY } from '../../support/access.ts';
import { type BuiltApp, buildApp } from '../../support/built-app.ts';
import { type HoldingProxy, startHoldingProxy } from '../../support/holding-proxy.ts';

/** Three pages of the store. */
const FINDINGS = 2_500;

let built: BuiltApp;
let azurite: Azurite;
let proxy: HoldingProxy;

beforeAll(async () => {
  [built, azurite] = await Promise.all([buildApp(), startAzurite()]);
  proxy = await startHoldingProxy(azurite.connectionString);
  const storage = createStorage({ connectionString: azurite.connectionString });
  await storage.ensure();
  const clusterId = clusterIdOf('prod');
  const findings = Array.from({ length: FINDINGS }, (_, index) =>
    aFinding({ clusterName: 'prod', subject: { kind: 'node', name: `n${index}` } }),
  );
  const basedOn = await storage.findings.ofCluster(clusterId);
  await storage.findings.write({ clusterId, findings, history: [], summary: aSummary('prod', findings), basedOn });
}, 120_000);
afterAll(async () => {
  await proxy?.stop();
  await azurite?.stop();
  await built?.remove();
});

async function startHost() {
  const child = fork(join(built.folder, 'dist/shared/local/host-process.js'), {
    env: {
      LOCAL_PORT: '0',
      LOCAL_KEY: OPERATOR_KEY,
      KATAUDIT_OPERATOR_KEYS: digestOf(OPERATOR_KEY),
      KATAUDIT_SCHEDULE: '0 0 0 1 1 *',
      KATAUDIT_SUBSCRIPTIONS: SUBSCRIPTION,
      KATAUDIT_ACCESS_TOKEN: 'token',
      AzureWebJobsStorage: proxy.connectionString,
    },
    stdio: 'pipe',
    execArgv: [],
  });
  const ended = new Promise((done) => child.once('exit', done));
  const said = await new Promise<HostReport>((done) => child.once('message', done));
  const url = said.report === 'ready' ? said.url : expect.unreachable();
  return {
    url,
    stop: async () => {
      child.send({ command: 'stop' });
      await ended;
    },
  };
}

describe('an export of the built app', () => {
  it('sends its beginning before its end is read from storage', async () => {
    const host = await startHost();
    const get = () =>
      fetch(`${host.url}/api/exports/json`, { headers: { 'x-functions-key': OPERATOR_KEY }, signal: AbortSignal.timeout(30_000) });
    // Once to read what is read only once, and once to count what each export reads.
    await (await get()).text();
    proxy.hold(Number.POSITIVE_INFINITY);
    const whole = await (await get()).text();

    proxy.hold(proxy.count());
    const reader = ((await get()).body ?? expect.unreachable()).pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    text += (await reader.read()).value;
    expect(text).toMatch(/^\{/);
    expect(text.length).toBeLessThan(whole.length / 2);
    proxy.release();
    for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value;

    expect(text).toBe(whole);
    expect(text.trimEnd().split('\n')).toHaveLength(FINDINGS);
    await host.stop();
  });
});
