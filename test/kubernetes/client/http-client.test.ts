import type { RequestListener, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Credentials } from '../../../shared/kubernetes/client/credentials.ts';
import { BodyBuffers } from '../../../shared/kubernetes/client/http-body.ts';
import { type HttpOptions, httpClient } from '../../../shared/kubernetes/client/http-client.ts';
import { startRawServer } from '../support/raw-server.ts';

const MOST = 300_000;
const PROTOBUF = { 'content-type': 'application/vnd.kubernetes.protobuf' };
const soon = () => AbortSignal.timeout(10_000);

async function open(answer: RequestListener, options: Partial<HttpOptions> = {}, credentials: Partial<Credentials> = {}) {
  const server = await startRawServer(answer);
  const client = httpClient(server.access(credentials), { clock: () => new Date(0), maxBody: MOST, silenceMs: 10_000, ...options });
  onTestFinished(async () => {
    client.close();
    await server.stop();
  });
  return client;
}

/** Different at each place, so that memory that is used twice is detected. */
const bytesOf = (length: number, seed: number) =>
  Buffer.from(Uint32Array.from({ length: Math.ceil(length / 4) }, (_, at) => at * 7_919 + seed).buffer).subarray(0, length);

describe('a whole answer', () => {
  const declared = (response: ServerResponse, bytes: Buffer) => response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
  const undeclared = (response: ServerResponse, bytes: Buffer) => {
    response.write(bytes.subarray(0, 9));
    response.end(bytes.subarray(9));
  };
  const packed = (response: ServerResponse, bytes: Buffer) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(bytes));

  it.each([
    ['with its length', declared],
    ['without its length', undeclared],
    ['compressed', packed],
  ])('%s has up to the limit of bytes, and no more', async (_, send) => {
    for (const [length, fits] of [
      [0, true],
      [10, true],
      [MOST, true],
      [MOST + 1, false],
    ] as const) {
      const bytes = bytesOf(length, 1);
      const client = await open((_request, response) => send(response, bytes));
      const asked = client.get('/', 'a/b', soon()).then(({ body }) => body.bytes.equals(bytes));
      if (fits) expect(await asked, `${length}`).toBe(true);
      else await expect(asked).rejects.toMatchObject({ code: 'too-large' });
    }
  });

  it('stays as it came while others are read, until it is released', async () => {
    let at = 0;
    const client = await open((_, response) => undeclared(response, bytesOf(200_000, at++)));
    const read = async () => (await client.get('/', 'a/b', soon())).body;
    const [first, second] = [await read(), await read()];
    expect([first.bytes.equals(bytesOf(200_000, 0)), second.bytes.equals(bytesOf(200_000, 1))]).toEqual([true, true]);
    first.release();
    const third = await read();
    expect([third.bytes.buffer === first.bytes.buffer, third.bytes.equals(bytesOf(200_000, 2))]).toEqual([true, true]);
  });

  it('that is compressed leaves the memory that it came in to the next one', async () => {
    let answers = 0;
    const client = await open((_, response) => [undeclared, packed, undeclared][answers++ % 3]?.(response, bytesOf(9_000, 0)));
    const read = async () => {
      const { body } = await client.get('/', 'a/b', soon());
      body.release();
      return body.bytes.buffer;
    };
    const [first, , third] = [await read(), await read(), await read()];
    expect(third === first).toBe(true);
  });

  it.each([
    [262_144, 262_144],
    [262_145, 524_288],
  ])('without its length that has %i bytes is kept in %i', async (length, memory) => {
    const client = await open((_, response) => undeclared(response, bytesOf(length, 3)));
    const { body } = await client.get('/', 'a/b', soon());
    expect([body.bytes.equals(bytesOf(length, 3)), body.bytes.buffer.byteLength]).toEqual([true, memory]);
  });

  it.each<[string, Buffer, object, object]>([
    ['too large by its length', Buffer.from('x'), { 'content-length': 2_000_001 }, { code: 'too-large', message: /more than 2 MiB/ }],
    ['too large without its length', Buffer.alloc(2_000_001), {}, { code: 'too-large', message: /more than 2 MiB/ }],
    ['in an encoding that was not requested', Buffer.from('x'), { 'content-encoding': 'br' }, { code: 'malformed', message: /"br"/ }],
  ])(
    'that is %s is an error, and its end is not awaited',
    async (_, bytes, headers, { code, message }: { code?: string; message?: RegExp }) => {
      const closed = Promise.withResolvers<void>();
      const client = await open(
        (_request, response) => {
          response.on('close', () => closed.resolve());
          response.writeHead(200, { ...headers }).write(bytes);
        },
        { maxBody: 2_000_000 },
      );
      await expect(client.get('/', 'a/b', soon())).rejects.toMatchObject({ code, message: expect.stringMatching(message ?? '') });
      await closed.promise;
    },
  );

  it('that is damaged is an error that says so', async () => {
    const client = await open((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('not compressed'));
    await expect(client.get('/', 'a/b', soon())).rejects.toMatchObject({ code: 'malformed', message: expect.stringContaining('damaged') });
  });

  it('has its status and headers', async () => {
    const client = await open((_, response) => response.writeHead(418, { 'retry-after': '7' }).end('tea'));
    const { status, headers } = await client.get('/', 'a/b', soon());
    expect([status, headers['retry-after']]).toEqual([418, '7']);
  });

  it('is asked for with what the credentials say, each value of a header by itself', async () => {
    const seen: string[] = [];
    const client = await open(
      ({ rawHeaders }, response) => {
        seen.push(...rawHeaders);
        response.end();
      },
      {},
      { headers: { authorization: 'Bearer t', 'impersonate-group': ['a', 'b'] } },
    );
    await client.get('/', 'a/b', soon());
    expect(seen.slice(0, 12)).toEqual([
      'authorization',
      'Bearer t',
      'impersonate-group',
      'a',
      'impersonate-group',
      'b',
      'accept',
      'a/b',
      'accept-encoding',
      'gzip',
      'user-agent',
      'kataudit',
    ]);
  });

  it('that is cut off after credentials were renewed is a fault', async () => {
    let asked = 0;
    const client = await open((_, response) => {
      asked += 1;
      if (asked === 1) response.writeHead(401).end();
      else response.writeHead(200, { 'content-length': 9 }).write('x', () => response.destroy());
    });
    await expect(client.get('/', 'a/b', soon())).rejects.toMatchObject({ name: 'Fault', code: 'unreachable' });
  });

  it('that is refused twice is given as it is, after credentials were renewed once', async () => {
    const renewed: boolean[] = [];
    const server = await startRawServer((_, response) => response.writeHead(401).end());
    const credentials = async (renew: boolean) => {
      renewed.push(renew);
      return { tls: {}, headers: {} };
    };
    const client = httpClient({ ...server.access(), credentials }, { clock: () => new Date(0), maxBody: MOST, silenceMs: 10_000 });
    expect((await client.get('/', 'a/b', soon())).status).toBe(401);
    expect(renewed).toEqual([false, true]);
    client.close();
    await server.stop();
  });
});

