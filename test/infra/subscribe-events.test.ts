import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const SCRIPT = resolve(import.meta.dirname, '../../infra/subscribe-events.sh');
const VALUES = {
  AZURE_ENV_NAME: 'prod',
  AZURE_LOCATION: 'westeurope',
  AZURE_RESOURCE_GROUP: 'rg-prod',
  SERVICE_API_NAME: 'func-x',
  KATAUDIT_STORAGE_ACCOUNT: 'stx',
  KATAUDIT_EVENT_IDENTITY_ID: '/subscriptions/home/identity',
  KATAUDIT_AUDITED_SUBSCRIPTIONS: 'one,two',
};

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kataudit-az-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** An `az` that writes down what it is asked, one line a call, and answers as the real one does. */
function fakeAz(
  deployment = 'exit 0',
  show = 'echo /subscriptions/home/resourceGroups/rg-prod/providers/Microsoft.Web/sites/func-x',
): void {
  const script = `#!/bin/sh
printf '%s|' "$@" >> '${folder}/calls'; echo >> '${folder}/calls'
case "$1" in functionapp) ${show};; *) ${deployment};; esac
`;
  writeFileSync(join(folder, 'az'), script);
  chmodSync(join(folder, 'az'), 0o755);
}

function run(values: Readonly<Record<string, string>>): Promise<{ readonly code: number; readonly calls: readonly (readonly string[])[] }> {
  return new Promise((done) => {
    const child = execFile('sh', [SCRIPT], { env: { ...values, PATH: `${folder}:${process.env.PATH}` } }, () => {
      const calls = readFileSync(join(folder, 'calls'), { encoding: 'utf8', flag: 'a+' });
      done({
        code: child.exitCode ?? -1,
        calls: calls
          .split('\n')
          .filter(Boolean)
          .map((line) => line.split('|').slice(0, -1)),
      });
    });
  });
}

describe.skipIf(process.platform === 'win32')('infra/subscribe-events.sh', () => {
  it('deploys the events of each audited subscription in it, to the one app', async () => {
    fakeAz();
    const { code, calls } = await run({ ...VALUES, KATAUDIT_EVENT_CLUSTERS: '/subscriptions/one/c' });

    expect(code).toBe(0);
    expect(calls.map(([group]) => group)).toEqual(['functionapp', 'deployment', 'deployment']);
    expect(calls.slice(1).map((call) => call[call.indexOf('--subscription') + 1])).toEqual(['one', 'two']);
    expect(calls[1]).toEqual(
      expect.arrayContaining([
        'appSubscriptionId=home',
        'appResourceGroup=rg-prod',
        'functionAppName=func-x',
        'storageAccountName=stx',
        'eventIdentityId=/subscriptions/home/identity',
        'clusters=/subscriptions/one/c',
        'existingTopicName=',
      ]),
    );
    expect(calls[1]?.find((word) => word.endsWith('.bicep'))).toBe(join(SCRIPT, '../events.bicep'));
  });

  it('fails at the first subscription that fails', async () => {
    fakeAz('exit 3');
    const { code, calls } = await run(VALUES);
    expect(code).toBe(3);
    expect(calls.filter(([group]) => group === 'deployment')).toHaveLength(1);
  });

  it('fails, and deploys nothing, when the app cannot be found', async () => {
    fakeAz('exit 0', 'exit 4');
    const { code, calls } = await run(VALUES);
    expect(code).toBe(4);
    expect(calls).toHaveLength(1);
  });

  it('deploys nothing where only management groups are audited', async () => {
    fakeAz();
    const { code, calls } = await run({ ...VALUES, KATAUDIT_AUDITED_SUBSCRIPTIONS: '' });
    expect(code).toBe(0);
    expect(calls).toHaveLength(1);
  });

  it.each(Object.keys(VALUES))('fails, and deploys nothing, without %s', async (name) => {
    fakeAz();
    const { code, calls } = await run(Object.fromEntries(Object.entries(VALUES).filter(([other]) => other !== name)));
    expect(code).not.toBe(0);
    expect(calls.filter(([group]) => group === 'deployment')).toEqual([]);
  });
});
