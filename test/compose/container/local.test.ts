import { createHash } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type HostChild, hostOf } from '../../../shared/compose/container/host-child.ts';
import { type LocalStarters, startLocal } from '../../../shared/compose/container/local.ts';
import { localEnvironment } from '../../../shared/compose/container/local-environment.ts';
import { load } from '../../../shared/config/settings.ts';
import { Faults } from '../../../shared/local/estate/server/fault-injection.ts';
import type { HostCommand, HostReport } from '../../../shared/local/host-process.ts';
import { createStorage } from '../../../shared/storage/storage.ts';
import { smallEstate } from '../../faults/small-estate.ts';

const estate = smallEstate();
const PARTS = {
  port: 7071,
  auth: true,
  running: { estate, armEndpoint: 'https://127.0.0.1:1', token: 'token' },
  connectionString: 'UseDevelopmentStorage=true',
  caFile: '/ca.pem',
  key: 'key',
} as const;

describe('the environment of a local app', () => {
  it('has the addresses of the simulated estate, and is accepted by the app', () => {
    const environment = localEnvironment(PARTS, {});
    expect(environment).toEqual({
      KATAUDIT_SCHEDULE: '0 0 */6 * * *',
      KATAUDIT_SETTLE_SECONDS: '1',
      KATAUDIT_JITTER_SECONDS: '0',
      KATAUDIT_SUBSCRIPTIONS: estate.subscriptions.map(({ id }) => id).join(','),
      KATAUDIT_ARM_ENDPOINT: 'https://127.0.0.1:1',
      KATAUDIT_ACCESS_TOKEN: 'token',
      AzureWebJobsStorage: 'UseDevelopmentStorage=true',
      NODE_EXTRA_CA_CERTS: '/ca.pem',
      LOCAL_PORT: '7071',
      KATAUDIT_OPERATOR_KEYS: createHash('sha256').update('key').digest('hex'),
      KATAUDIT_PUBLIC_URL: 'http://127.0.0.1:7071',
      LOCAL_KEY: 'key',
    });
    expect(load(environment).KATAUDIT_SUBSCRIPTIONS).toHaveLength(estate.subscriptions.length);
  });

  it.each<[string, Readonly<Record<string, string>>, Readonly<Record<string, string>>, object]>([
    ['what has nothing to do with the app', { PATH: '/bin' }, {}, { PATH: '/bin' }],
    [
      'a setting that a user may give',
      { KATAUDIT_PROBE: 'exec', KATAUDIT_SCHEDULE: '0 0 0 * * *' },
      {},
      { KATAUDIT_PROBE: 'exec', KATAUDIT_SCHEDULE: '0 0 0 * * *' },
    ],
    [
      'the setting of a test, before that of a user',
      { KATAUDIT_PROBE: 'exec' },
      { KATAUDIT_PROBE: 'canary' },
      { KATAUDIT_PROBE: 'canary' },
    ],
    [
      'the address of the simulated Azure, before any other',
      {},
      { KATAUDIT_ARM_ENDPOINT: 'https://real' },
      { KATAUDIT_ARM_ENDPOINT: 'https://127.0.0.1:1' },
    ],
  ])('takes %s', (_, given, settings, expected) => {
    expect(localEnvironment({ ...PARTS, settings }, given)).toMatchObject(expected);
  });

  it('takes no setting of a real app over, and asks for no key where none is wanted', () => {
    const given = { KATAUDIT_ACCESS_TOKEN: 'real', KATAUDIT_SIGN_IN: 'required', AzureWebJobsStorage: 'real', LOCAL_PORT: '1' };
    expect(localEnvironment(PARTS, given)).toEqual(localEnvironment(PARTS, {}));
    expect(localEnvironment({ ...PARTS, auth: false }, {})).toEqual({ ...localEnvironment(PARTS, {}), LOCAL_NO_AUTH: '1' });
  });
});

/** A child process that does what the test says. */
class FakeChild extends EventEmitter implements HostChild {
  readonly pid = 4711;
  exitCode: number | null = null;
  signalCode: NodeJS.Signals | null = null;
  connected = true;
  readonly commands: (HostCommand | string)[] = [];

  send(command: HostCommand, sent: () => void): boolean {
    this.commands.push(command);
    sent();
    return true;
  }

  kill(signal?: NodeJS.Signals | number): boolean {
    this.commands.push(String(signal));
    this.end(1);
    return true;
  }

  says(report: HostReport): void {
    this.emit('message', report);
  }

  end(code = 0): void {
    this.exitCode = code;
    this.emit('exit', code);
  }
}

const READY = { report: 'ready', url: 'http://127.0.0.1:7071', functions: [] } as const;
const STOP = { command: 'stop' } as const;

