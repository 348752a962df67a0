import { afterEach, describe, expect, it } from 'vitest';
import type { HostOptions } from '../../../shared/local/functions-host/start.ts';
import { KEYS, startFixtures, type TestHost } from './support.ts';

const hosts: TestHost[] = [];
afterEach(async () => {
  for (const host of hosts.splice(0)) await host.stop();
});

async function start(names: readonly string[], options: Partial<HostOptions> = {}): Promise<TestHost> {
  const host = await startFixtures(names, options);
  hosts.push(host);
  return host;
}

describe('a function that cannot run is refused with one sentence that names it', () => {
  it.each([
    ['a file that throws', ['broken'], {}, 'fixtures/broken.ts cannot be loaded: nothing works'],
    ['a missing file', ['none'], {}, /^fixtures\/none\.ts cannot be loaded: /],
    ['no file', [], {}, /^There is no function file in .+\.$/],
    [
      'two functions with one name',
      ['echo', 'second-echo'],
      {},
      /^Two files register a function named echo; the second is .*second-echo\.ts\.$/,
    ],
    [
      'a missing queue name',
      ['work'],
      { settings: { WorkStorage: 'x' } },
      'The function work needs the setting WORK_QUEUE, which is not set.',
    ],
    [
      'an invalid connection string',
      ['work'],
      { settings: { WORK_QUEUE: 'work', WorkStorage: 'hunter2' } },
      'The function work needs a connection string of Azure Storage in the setting WorkStorage.',
    ],
    ['an unsupported trigger', ['blob'], {}, 'The function on-blob has a blobTrigger, which is not served locally.'],
    ['an unsupported output', ['with-output'], {}, 'The function writes has a binding of type queue, which is not served locally.'],
    ['an unsupported route', ['odd-route'], {}, 'The function odd has the route constraint regex(^x$), which is not served locally.'],
    [
      'host.json',
      ['echo'],
      { hostJson: { extensions: { queues: { batchSize: 33 } } } },
      /^host\.json cannot be used:\n {2}extensions\.queues\.batchSize: /,
    ],
  ])('%s', async (_what, names, options, message) => {
    await expect(start(names, options)).rejects.toThrow(message);
  });

  it('a port in use', async () => {
    const { url } = await start(['echo']);
    const port = Number(new URL(url).port);

    await expect(start(['echo'], { port })).rejects.toThrow(new RegExp(`^Port ${port} cannot be used: .*EADDRINUSE`));
  });
});

describe('a host', () => {
  it('names its functions and their triggers', async () => {
    const { functions } = await start(['tick', 'echo'], { settings: { TICK_SCHEDULE: '0 0 0 1 1 *' } });

    expect(functions).toEqual(
      expect.arrayContaining([
        { name: 'tick', trigger: 'timerTrigger' },
        { name: 'echo', trigger: 'httpTrigger' },
      ]),
    );
  });

  it('runs together with another one for the same files', async () => {
    const [one, two] = [await start(['echo']), await start(['echo'])];

    for (const { url } of [one, two]) {
      expect((await fetch(`${url}/api/echo`, { headers: { 'x-functions-key': KEYS.function } })).status).toBe(200);
    }
  });
});

describe('the host’s own paths', () => {
  it.each([
    ['/admin/host/status', {}, 401],
    ['/admin/host/status', { 'x-functions-key': KEYS.function }, 403],
    ['/admin/host/status', { 'x-functions-key': KEYS.master }, 200],
    ['/', {}, 200],
  ])('%s with %o answers %i', async (path, headers, status) => {
    const { url } = await start(['echo']);
    expect((await fetch(`${url}${path}`, { headers })).status).toBe(status);
  });
});

describe('timers', () => {
  // Observed with the real host: only this function is in error and never runs, and only its status and the log show it.
  it.each([
    ['0 0 6 * * 7', /was not recognized as a valid cron expression/],
    ['0 0 0 L * *', /was not recognized as a valid cron expression/],
    ['', /the setting TICK_SCHEDULE is not set/],
  ])('with the schedule %j are the only ones in error', async (schedule, reason) => {
    const host = await start(['tick', 'echo'], { settings: { TICK_SCHEDULE: schedule } });
    const status = async (name: string) =>
      (await fetch(`${host.url}/admin/functions/${name}/status`, { headers: { 'x-functions-key': KEYS.master } })).json();

    expect(await host.line('error tick')).toMatch(reason);
    expect(await status('tick')).toEqual({ errors: [expect.stringMatching(reason)] });
    expect(await status('tock')).toEqual({});
    await expect(host.runTimer('tick')).rejects.toThrow(reason);
    await expect(host.runTimer('tock')).rejects.toThrow('tock is broken');
  });

  it.each(['* * * * *', '00:30:00'])("accept %s, which the app's settings refuse", async (schedule) => {
    const host = await start(['tick'], { settings: { TICK_SCHEDULE: schedule } });
    await host.runTimer('tick');
    expect(host.lines.filter((line) => line.startsWith('error'))).toEqual([]);
  });

  it('run on their schedule', async () => {
    const host = await start(['tick'], { settings: { TICK_SCHEDULE: '* * * * * *' } });

    expect(await host.line('ticked', 2)).toBe(
      'information tick: ticked {"schedule":{"adjustForDST":true},"scheduleStatus":null,"isPastDue":false}',
    );
  });

  it('run on request, and reject with their error', async () => {
    const host = await start(['tick'], { settings: { TICK_SCHEDULE: '0 0 0 1 1 *' } });
    await host.runTimer('tick');

    expect(host.lines.filter((line) => line.includes('ticked'))).toHaveLength(1);
    await expect(host.runTimer('tock')).rejects.toThrow('tock is broken');
    await expect(host.runTimer('none')).rejects.toThrow('There is no timer none; the timers are tick, tock.');
  });

  it('are run by POST /admin/functions/{name} with the master key', async () => {
    const host = await start(['tick'], { settings: { TICK_SCHEDULE: '0 0 0 1 1 *' } });
    const post = async (name: string, key: string, method = 'POST') =>
      (await fetch(`${host.url}/admin/functions/${name}`, { method, headers: { 'x-functions-key': key } })).status;

    expect(await post('tick', KEYS.function)).toBe(403);
    expect(await post('tick', 'wrong')).toBe(401);
    expect(host.lines).toEqual([]);
    expect(await post('Tick', KEYS.master)).toBe(202);
    await host.line('ticked');
    expect(await post('tock', KEYS.master)).toBe(202);
    expect(await host.line('tock is broken')).toMatch(/^error tock: /);
    expect(await post('none', KEYS.master)).toBe(404);
    expect(await post('tick', KEYS.master, 'GET')).toBe(404);
  });
});
