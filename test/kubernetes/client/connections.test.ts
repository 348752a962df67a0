import { getEventListeners } from 'node:events';
import { Agent } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Fault } from '../../../shared/domain/snapshot/fault.ts';
import type { Credentials } from '../../../shared/kubernetes/client/credentials.ts';
import { type HttpClient, httpClient } from '../../../shared/kubernetes/client/http-client.ts';
import { startRawServer } from '../support/raw-server.ts';

type Answers = Parameters<typeof startRawServer>[0];

/** A client of a server whose answers a test chooses. */
async function open(answer: Answers, credentials: (renew: boolean) => Promise<Partial<Credentials>>, clock = () => new Date()) {
  const server = await startRawServer(answer);
  const access = { ...server.access(), credentials: async (renew: boolean) => ({ tls: {}, headers: {}, ...(await credentials(renew)) }) };
  const client = httpClient(access, { clock, maxBody: 1_048_576, silenceMs: 20_000 });
  onTestFinished(async () => {
    client.close();
    await server.stop();
  });
  return client;
}

const textOf = async (client: HttpClient, path: string) => {
  const { status, body } = await client.get(path, 'application/json', AbortSignal.timeout(20_000));
  return `${status} ${body.bytes.toString('utf8')}`;
};

describe('concurrent requests', () => {
  it('request credentials once, and once more when the server refuses them', async () => {
    const asked: boolean[] = [];
    const credentials = async (renew: boolean) => {
      asked.push(renew);
      return { headers: { authorization: `Bearer token-${asked.length}` } };
    };
    const answer: Answers = ({ headers }, response) =>
      response.writeHead(headers.authorization === 'Bearer token-2' ? 200 : 401).end(headers.authorization);
    const client = await open(answer, credentials);

    const texts = await Promise.all(['/nodes', '/classes', '/namespaces'].map((path) => textOf(client, path)));

    expect(texts).toEqual(Array.from({ length: 3 }, () => '200 Bearer token-2'));
    expect(asked).toEqual([false, true]);
  });

  it('all fail when the renewed credentials are also refused, without further requests', async () => {
    const asked: boolean[] = [];
    const client = await open(
      (_, response) => response.writeHead(401).end('no'),
      async (renew) => {
        asked.push(renew);
        return {};
      },
    );

    expect(await Promise.all([textOf(client, '/a'), textOf(client, '/b')])).toEqual(['401 no', '401 no']);
    expect(asked).toEqual([false, true]);
  });

  it('are not interrupted when another one renews the client certificate', async () => {
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    const answer: Answers = async ({ url, headers }, response) => {
      if (url === '/short') return response.writeHead(headers.authorization === 'old' ? 401 : 200).end('short');
      response.write('begun, ');
      await held;
      return response.end('ended');
    };
    const client = await open(answer, async (renew) => ({
      tls: { servername: renew ? 'new.example' : 'old.example' },
      headers: { authorization: renew ? 'new' : 'old' },
    }));
    const long = textOf(client, '/long');

    expect(await textOf(client, '/short')).toBe('200 short');
    release();
    expect(await long).toBe('200 begun, ended');
  });

  it('wait for credentials no longer than their own time limit, while the others continue', async () => {
    const { promise: given, resolve: give } = Promise.withResolvers<void>();
    const client = await open(
      (_, response) => response.end('fine'),
      async () => {
        await given;
        return {};
      },
    );
    const late = client.get('/late', 'application/json', AbortSignal.abort());
    const other = textOf(client, '/other');

    await expect(late).rejects.toMatchObject({ code: 'timed-out', message: 'The credentials were not available in time.' });
    give();
    expect(await other).toBe('200 fine');
  });
});

