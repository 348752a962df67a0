import { createHash } from 'node:crypto';
import { get } from 'node:http';
import { get as getSecurely } from 'node:https';
import { afterAll, expect, test } from 'vitest';
import { keptAliveAgent } from '../../../shared/kubernetes/client/agent.ts';
import { httpClient } from '../../../shared/kubernetes/client/http-client.ts';
import { createAuthority } from '../../../shared/local/estate/server/certificates.ts';
import { startRawServer } from '../support/raw-server.ts';

const authority = await createAuthority('agent test');
const { certificate, key } = await authority.server();
/** No two parts of it are equal, so that memory that is reused too early is detected. */
const body = Buffer.concat(Array.from({ length: 65_536 }, (_, at) => createHash('sha256').update(`${at}`).digest()));
const server = await startRawServer((_, response) => response.end(body), { cert: certificate, key });
afterAll(() => server.stop());

function read(agent: ReturnType<typeof keptAliveAgent>, pauseEvery: number): Promise<{ readonly bytes: Buffer; readonly reused: boolean }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ readonly bytes: Buffer; readonly reused: boolean }>();
  const request = getSecurely(server.url, { agent }, (response) => {
    const pieces: Buffer[] = [];
    response.on('data', (piece: Buffer) => {
      pieces.push(piece);
      if (pauseEvery > 0 && pieces.length % pauseEvery === 0) {
        response.pause();
        setImmediate(() => response.resume());
      }
    });
    response.on('end', () => resolve({ bytes: Buffer.concat(pieces), reused: request.reusedSocket }));
    response.on('error', reject);
  });
  request.on('error', reject);
  return promise;
}

test.each([
  ['as fast as it arrives', 0],
  ['with pauses', 3],
])('a long answer over TLS arrives complete, read %s, also when all its pieces are kept', async (_, pauseEvery) => {
  const agent = keptAliveAgent(true, { ca: authority.caPem, maxSockets: 1 });
  const first = await read(agent, pauseEvery);
  await new Promise(setImmediate);
  const second = await read(agent, pauseEvery);
  agent.destroy();
  expect([first.bytes.equals(body), second.bytes.equals(body)]).toEqual([true, true]);
  expect([first.reused, second.reused]).toEqual([false, true]);
});

test('two concurrent answers do not mix', async () => {
  const agent = keptAliveAgent(true, { ca: authority.caPem, maxSockets: 2 });
  const both = await Promise.all([read(agent, 0), read(agent, 2)]);
  agent.destroy();
  expect(both.map(({ bytes }) => bytes.equals(body))).toEqual([true, true]);
});

test.each([
  [
    [1, 1],
    ['gzip', 'identity'],
  ],
  [
    [5, 5],
    ['gzip', 'identity'],
  ],
  [
    [6, 6],
    ['gzip', 'gzip'],
  ],
  [
    [30, 3, 30],
    ['gzip', 'gzip', 'identity'],
  ],
])(
  'answers that take %j ms to begin are requested in the encodings %j, because compression pays off with high latency',
  async (waits, expected) => {
    let now = 0;
    const asked: string[] = [];
    const plain = await startRawServer((request, response) => {
      now += waits[asked.length] ?? 0;
      asked.push(String(request.headers['accept-encoding']));
      response.end('{}');
    });
    const client = httpClient(plain.access(), { clock: () => new Date(now), maxBody: 1_000, silenceMs: 10_000 });
    for (const _ of waits) (await client.get('/', 'application/json', AbortSignal.timeout(10_000))).body.release();
    client.close();
    await plain.stop();
    expect(asked).toEqual(expected);
  },
);

test('a server without TLS is read too', async () => {
  const plain = await startRawServer((_, response) => response.end('fine'));
  const agent = keptAliveAgent(false, {});
  const text = await new Promise((done) => {
    get(plain.url, { agent }, (response) => response.setEncoding('utf8').on('data', done));
  });
  agent.destroy();
  await plain.stop();
  expect(text).toBe('fine');
});
