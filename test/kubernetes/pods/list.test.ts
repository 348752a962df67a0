import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { type OpenOptions, openCluster } from '../../../shared/kubernetes/open-cluster.ts';
import { pageSizeFor } from '../../../shared/kubernetes/pods/list.ts';
import { createAuthority } from '../../../shared/local/estate/server/certificates.ts';
import { type RawServer, startRawServer } from '../support/raw-server.ts';
import { soon } from '../support/simulated-cluster.ts';

const servers: RawServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

type Answers = (request: IncomingMessage, response: ServerResponse, url: URL) => void;

async function serve(answers: Answers): Promise<RawServer> {
  const server = await startRawServer((request, response) => answers(request, response, new URL(request.url ?? '/', 'http://localhost')));
  servers.push(server);
  return server;
}

/** The next page of a list of three, with one namespace per page. */
function nextPage(url: URL, pages = 3): string {
  const at = Number(url.searchParams.get('continue') ?? 0);
  const metadata = at + 1 < pages ? { continue: String(at + 1) } : {};
  return JSON.stringify({ kind: 'NamespaceList', metadata, items: [{ metadata: { name: `n${at}` } }] });
}

async function namespaces(server: RawServer, options: Partial<OpenOptions> = {}) {
  const reader = await openCluster(server.access(), { clock: () => new Date(), ...options });
  try {
    return (await reader.namespaces(soon())).map(({ name }) => name);
  } finally {
    reader.close();
  }
}