describe('credentials', () => {
  it.each<[string, AbortSignal, Error, object]>([
    [
      'the reason of its signal',
      AbortSignal.abort(new Fault('throttled', 'Enough.')),
      new Error('x'),
      { code: 'throttled', message: 'Enough.' },
    ],
    ['their own fault', AbortSignal.timeout(20_000), new Error('No such token.'), { code: 'unreachable' }],
  ])('that fail end a request with %s', async (_, signal, error, expected) => {
    const client = await open(
      (_request, response) => response.end(),
      () => Promise.reject(error),
    );
    await expect(client.get('/', 'application/json', signal)).rejects.toMatchObject(expected);
  });

  it('that expired leave no listener on the signal of the caller', async () => {
    const { signal } = new AbortController();
    const client = await open(
      (_, response) => response.end(),
      async () => ({}),
    );
    for (const _ of [1, 2]) (await client.get('/', 'application/json', signal)).body.release();
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it.each([
    [59_999, 1],
    [60_000, 2],
  ])('that are %i ms old are asked for again, but not renewed: %i times in all', async (age, times) => {
    let now = 0;
    const asked: boolean[] = [];
    const credentials = async (renew: boolean) => {
      asked.push(renew);
      return { headers: { authorization: `${asked.length}` } };
    };
    const client = await open(
      ({ headers }, response) => response.end(headers.authorization),
      credentials,
      () => new Date(now),
    );
    await textOf(client, '/');
    now = age;
    expect(await textOf(client, '/')).toBe(`200 ${times}`);
    expect(asked).toEqual(Array.from({ length: times }, () => false));
  });

  it.each([
    ['for the same TLS use its connection', false, 1],
    ['for another TLS get a connection of their own', true, 2],
  ])('%s', async (_, differs, connections) => {
    let now = 0;
    const ports = new Set<number | undefined>();
    const client = await open(
      ({ socket }, response) => {
        ports.add(socket.remotePort);
        response.end();
      },
      async () => ({ tls: { servername: differs ? `${now}` : 'same' } }),
      () => new Date(now),
    );
    await textOf(client, '/');
    now = 60_000;
    await textOf(client, '/');
    expect(ports.size).toBe(connections);
  });

  it('that cannot be had are a fault of their own kind, and are asked for again at the next request', async () => {
    let times = 0;
    const client = await open(
      (_, response) => response.end('fine'),
      async () => {
        times += 1;
        if (times === 1) throw new Fault('unauthenticated', 'No token.');
        return {};
      },
    );
    await expect(textOf(client, '/')).rejects.toMatchObject({ code: 'unauthenticated' });
    expect(await textOf(client, '/')).toBe('200 fine');
  });

  it('close their connections when they are closed', async () => {
    const closed = Promise.withResolvers<void>();
    const client = await open(
      ({ socket }, response) => {
        socket.on('close', () => closed.resolve());
        response.end();
      },
      async () => ({}),
    );
    await textOf(client, '/');
    client.close();
    await closed.promise;
  });

  it('are no longer waited for once the connections are closed', async () => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const server = await startRawServer((_, response) => response.end());
    const credentials = (_: boolean, signal: AbortSignal) =>
      new Promise<Credentials>((_done, fail) => {
        signal.addEventListener('abort', () => {
          resolve(true);
          fail(new Fault('timed-out', 'Closed.'));
        });
      });
    const client = httpClient({ ...server.access(), credentials }, { clock: () => new Date(), maxBody: 1, silenceMs: 20_000 });
    const asked = textOf(client, '/');
    client.close();
    await expect(asked).rejects.toMatchObject({ code: 'timed-out', message: 'Closed.' });
    expect(await promise).toBe(true);
    await server.stop();
  });
});

it('does not count the opening of a connection as latency', async () => {
  let now = 0;
  const slowToOpen = new (class extends Agent {
    override createConnection(options: { readonly host?: string | null; readonly port?: number | string | null }, callback?: Opened) {
      setImmediate(() => {
        now += 1_000;
        callback?.(null, connect(Number(options.port), options.host ?? ''));
      });
      return undefined;
    }
  })({ keepAlive: true });
  const client = await open(
    (_, response) => response.end('fine'),
    async () => ({ agent: slowToOpen }),
    () => new Date(now),
  );

  await textOf(client, '/version');

  expect(client.roundTripMs).toBe(0);
});

type Opened = (error: Error | null, stream: Duplex) => void;