async function aHost(stopMs?: number) {
  const child = new FakeChild();
  const starting = hostOf(child, stopMs);
  child.says({ report: 'timer-ran', name: 'other' });
  child.says(READY);
  return { child, host: await starting };
}

describe('the functions host of local mode', () => {
  it('is there once it says that it is ready', async () => {
    const { host } = await aHost();
    expect(host).toMatchObject({ url: READY.url, pid: 4711 });
  });

  it('that cannot start is stopped, and its reason is reported', async () => {
    const child = new FakeChild();
    const starting = hostOf(child);
    child.says({ report: 'failed', message: 'Port 7071 is taken.' });
    await Promise.resolve();
    setImmediate(() => child.end());
    await expect(starting).rejects.toThrow('Port 7071 is taken.');
    expect([child.commands, child.exitCode]).toEqual([[STOP], 0]);
  });

  it('that ends before it is ready fails the start at once', async () => {
    const child = new FakeChild();
    const starting = hostOf(child);
    child.end(1);
    await expect(starting).rejects.toThrow('ended unexpectedly');
    expect(child.commands).toEqual([]);
  });

  it('runs a timer until that one has run', async () => {
    const { child, host } = await aHost();
    const states: string[] = [];
    const running = host.runTimer('plan-audit').then(() => states.push('ran'));
    expect(child.commands).toEqual([{ command: 'run-timer', name: 'plan-audit' }]);
    child.says({ report: 'timer-ran', name: 'other' });
    await new Promise(setImmediate);
    expect(states).toEqual([]);
    child.says({ report: 'timer-ran', name: 'plan-audit' });
    await running;
    expect(child.listenerCount('message')).toBe(0);

    const failing = host.runTimer('plan-audit');
    child.says({ report: 'failed', message: 'No timer.' });
    await expect(failing).rejects.toThrow('No timer.');
  });

  it('that ends by itself fails what waits for it, and one that is stopped does not', async () => {
    const dying = await aHost();
    const running = dying.host.runTimer('plan-audit');
    dying.child.end(1);
    await expect(running).rejects.toThrow('ended unexpectedly');
    await expect(dying.host.failure).rejects.toThrow('ended unexpectedly');
    await dying.host.stop();
    expect(dying.child.commands).not.toContainEqual(STOP);

    const { child, host } = await aHost();
    const failed: unknown[] = [];
    host.failure.catch((error: unknown) => failed.push(error));
    const stopping = host.stop();
    child.end();
    await stopping;
    await host.stop();
    expect([child.commands, failed]).toEqual([[STOP], []]);
  });

  it('that a signal has ended is asked for nothing more', async () => {
    const { child, host } = await aHost();
    child.signalCode = 'SIGKILL';
    child.emit('exit', null);
    await host.stop();
    expect(child.commands).toEqual([]);
  });

  it('that ends on request is not killed afterwards', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const { child, host } = await aHost();
    const before = timers();
    const stopping = host.stop();
    expect(timers()).toBe(before + 1);
    child.end();
    await stopping;
    expect(timers()).toBe(before);
  });

  it('that does not end on request is killed, as is one that cannot receive the request', async () => {
    for (const connected of [true, false]) {
      const { child, host } = await aHost(1);
      child.connected = connected;
      await host.stop();
      expect(child.commands).toEqual(connected ? [STOP, 'SIGKILL'] : ['SIGKILL']);
    }
  });
});

const options = { port: 0, auth: true, now: new Date('2026-09-01T12:00:00.000Z') };

