import { Agent } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
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