describe('a stream', () => {
  it.each<[string, number, object, number | undefined]>([
    ['protobuf', 200, PROTOBUF, undefined],
    ['protobuf with a parameter', 200, { 'content-type': `${PROTOBUF['content-type']};stream=list` }, undefined],
    ['JSON', 200, { 'content-type': 'application/json' }, 200],
    ['nothing that it names', 200, {}, 200],
    ['protobuf that is an error', 500, PROTOBUF, 500],
  ])('gives its pieces where it is %s, and else the whole answer', async (_, status, headers, whole) => {
    const client = await open((_request, response) => response.writeHead(status, { ...headers }).end('list'));
    const pieces: string[] = [];
    const answer = await client.stream('/', soon(), (piece) => pieces.push(piece.toString()));
    expect([answer?.status, pieces.join('')]).toEqual([whole, whole === undefined ? 'list' : '']);
    expect(answer?.body.bytes.toString()).toBe(whole === undefined ? undefined : 'list');
  });

  it('ends with what its taker throws, and takes no more', async () => {
    const own = new Error('Enough.');
    const closed = Promise.withResolvers<void>();
    const client = await open((_, response) => {
      response.on('close', () => closed.resolve());
      response.writeHead(200, PROTOBUF);
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      };
      response.on('drain', more);
      more();
    });
    let taken = 0;
    await expect(
      client.stream('/', soon(), () => {
        taken += 1;
        throw own;
      }),
    ).rejects.toBe(own);
    await closed.promise;
    expect(taken).toBe(1);
  });

  it.each<[string, Buffer, object, string]>([
    ['damaged', gzipSync(bytesOf(9_000, 0)).fill(0, 20, 400), { 'content-encoding': 'gzip' }, 'malformed'],
    ['in an encoding that nobody asked for', Buffer.from('x'), { 'content-encoding': 'br' }, 'malformed'],
    ['cut off', Buffer.from('x'), { 'content-length': 9 }, 'unreachable'],
  ])('that is %s is no list', async (_, bytes, headers, code) => {
    const client = await open((_request, response) => {
      response
        .writeHead(200, { ...PROTOBUF, ...headers })
        .write(bytes, () => ('content-length' in headers ? response.destroy() : response.end()));
    });
    await expect(client.stream('/', soon(), () => undefined)).rejects.toMatchObject({ code });
  });
});

