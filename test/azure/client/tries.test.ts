import { createServer } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AzureEstateOptions } from '../../../shared/azure/client/options.ts';
import { createAzureEstate } from '../../../shared/azure/estate/azure-estate.ts';
import { type ArmServer, startArmServer } from '../support/arm-server.ts';
import { reach, sleepingClock } from '../support/reach.ts';
import { aRow, idOf, SUBSCRIPTION } from '../support/rows.ts';

const error = (code: string) => ({ error: { code, message: 'no' } });
const throttled = (seconds: string) => ({ status: 429, headers: { 'retry-after': seconds }, body: error('Throttled') });
const fine = { body: aRow('one') };

let server: ArmServer;
let time: ReturnType<typeof sleepingClock>;
let before = 0;
beforeAll(async () => {
  server = await startArmServer();
});
afterAll(() => server.stop());
beforeEach(() => {
  time = sleepingClock();
  before = server.asked.length;
});

const look = (over: Partial<AzureEstateOptions> = {}, signal = new AbortController().signal) =>
  createAzureEstate(reach(server, { clock: time.clock, sleep: time.sleep, ...over })).getCluster(idOf('one'), signal);
const asked = () => server.asked.length - before;

it('says who asks, and asks for no compressed answer: one that breaks off would never end', async () => {
  server.reply(fine);

  await look();

  expect(server.asked.at(-1)?.headers['user-agent']).toMatch(/^kataudit /);
  expect(server.asked.at(-1)?.headers).not.toHaveProperty('accept-encoding');
});

describe('a call that is throttled', () => {
  it('waits as long as Retry-After says, and then continues', async () => {
    server.reply(throttled('7'), fine);

    await expect(look()).resolves.toMatchObject({ cluster: { name: 'one' } });

    expect(time.slept.reduce((sum, one) => sum + one, 0)).toBe(7_000);
    expect(asked()).toBe(2);
  });

  it('understands Retry-After in seconds and as a date', async () => {
    server.reply({ ...throttled(''), headers: { 'retry-after': new Date(time.clock().getTime() + 9_000).toUTCString() } }, fine);

    await look();

    expect(time.slept).toEqual([9_000]);
  });

  it('is delayed, and not failed, by any number of refusals within its time limit', async () => {
    server.reply(...Array.from({ length: 12 }, () => throttled('5')), fine);

    await expect(look()).resolves.toBeDefined();

    expect(asked()).toBe(13);
  });

  it('still waits when a service says to wait zero seconds', async () => {
    server.reply(...Array.from({ length: 6 }, () => throttled('0')), fine);

    await look();

    const waits = time.slept.filter((one) => one > 0);
    expect(waits.length).toBeGreaterThanOrEqual(5);
    expect(waits.at(-1)).toBeGreaterThan(waits[0] ?? 0);
  });

  it.each([
    ['at the last moment of its time limit', '60', 61_000, 'fine'],
    ['when the wait would exceed its time limit', '60', 60_000, 'throttled'],
  ])('ends %s', async (_, seconds, timeBudgetMs, outcome) => {
    server.reply(throttled(seconds), fine);

    const ended = await look({ timeBudgetMs }).then(
      () => 'fine',
      (fault: { code: string; message: string }) => fault.code,
    );

    expect(ended).toBe(outcome);
  });

  it('says how long Azure asks to wait when that is longer than its time limit', async () => {
    server.reply(throttled('3600'));

    await expect(look()).rejects.toMatchObject({
      code: 'throttled',
      message: expect.stringContaining(' Azure asks to wait 3600 seconds.'),
    });
  });

  it('also makes the other calls of the same budget wait', async () => {
    server.reply(throttled('20'), fine);
    const options = reach(server, { clock: time.clock, sleep: time.sleep });
    const estate = createAzureEstate(options);
    const signal = new AbortController().signal;

    await estate.getCluster(idOf('one'), signal);
    const start = time.clock().getTime();
    await createAzureEstate(options).getCluster(idOf('one'), signal);

    // One per second, and slightly more than half of that once another caller is known to use the same budget.
    expect(time.clock().getTime() - start).toBeGreaterThan(1_000);
    expect(time.clock().getTime() - start).toBeLessThan(2_000);
  });

  it('does not delay calls for another cluster when only one cluster is throttled', async () => {
    server.reply(throttled('20'), fine, { body: aRow('two') });
    const estate = createAzureEstate(reach(server, { clock: time.clock, sleep: time.sleep }));
    await estate.getCluster(idOf('one'), new AbortController().signal);
    const start = time.clock().getTime();

    await expect(estate.getCluster(idOf('two'), new AbortController().signal)).resolves.toBeDefined();

    expect(time.clock().getTime()).toBe(start);
  });

  it('delays every read of the subscription when ARM says that no reads remain', async () => {
    const gate = { ...throttled('20'), headers: { 'retry-after': '20', 'x-ms-ratelimit-remaining-subscription-reads': '0' } };
    server.reply(gate, fine, { body: { value: [] } });
    const estate = createAzureEstate(reach(server, { clock: time.clock, sleep: time.sleep }));
    await estate.getCluster(idOf('one'), new AbortController().signal);
    const start = time.clock().getTime();

    await estate.listClusters(SUBSCRIPTION, new AbortController().signal);

    // At 25 per second, and slightly more than half of that once another caller is known to use the same budget.
    expect(time.clock().getTime() - start).toBeGreaterThan(40);
    expect(time.clock().getTime() - start).toBeLessThan(80);
  });
});