describe('local mode', () => {
  /** Parts that only note what happens to them. */
  function someParts({ problem, hostFails = false }: { problem?: string; hostFails?: boolean } = {}) {
    const log: string[] = [];
    const note = async (line: string) => void log.push(line);
    const [azuriteEnded, hostEnded] = [Promise.withResolvers<void>(), Promise.withResolvers<never>()];
    const endpoints = ['Blob', 'Queue', 'Table'].map((service, at) => `${service}Endpoint=http://127.0.0.1:${at + 1}/a;`);
    const connectionString = `DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;${endpoints.join('')}`;
    let environment: NodeJS.ProcessEnv = {};
    const starters: LocalStarters = {
      azurite: async ({ location } = {}) => {
        await note(`azurite in ${location ?? 'memory'}`);
        const stop = () => note('azurite ends');
        return { connectionString, exited: azuriteEnded.promise, problem: () => problem, pid: 1, requests: () => 7, stop };
      },
      storage: () => ({ ...createStorage({ connectionString }), ensure: () => note('storage is prepared') }),
      estate: async (of) => {
        await note('estate');
        const stop = () => note('estate ends');
        const empty = { requests: [], faults: new Faults(), told: new Map(), budgetOverruns: 0, setEstate: async () => undefined };
        return { ...empty, armEndpoint: 'https://arm', caPem: 'CA', token: 't', estate: of, kubeconfigFor: (name) => `of ${name}`, stop };
      },
      host: async (env) => {
        environment = env;
        await note('host');
        if (hostFails) throw new Error('The host does not start.');
        const stop = () => note('host ends');
        return { url: 'http://host', pid: 2, failure: hostEnded.promise, stop, runTimer: (name) => note(`runs ${name}`) };
      },
    };
    return { log, starters, azuriteEnded, hostEnded, environment: () => environment };
  }

  it('starts its parts in order, says where they are, and ends them the other way round', async () => {
    const { log, starters, environment } = someParts();
    const local = await startLocal({ ...options, estate }, starters);
    expect(log).toEqual(['azurite in memory', 'storage is prepared', 'estate', 'host']);
    expect(local).toMatchObject({
      apiUrl: 'http://host/api',
      key: environment().LOCAL_KEY,
      hostPid: 2,
      ports: { 'Azure Resource Manager (simulated)': 'https://arm', storage: 'http://127.0.0.1:1 http://127.0.0.1:2 http://127.0.0.1:3' },
    });
    expect(Buffer.from(String(local.key), 'base64url')).toHaveLength(32);
    const caFile = join(local.kubeconfigFolder, 'ca.pem');
    expect([environment().NODE_EXTRA_CA_CERTS, existsSync(caFile), local.storageRequests()]).toEqual([caFile, true, 7]);
    await local.runAudit();
    await local.runTimer('prune');
    await local.stop();
    expect(log.splice(4)).toEqual(['runs plan-audit', 'runs prune', 'host ends', 'estate ends', 'azurite ends']);
    expect(existsSync(local.kubeconfigFolder)).toBe(false);
  });

  it('has no key where none is asked for, and keeps its state in a folder of its own', async () => {
    const { log, starters } = someParts();
    const above = await mkdtemp(join(tmpdir(), 'local-'));
    const dataFolder = join(above, 'of', 'mine');
    const local = await startLocal({ ...options, auth: false, estate, dataFolder }, starters);
    expect([local.key, log[0], existsSync(dataFolder)]).toEqual([undefined, `azurite in ${dataFolder}`, true]);
    await local.stop();
    await rm(above, { recursive: true });
  });

  it('starts nothing in a folder that cannot be made', async () => {
    const { log, starters } = someParts();
    const dataFolder = join(import.meta.filename, 'below');
    await expect(startLocal({ ...options, estate, dataFolder }, starters)).rejects.toThrow('ENOTDIR');
    expect(log).toEqual([]);
  });

  it('ends what it has started when a part does not start', async () => {
    const { log, starters } = someParts({ hostFails: true });
    await expect(startLocal({ ...options, estate }, starters)).rejects.toThrow('The host does not start.');
    expect(log.slice(4)).toEqual(['estate ends', 'azurite ends']);
  });

  it('says when its state could not be saved: at its end, and while it runs', async () => {
    const { log, starters, azuriteEnded } = someParts({ problem: 'The disk is full.' });
    const local = await startLocal({ ...options, estate }, starters);
    azuriteEnded.resolve();
    await expect(local.failure).rejects.toThrow('The disk is full.');
    await expect(local.stop()).rejects.toThrow('The disk is full.');
    expect(log.slice(4)).toEqual(['host ends', 'estate ends', 'azurite ends']);
  });

  it.each([
    ['its storage', 'Azurite (the local storage) ended unexpectedly.'],
    ['its host', 'The host ended.'],
  ])('fails when %s ends by itself', async (part, message) => {
    const { starters, azuriteEnded, hostEnded } = someParts();
    const local = await startLocal({ ...options, estate }, starters);
    if (part === 'its storage') azuriteEnded.resolve();
    else hostEnded.reject(new Error('The host ended.'));
    await expect(local.failure).rejects.toThrow(message);
    await local.stop();
  });
});

describe('local mode that cannot start', () => {
  it('says that its port is taken', async () => {
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : expect.unreachable();
    await expect(startLocal({ ...options, port, estate })).rejects.toThrow(`Port ${port} is taken`);
    await new Promise((done) => server.close(done));
  });

  it('says what is wrong with the file of its estate', async () => {
    await expect(startLocal({ ...options, estateFile: '/no/such/estate.json' })).rejects.toThrow(/estate cannot be read: ENOENT/);
    const folder = await mkdtemp(join(tmpdir(), 'estate-'));
    const estateFile = join(folder, 'estate.json');
    await writeFile(estateFile, '{');
    await expect(startLocal({ ...options, estateFile })).rejects.toThrow(`${estateFile} is not JSON`);
    await rm(folder, { recursive: true });
  });

  it('starts nothing once it was ended', async () => {
    const abortSignal = AbortSignal.abort(new Error('ended'));
    await expect(startLocal({ ...options, estate, abortSignal })).rejects.toThrow('ended');
  });
});