describe('a server that sends a piece now and then', () => {
  it.each([
    [20, true],
    [800, false],
  ])('is waited for while its silence is short: %i ms of 200', async (silence, isRead) => {
    const client = await open(
      (_, response) => {
        let left = 20;
        const timer = setInterval(() => {
          left -= 1;
          if (left > 0) response.write('x');
          else response.end();
          if (left === 0) clearInterval(timer);
        }, silence);
        response.on('close', () => clearInterval(timer));
        response.write('x');
      },
      { silenceMs: 200 },
    );
    const asked = client.get('/', 'a/b', soon()).then(({ body }) => body.bytes.toString());
    if (isRead) expect(await asked).toBe('x'.repeat(20));
    else await expect(asked).rejects.toMatchObject({ code: 'timed-out', message: expect.stringMatching(/sent nothing for 0\.2 s\.$/) });
  });
});

it('memory for bodies is of the wanted size, is used again when it was given back, and never twice at once', () => {
  const buffers = new BodyBuffers();
  const [small, large] = [buffers.take(1), buffers.take(400_000)];
  expect([small.length, large.length]).toEqual([262_144, 400_000]);
  buffers.give(small);
  expect(buffers.take(262_145) === small).toBe(false);
  expect([buffers.take(262_144) === small, buffers.take(262_144) === small]).toEqual([true, false]);
  buffers.give(small);
  buffers.give(large);
  expect([buffers.take(1) === large, buffers.take(1) === small]).toEqual([true, false]);
});

it.each<[string, readonly number[], readonly number[]]>([
  ['smaller than all others', [400_000, 300_000], [400_000, 300_000]],
  ['between others', [400_000, 300_000, 350_000], [400_000, 300_000, 350_000]],
  ['as large as the only other', [300_000, 300_000], [300_000, 300_000]],
  ['larger than all others, which are dropped', [300_000, 350_000, 400_000], [400_000]],
])('memory that is given back is kept: %s', (_, sizes, kept) => {
  const buffers = new BodyBuffers();
  const given = sizes.map((size) => buffers.take(size));
  for (const buffer of given) buffers.give(buffer);
  const taken = given.map(() => buffers.take(1)).filter((buffer) => given.includes(buffer));
  expect(taken.map(({ length }) => length)).toEqual(kept);
});
