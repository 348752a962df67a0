import { createHash } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type HostChild, hostOf } from '../../../shared/compose/container/host-child.ts';
import { startLocal } from '../../../shared/compose/container/local.ts';
import { localEnvironment } from '../../../shared/compose/container/local-environment.ts';
import { load } from '../../../shared/config/settings.ts';
import type { HostCommand, HostReport } from '../../../shared/local/host-process.ts';
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

describe('local mode that cannot start', () => {
  const options = { port: 0, auth: true, now: new Date('2026-09-01T12:00:00.000Z') };

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