describe('a call whose answers contain the remaining quota', () => {
  it('slows down before it is refused', async () => {
    server.reply({ ...fine, headers: { 'x-ms-ratelimit-remaining-subscription-reads': '0' } });
    const estate = createAzureEstate(reach(server, { clock: time.clock, sleep: time.sleep }));

    for (let call = 0; call < 3; call++) await estate.getCluster(idOf('one'), new AbortController().signal);

    // ARM refills 25 per second.
    expect(time.slept).toEqual([40, 40]);
  });
});

describe('a call that fails for another reason', () => {
  it.each([500, 502, 503, 504, 408])('tries again after %i, waiting longer each time', async (status) => {
    server.reply({ status, body: error('Busy') }, { status, body: error('Busy') }, fine);

    await expect(look()).resolves.toBeDefined();

    expect(time.slept).toHaveLength(2);
    expect(time.slept[1]).toBeGreaterThan(time.slept[0] ?? 0);
  });

  it('gives up after a few attempts', async () => {
    server.reply({ status: 503, body: error('Busy') });

    await expect(look()).rejects.toMatchObject({ code: 'unreachable', retryable: true, message: expect.stringContaining('503 Busy') });

    expect(asked()).toBe(5);
  });

  it('does not count refusals as failed attempts', async () => {
    server.reply(...Array.from({ length: 10 }, () => throttled('1')), { status: 503, body: error('Busy') }, fine);

    await expect(look()).resolves.toBeDefined();
  });

  it.each([400, 401, 403, 404, 405, 409])('does not try again after %i', async (status) => {
    server.reply({ status, body: error('No') });

    await expect(look()).rejects.toMatchObject({ name: 'Fault' });

    expect(asked()).toBe(1);
  });

  it('tries again when the connection breaks', async () => {
    server.reply('hang-up', 'hang-up', fine);

    await expect(look()).resolves.toBeDefined();
  });

  it('reports that the service is unreachable when the connection keeps breaking', async () => {
    server.reply('hang-up');

    await expect(look()).rejects.toMatchObject({ code: 'unreachable', cause: expect.anything() });
  });

  it.each(['never', 'stall'] as const)('limits the time of an attempt that is answered with %s, and tries again', async (silence) => {
    server.reply(silence, fine);

    await expect(look({ attemptTimeoutMs: 200 })).resolves.toBeDefined();

    expect(asked()).toBe(2);
  });

  it('reports a timeout when no attempt is answered in time', async () => {
    server.reply('never');

    await expect(look({ attemptTimeoutMs: 30 })).rejects.toMatchObject({ code: 'timed-out' });
  });

  it('ends when its caller aborts it', async () => {
    const leaving = new AbortController();
    server.reply(() => {
      leaving.abort();
      return 'never';
    });

    await expect(look({}, leaving.signal)).rejects.toMatchObject({
      code: 'timed-out',
      message: expect.stringContaining('time limit passed'),
    });
    expect(asked()).toBe(1);
  });

  it('does not start when it was already aborted', async () => {
    await expect(look({}, AbortSignal.abort())).rejects.toMatchObject({ code: 'timed-out' });
    expect(asked()).toBe(0);
  });

  it('follows no redirect', async () => {
    server.reply({ status: 307, headers: { location: `${server.endpoint}/elsewhere` } });

    await expect(look()).rejects.toMatchObject({ code: 'malformed' });
    expect(asked()).toBe(1);
  });

  it('limits the size of an answer', async () => {
    server.reply({ body: ' '.repeat(65 * 1024 * 1024) });

    await expect(look()).rejects.toMatchObject({ name: 'Fault', code: 'too-large' });
    expect(asked()).toBe(1);
  });

  it('does not trust an unknown certificate', async () => {
    const { tlsOptions: _, ...strangers } = reach(server);

    await expect(createAzureEstate(strangers).getCluster(idOf('one'), new AbortController().signal)).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('certificate'),
    });
    expect(asked()).toBe(0);
  });

  it('reports an unknown host name', async () => {
    await expect(look({ armEndpoint: 'https://no-such-host.invalid' })).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/),
    });
  });

  it('reports a refused connection', async () => {
    const closed = createServer();
    const port = await new Promise<number>((done) => {
      closed.listen(0, '127.0.0.1', () => {
        const address = closed.address();
        closed.close(() => done(typeof address === 'object' && address !== null ? address.port : 0));
      });
    });

    await expect(look({ armEndpoint: `https://127.0.0.1:${port}` })).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });
});
