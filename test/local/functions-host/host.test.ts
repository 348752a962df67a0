import { resolve } from 'node:path';
import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Azurite, startAzurite } from '../../../shared/local/azurite.ts';
import { type FunctionsHost, startFunctionsHost } from '../../../shared/local/functions-host/start.ts';
import { seen, until } from './fixtures/seen.ts';

const KEYS = { function: 'function-key', master: 'master-key', system: 'system-key' };
const FIXTURES = resolve(import.meta.dirname, 'fixtures');
const queues = { batchSize: 4, newBatchThreshold: 2, maxDequeueCount: 3, visibilityTimeout: '00:00:00', messageEncoding: 'base64' };

describe('the local functions host', () => {
  let azurite: Azurite;
  let host: FunctionsHost;
  let service: QueueServiceClient;
  const log: string[] = [];

  beforeAll(async () => {
    azurite = await startAzurite();
    service = QueueServiceClient.fromConnectionString(azurite.connectionString);
    await service.getQueueClient('work-now').create();
    host = await startFunctionsHost({
      root: FIXTURES,
      files: [resolve(FIXTURES, 'functions.ts')],
      port: 0,
      settings: { TICK: '0 0 0 1 1 *', SUFFIX: 'now', AzureWebJobsStorage: azurite.connectionString },
      hostJson: { version: '2.0', extensions: { queues, http: { routePrefix: 'api' } } },
      keys: KEYS,
      longestPoll: 500,
      log: (line) => log.push(line),
    });
  }, 60_000);
  afterAll(async () => {
    await host?.stop();
    await azurite?.stop();
  });

  const call = (path: string, init: RequestInit = {}) => fetch(`${host.url}${path}`, init);
  const withKey = { headers: { 'x-functions-key': 'function-key' } };

  it('lists the registered functions, by trigger', () => {
    expect(host.functions.map(({ name, trigger }) => `${name} ${trigger}`)).toEqual(
      expect.arrayContaining(['echo httpTrigger', 'tick timerTrigger', 'worker queueTrigger', 'events eventGridTrigger']),
    );
  });

  describe('over HTTP', () => {
    it('passes method, parameters, query, headers and body, and returns status, headers and body', async () => {
      const headers = { 'x-functions-key': 'function-key', 'x-question': 'why' };
      const answer = await call('/api/echo/7?a=1&b=%C3%A4', { method: 'POST', headers, body: 'hello ✓' });

      expect(answer.status).toBe(201);
      expect(answer.headers.get('x-answer')).toBe('yes');
      expect(await answer.json()).toEqual({
        method: 'POST',
        params: { id: '7' },
        query: { a: '1', b: 'ä' },
        body: 'hello ✓',
        header: 'why',
      });
    });

    it.each([
      ['no key', '/api/echo/7', {}, 401],
      ['a wrong key', '/api/echo/7', { 'x-functions-key': 'x' }, 401],
      ['the function key as a parameter', '/api/echo/7?code=function-key', {}, 201],
      ['the master key', '/api/echo/7', { 'x-functions-key': 'master-key' }, 201],
      ['no key where none is required', '/api/nothing', {}, 204],
      ['the function key where the master key is required', '/api/admin-only', { 'x-functions-key': 'function-key' }, 401],
      ['the master key where it is required', '/api/admin-only', { 'x-functions-key': 'master-key' }, 200],
    ])('checks keys: %s', async (_, path, headers, status) => {
      expect((await call(path, { headers })).status).toBe(status);
    });

    it.each([
      ['a parameter that breaks its constraint', '/api/echo/seven', 404],
      ['a method that no function has', '/api/rest/x', 404, 'DELETE'],
      ['no function', '/api/nobody', 404],
      ['no prefix', '/echo/7', 404],
      ['an invalid path', '/api/rest/%E0%A4%A', 400],
    ])('answers %s like the real host', async (_, path, status, method = 'GET') => {
      expect((await call(path, { method, ...withKey })).status).toBe(status);
    });

    it('uses the function whose name sorts first, and lets a catch-all parameter be empty', async () => {
      expect(await (await call('/api/rest/exact')).text()).toBe('exact');
      expect(await (await call('/api/rest/a/b%20c')).json()).toMatchObject({ params: { path: 'a/b c' } });
      expect(await (await call('/api/rest')).json()).toMatchObject({ params: {} });
    });

    it('reports a failed function to the caller, and the reason only in the log', async () => {
      const answer = await call('/api/broken');

      expect(answer.status).toBe(500);
      expect(await answer.text()).toBe('');
      expect(log.join('\n')).toContain('a secret of the code');
    });

    it('listens on loopback only', () => {
      expect(new URL(host.url).hostname).toBe('127.0.0.1');
    });
  });

  it('runs a timer on request, and rethrows its error', async () => {
    await host.runTimer('tick');

    expect(seen).toContainEqual({ name: 'tick', input: false });
    await expect(host.runTimer('broken-timer')).rejects.toThrow('the timer failed');
    await expect(host.runTimer('nobody')).rejects.toThrow(/There is no timer nobody; the timers are/);
  });

  describe('from a queue', () => {
    const send = (text: string) => service.getQueueClient('work-now').sendMessage(text);
    const base64 = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64');
    const calls = (id: string) => seen.filter(({ name, input }) => name === 'worker' && JSON.stringify(input).includes(id));
    const poisoned = async () => {
      const { receivedMessageItems } = await service.getQueueClient('work-now-poison').receiveMessages({ numberOfMessages: 32 });
      return receivedMessageItems.map(({ messageText }) => messageText);
    };

    it('passes JSON as an object and other text unchanged, once, and deletes the message', async () => {
      await send(base64({ id: 'object' }));
      await send(base64('plain text'));
      await until(() => calls('object').length === 1 && calls('plain').length === 1);

      expect(calls('object')[0]).toEqual({ name: 'worker', input: { id: 'object' }, metadata: { dequeueCount: 1 } });
      expect(calls('plain')[0]?.input).toBe('plain text');
      await expect.poll(async () => (await service.getQueueClient('work-now').getProperties()).approximateMessagesCount).toBe(0);
    });

    it('retries a failing message as often as host.json says, then moves it to the poison queue', async () => {
      await send(base64({ id: 'doomed', fail: true }));
      await until(() => calls('doomed').length === 3);

      expect(calls('doomed').map(({ metadata }) => metadata)).toEqual([{ dequeueCount: 1 }, { dequeueCount: 2 }, { dequeueCount: 3 }]);
      await expect.poll(poisoned).toEqual([base64({ id: 'doomed', fail: true })]);
      expect(calls('doomed')).toHaveLength(3);
    });

    it('fails each attempt of a message with another encoding than in host.json, without a call, then moves it to the poison queue', async () => {
      const before = seen.length;
      await send('not base64!');

      await expect.poll(poisoned).toContain('not base64!');
      expect(seen.length).toBe(before);
      expect(log.filter((line) => line.includes('is not in the encoding'))).toHaveLength(3);
    });
  });

  describe('from Event Grid', () => {
    const hook = (init: RequestInit, name = 'events', code = 'system-key') =>
      call(`/runtime/webhooks/EventGrid?functionName=${name}&code=${code}`, { method: 'POST', ...init });
    const notification = { 'aeg-event-type': 'Notification' };

    it('answers the handshake of both schemas', async () => {
      const validation = [{ eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent', data: { validationCode: 'abc' } }];
      const asked = await hook({ headers: { 'aeg-event-type': 'SubscriptionValidation' }, body: JSON.stringify(validation) });
      const options = await hook({ method: 'OPTIONS', headers: { 'webhook-request-origin': 'eventgrid.azure.net' } });

      expect(await asked.json()).toEqual({ validationResponse: 'abc' });
      expect(options.status).toBe(200);
      expect(options.headers.get('webhook-allowed-origin')).toBe('eventgrid.azure.net');
    });

    it.each([
      ['whose data is an object', { data: { validationCode: 'abc' } }, 200],
      ['whose data is text with JSON, as Event Grid sends it', { data: '{"validationCode":"abc"}' }, 200],
      ['without a code', { data: {} }, 400],
      ['without data', {}, 400],
    ])('answers the validation event of a CloudEvents subscription %s', async (_, event, status) => {
      const headers = { 'aeg-event-type': 'SubscriptionValidation' };
      const answer = await hook({ headers, body: JSON.stringify({ specversion: '1.0', ...event }) });

      expect(answer.status).toBe(status);
      if (status === 200) expect(await answer.json()).toEqual({ validationResponse: 'abc' });
    });

    it.each([
      ['eventgrid.azure.us', 'eventgrid.azure.us'],
      ['somebody.example.org', 'eventgrid.azure.net'],
    ])('allows %s as %s in the handshake of CloudEvents', async (origin, allowed) => {
      const answer = await hook({ method: 'OPTIONS', headers: { 'webhook-request-origin': origin } });

      expect(answer.headers.get('webhook-allowed-origin')).toBe(allowed);
    });

    it('accepts the deletion of a subscription', async () => {
      expect((await hook({ headers: { 'aeg-event-type': 'Unsubscribe' } })).status).toBe(202);
    });

    it('calls the function once for each event of an array, and for a single CloudEvent', async () => {
      const before = seen.length;
      expect((await hook({ headers: notification, body: JSON.stringify([{ id: 'e1' }, { id: 'e2' }]) })).status).toBe(202);
      expect((await hook({ headers: notification, body: JSON.stringify({ specversion: '1.0', id: 'e3' }) })).status).toBe(202);

      expect(seen.slice(before).map(({ input }) => input)).toEqual([{ id: 'e1' }, { id: 'e2' }, { specversion: '1.0', id: 'e3' }]);
    });

    it('fails the delivery when one of its events failed, so that all are delivered again', async () => {
      expect((await hook({ headers: notification, body: JSON.stringify([{ id: 'ok' }, { id: 'no', fail: true }]) })).status).toBe(500);
    });

    it.each([
      ['without a key', { headers: notification, body: '[]' }, 'events', 'x', 401],
      ['with the key of functions', { headers: notification, body: '[]' }, 'events', 'function-key', 403],
      ['for an unknown function', { headers: notification, body: '[]' }, 'nobody', 'system-key', 404],
      ['without its header', { body: '[]' }, 'events', 'system-key', 400],
      ['of a CloudEvent without the header', { body: '{"specversion":"1.0"}' }, 'events', 'master-key', 400],
      ['that is a number', { headers: notification, body: '[{},7]' }, 'events', 'system-key', 500],
      ['that is not JSON', { headers: notification, body: 'x' }, 'events', 'system-key', 500],
    ])('refuses a delivery %s', async (_, init, name, code, status) => {
      expect((await hook(init, name, code)).status).toBe(status);
    });
  });
});

describe('starting the local functions host', () => {
  const options = {
    root: FIXTURES,
    files: [resolve(FIXTURES, 'functions.ts?again')],
    port: 0,
    settings: {},
    hostJson: {},
    keys: 'no-auth',
    log: () => undefined,
  } as const;

  it('names the file that cannot be loaded, and why', async () => {
    await expect(startFunctionsHost({ ...options, files: [resolve(FIXTURES, 'nobody.ts')] })).rejects.toThrow(
      /^nobody\.ts cannot be loaded: /,
    );
  });

  it('reports that there is no function file', async () => {
    await expect(startFunctionsHost({ ...options, files: [] })).rejects.toThrow(/There is no function file/);
  });

  it('lists the mistakes of host.json', async () => {
    const hostJson = { extensions: { queues: { batchSize: 99, visibilityTimeout: 'soon' } } };
    await expect(startFunctionsHost({ ...options, hostJson })).rejects.toThrow(/batchSize[\s\S]*visibilityTimeout/);
  });
});