describe('a list', () => {
  test('requests protobuf and accepts JSON', async () => {
    const accepts: (string | undefined)[] = [];
    const server = await serve((request, response, url) => {
      accepts.push(request.headers.accept);
      response.end(nextPage(url, 1));
    });
    expect(await namespaces(server)).toEqual(['n0']);
    expect(accepts).toEqual(['application/vnd.kubernetes.protobuf, application/json;q=0.5']);
  });

  test('has at most one request in flight, all over one connection', async () => {
    let [inFlight, most] = [0, 0];
    const ports = new Set<number | undefined>();
    const server = await serve((request, response, url) => {
      ports.add(request.socket.remotePort);
      inFlight += 1;
      most = Math.max(most, inFlight);
      setImmediate(() => {
        inFlight -= 1;
        response.end(nextPage(url, 20));
      });
    });
    expect(await namespaces(server)).toHaveLength(20);
    expect(most).toBe(1);
    expect(ports.size).toBe(1);
  });

  test('is requested in pages of the configured size', async () => {
    const limits: (string | null)[] = [];
    const server = await serve((_, response, url) => {
      limits.push(url.searchParams.get('limit'));
      response.end(nextPage(url));
    });
    await namespaces(server, { list: { pageSize: 7 } });
    expect(limits).toEqual(['7', '7', '7']);
  });

  test('is requested in larger pages when the latency is high', async () => {
    const limits: (string | null)[] = [];
    let now = 0;
    const server = await serve((_, response, url) => {
      limits.push(url.searchParams.get('limit'));
      now += 6;
      response.end(nextPage(url));
    });
    await namespaces(server, { clock: () => new Date(now) });
    expect(limits).toEqual(['500', '3000', '3000']);
  });

  test('that is larger than the limit is refused while it arrives, even without a declared length', async () => {
    const server = await serve((_, response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536, 0x20)));
      };
      response.on('drain', more);
      more();
    });
    await expect(namespaces(server, { maxBody: 1_048_576 })).rejects.toMatchObject({ code: 'too-large' });
  });

  test.each([
    ['falls silent', { silenceMs: 400 }, 'sent nothing'],
    ['takes longer than the time limit of a page', { list: { pageMs: 400 } }, 'in time'],
    ['takes longer than the time limit of the whole read', { readMs: 400 }, 'in time'],
  ] as const)('that %s in the middle of a page is left', async (_, options, message) => {
    let asked = 0;
    const server = await serve((_request, response) => {
      asked += 1;
      response.setHeader('content-length', 1_000);
      response.write('{"kind":"NamespaceList"');
    });
    await expect(namespaces(server, options)).rejects.toMatchObject({ code: 'timed-out', message: expect.stringContaining(message) });
    expect(asked).toBe(1);
  });

  test('in an encoding that was not requested is malformed', async () => {
    const server = await serve((_, response, url) => {
      response.setHeader('content-encoding', 'br');
      response.end(nextPage(url));
    });
    await expect(namespaces(server)).rejects.toMatchObject({ code: 'malformed', message: expect.stringContaining('"br"') });
  });

  test('whose compressed bytes are damaged is malformed', async () => {
    const server = await serve((_, response) => {
      response.setHeader('content-encoding', 'gzip');
      response.end('not gzip');
    });
    await expect(namespaces(server, { gzip: 'on' })).rejects.toMatchObject({ code: 'malformed' });
  });

  test('requests compression only when it is allowed', async () => {
    const encodings: (string | undefined)[] = [];
    const server = await serve((request, response, url) => {
      encodings.push(String(request.headers['accept-encoding']));
      response.end(nextPage(url, 1));
    });
    await namespaces(server);
    for (const gzip of ['auto', 'on', 'off'] as const) await namespaces(server, { gzip });
    // Loopback has a low latency.
    expect(encodings).toEqual(['identity', 'identity', 'gzip', 'identity']);
  });

  test('is retried also after a date in Retry-After', async () => {
    const waits: number[] = [];
    const now = new Date('2026-01-01T00:00:00Z');
    let asked = 0;
    const server = await serve((_, response, url) => {
      asked += 1;
      if (asked === 1) response.writeHead(429, { 'retry-after': 'Thu, 01 Jan 2026 00:00:09 GMT' });
      response.end(asked === 1 ? '' : nextPage(url, 1));
    });
    const pause = async (milliseconds: number) => {
      waits.push(milliseconds);
    };
    expect(await namespaces(server, { clock: () => now, list: { pause } })).toEqual(['n0']);
    expect(waits).toEqual([9_000]);
  });

  test('ends when its caller aborts, also while it waits', async () => {
    const server = await serve((_, response) => {
      response.writeHead(429, { 'retry-after': '50' });
      response.end();
    });
    const controller = new AbortController();
    const reader = await openCluster(server.access(), {
      clock: () => new Date(),
      list: {
        pause: async (_milliseconds, signal) => {
          controller.abort();
          signal.throwIfAborted();
        },
      },
    });
    await expect(reader.namespaces(controller.signal)).rejects.toMatchObject({ code: 'timed-out' });
    reader.close();
    reader.close();
  });

  test('of a server with a path in its URL is requested below that path', async () => {
    const paths: string[] = [];
    const server = await serve((_, response, url) => {
      paths.push(url.pathname);
      response.end(nextPage(url, 1));
    });
    const reader = await openCluster({ ...server.access(), server: `${server.url}/k8s/clusters/c1` }, { clock: () => new Date() });
    await reader.namespaces(soon());
    reader.close();
    expect(paths).toEqual(['/k8s/clusters/c1/api/v1/namespaces']);
  });

  test('from a server with a certificate for another name is refused', async () => {
    const authority = await createAuthority('Another name');
    const { certificate, key } = await authority.server();
    const server = await startRawServer((_, response) => response.end(), { cert: certificate, key });
    servers.push(server);
    const reader = await openCluster(server.access({ tls: { ca: authority.caPem, servername: 'api.example.com' } }), {
      clock: () => new Date(),
    });
    await expect(reader.nodes(soon())).rejects.toMatchObject({ code: 'unreachable', message: expect.stringContaining('is not trusted') });
    reader.close();
  });
});

test.each([
  [undefined, 500],
  [0, 500],
  [1, 500],
  [1.2, 600],
  [5, 2_500],
  [10, 5_000],
  [200, 5_000],
])('a round trip of %s ms makes pages of %i', (roundTripMs, expected) => {
  expect(pageSizeFor(roundTripMs)).toBe(expected);
});
