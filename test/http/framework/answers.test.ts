import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { FaultCode } from '../../../shared/domain/snapshot/fault.ts';
import { FAULT_CODES, Fault } from '../../../shared/domain/snapshot/fault.ts';
import type { ApiResponse } from '../../../shared/http/framework/api.ts';
import { openCursor, sealCursor } from '../../../shared/http/framework/cursor.ts';
import { exemptionTag } from '../../../shared/http/framework/exemption-tag.ts';
import { assertAcceptable, assertUnchanged, compressed, json, matchesTag, tagged } from '../../../shared/http/framework/negotiate.ts';
import { fillPage } from '../../../shared/http/framework/page.ts';
import { isExpected, Problem, problemResponse } from '../../../shared/http/framework/problem.ts';
import { byLabel, gauge } from '../../../shared/http/framework/prometheus.ts';
import { finish } from '../../../shared/http/framework/route.ts';
import { bytesOf, streamOf } from '../../../shared/http/framework/stream.ts';
import { read } from '../client.ts';

const statusOf = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    if (error instanceof Problem) return error.status;
    throw error;
  }
  return 200;
};

describe('the media types that a caller accepts', () => {
  it.each([
    [null, 200],
    ['  ', 200],
    ['application/json', 200],
    ['APPLICATION/JSON; q=0.001', 200],
    ['text/csv', 200],
    ['application/*', 200],
    ['text/html, application/json;q=0', 406],
    ['application/*;q=0, */*', 200],
    ['application/*;q=0, text/*;q=0, */*', 406],
    ['application/json;q=x, text/csv;q=2', 406],
    ['application/json;q=1.0001, text/html', 406],
    ['application/json;level=1;q=0, text/csv;q=0', 406],
  ])('%j is %i of JSON and CSV', (accept, status) => {
    expect(statusOf(() => assertAcceptable(accept, ['application/json', 'text/csv']))).toBe(status);
  });

  it('are ignored when the answer has no body', () => {
    expect(statusOf(() => assertAcceptable('text/html', []))).toBe(200);
  });

  const answer = (body: ApiResponse['body'], headers = {}): ApiResponse => ({
    status: 200,
    headers,
    ...(body === undefined ? {} : { body }),
  });
  it.each<[string, ApiResponse, string | null, string | undefined, string | undefined]>([
    ['a large body', answer('x'.repeat(1_024)), 'gzip', 'gzip', 'Accept-Encoding'],
    ['a shorter body', answer('x'.repeat(1_023)), 'gzip', undefined, 'Accept-Encoding'],
    ['a stream of any length', answer(new Blob(['x']).stream()), 'GZIP;q=0.5', 'gzip', 'Accept-Encoding'],
    ['any encoding', answer('x'.repeat(1_024)), '*', 'gzip', 'Accept-Encoding'],
    ['any encoding except gzip', answer('x'.repeat(1_024)), '*, gzip;q=0', undefined, 'Accept-Encoding'],
    ['no encoding', answer('x'.repeat(1_024)), null, undefined, 'Accept-Encoding'],
    ['no body', answer(undefined), 'gzip', undefined, undefined],
    ['a body that is already compressed', answer('x'.repeat(1_024), { 'content-encoding': 'br' }), 'gzip', 'br', undefined],
  ])('compresses, or not: %s', async (_, response, accepted, encoding, vary) => {
    const { headers, body } = await compressed(response, accepted);
    expect([headers['content-encoding'], headers.vary]).toEqual([encoding, vary]);
    if (encoding !== 'gzip') expect(body).toBe(response.body);
    else expect((await read({ status: 200, headers, ...(body === undefined ? {} : { body }) })).text).toMatch(/^x+$/);
  });
});

describe('an ETag', () => {
  it.each([
    ['"a"', '"a"', true],
    ['W/"a"', '"a"', true],
    ['"a"', 'W/"a"', true],
    ['"b", W/"a"', '"a"', true],
    [' * ', '"a"', true],
    ['"b"', '"a"', false],
    ['"aW/"', '"a"', false],
    ['"*"', '"a"', false],
  ])('%s has %s: %s', (list, etag, expected) => expect(matchesTag(list, etag)).toBe(expected));

  it('saves sending a body that the caller has, and changes with the content', async () => {
    const { headers } = tagged({ a: 1 }, null);
    expect(headers.etag).toMatch(/^W\/"[\w-]{27}"$/);
    expect(tagged({ a: 1 }, headers.etag ?? '')).toEqual({
      status: 304,
      headers: { etag: headers.etag, 'cache-control': 'private, no-cache' },
    });
    expect(tagged({ a: 2 }, headers.etag ?? '')).toMatchObject({ status: 200, body: '{"a":2}' });
    expect(tagged({ a: 1 }, '"other", "own"', '"own"').status).toBe(304);
    expect(json({ a: 1 }, 201, { location: '/x' })).toEqual({
      status: 201,
      headers: { 'content-type': 'application/json', location: '/x' },
      body: '{"a":1}',
    });
  });

  it.each([
    ['nothing is stored, without a condition', undefined, {}, 200],
    ['nothing is stored, and it must not exist', undefined, { 'if-none-match': '*' }, 200],
    ['nothing is stored, and it must exist', undefined, { 'if-match': '*' }, 412],
    ['it is stored, without a condition', '"a"', {}, 428],
    ['it is stored, and must not exist', '"a"', { 'if-none-match': '*' }, 412],
    ['it is stored, and another version must not exist', '"a"', { 'if-none-match': '"b"' }, 428],
    ['it is stored as it was read', '"a"', { 'if-match': '"a"' }, 200],
    ['it is stored as it was read by one of several callers', '"a"', { 'if-match': '"b", "a"' }, 200],
    ['it was changed since then', '"a"', { 'if-match': '"b"' }, 412],
    ['it is stored as it was read, and must not be', '"a"', { 'if-match': '"a"', 'if-none-match': '"a"' }, 412],
  ])('guards a write when %s', (_, etag, headers, status) => {
    expect(statusOf(() => assertUnchanged(new Headers(headers), etag, 'thing'))).toBe(status);
  });

  it.each([
    ['that is not there', undefined, 'There is no thing to replace.'],
    ['that is there', '"a"', 'The thing was changed since it was read.'],
  ])('of another version is refused with the reason for one %s', (_, etag, reason) => {
    expect(() => assertUnchanged(new Headers({ 'if-match': '"b"' }), etag, 'thing')).toThrow(reason);
  });

  it('of an exemption contains its version and its state', () => {
    expect(exemptionTag({ version: 'W/"ü' })).toBe(`"${Buffer.from('W/"ü').toString('base64url')}"`);
    expect(exemptionTag({ version: 'a' }, { state: 'live', findings: 2 })).toBe('"YQ.live-2"');
  });
});

describe('a cursor', () => {
  const sealed = sealCursor('next ü', 'list', 'secret');

  it('is valid for its list and its secret', () => {
    expect(openCursor(sealed, 'list', 'secret')).toBe('next ü');
    expect(openCursor(sealCursor('', 'list'), 'list')).toBe('');
  });

  it.each([
    ['another list', sealed, 'other', 'secret'],
    ['another secret', sealed, 'list', 'other'],
    ['another version', `2${sealed.slice(1)}`, 'list', 'secret'],
    ['another payload', `${sealed}A`, 'list', 'secret'],
    ['another seal', `${sealed[0]}${sealed[1] === 'A' ? 'B' : 'A'}${sealed.slice(2)}`, 'list', 'secret'],
    ['half of a seal', sealed.slice(0, 10), 'list', 'secret'],
    ['nothing', '', 'list', 'secret'],
  ])('is invalid for any other: %s', (_, text, list, secret) => {
    expect(statusOf(() => openCursor(text, list, secret))).toBe(400);
  });
});

describe('a page', () => {
  /** Pages of these sizes, with even and odd numbers in turn. */
  const pages = (...sizes: readonly number[]) => {
    const asked: (readonly [number, string | undefined])[] = [];
    const readPage = async (top: number, after: string | undefined) => {
      asked.push([top, after]);
      const at = Number(after ?? 0);
      const value = Array.from({ length: Math.min(top, sizes[at] ?? 0) }, (_, index) => index);
      return at + 1 < sizes.length ? { value, next: String(at + 1) } : { value };
    };
    return { asked, readPage };
  };

  it.each<[string, readonly number[], number, object]>([
    ['is full after one read', [4, 4], 1, { value: [0], next: '1' }],
    ['is filled by a second read', [2, 2, 2], 2, { value: [0, 0], next: '2' }],
    ['ends with the list', [4], 4, { value: [0, 2] }],
    ['ends with the list while it is being filled', [2, 2], 9, { value: [0, 0] }],
  ])('%s', async (_, sizes, top, expected) => {
    const { readPage } = pages(...sizes);
    const isEven = (value: number) => value % 2 === 0;
    expect(await fillPage(top, undefined, readPage, isEven)).toEqual(expected);
  });

  it('requests only what is missing, from where it continues', async () => {
    const { asked, readPage } = pages(3, 3, 3, 3);
    expect(await fillPage(4, '1', readPage, () => true)).toEqual({ value: [0, 1, 2, 0], next: '3' });
    expect(asked).toEqual([
      [4, '1'],
      [1, '2'],
    ]);
  });

  it('is returned incomplete after twenty reads, with a link to continue', async () => {
    const { asked, readPage } = pages(...Array(30).fill(1));
    expect(await fillPage(5, undefined, readPage, () => false)).toEqual({ value: [], next: '20' });
    expect(asked).toHaveLength(20);
  });
});

describe('a refusal', () => {
  const expected: Partial<Record<FaultCode, number>> = { 'not-found': 404, malformed: 400, conflict: 409, throttled: 429 };
  it.each(FAULT_CODES)('for an external fault %s reports it, and when to retry', (code) => {
    const status = expected[code] ?? 503;
    const { headers, body, ...rest } = problemResponse(new Fault(code, 'What was seen.'));
    expect([rest.status, JSON.parse(String(body)).detail]).toEqual([status, 'What was seen.']);
    expect(headers['retry-after']).toBe(status === 429 || status === 503 ? '5' : undefined);
  });

  it('lists its errors, with its headers, and is not cached', () => {
    const problem = new Problem(400, 'Wrong.', [{ field: 'a', detail: 'b' }], { allow: 'GET' });
    expect(problemResponse(problem)).toEqual({
      status: 400,
      headers: { allow: 'GET', 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
      body: '{"type":"about:blank","title":"Bad request","status":400,"detail":"Wrong.","errors":[{"field":"a","detail":"b"}]}',
    });
    expect(problemResponse(new Problem(418, 'Tea.')).body).toBe('{"type":"about:blank","title":"Problem","status":418,"detail":"Tea."}');
  });

  it('contains nothing about an unexpected bug', () => {
    expect(problemResponse(new Error('secret'))).toMatchObject({ status: 500, body: expect.not.stringContaining('secret') });
    expect([new Problem(400, ''), new Fault('denied', ''), new Error('')].map(isExpected)).toEqual([true, true, false]);
  });
});

describe('an answer', () => {
  const request = (method: string) => ({ method, url: 'https://x.example/', headers: new Headers(), params: {} });

  it('is not cached unless it allows it', async () => {
    expect(await finish({ status: 200, headers: { 'cache-control': 'private' } }, request('GET'))).toEqual({
      status: 200,
      headers: { 'x-content-type-options': 'nosniff', 'cache-control': 'private' },
    });
    expect((await finish({ status: 200, headers: {} }, request('GET'))).headers['cache-control']).toBe('no-store');
  });

  it('to HEAD has no body, and its stream is released', async () => {
    let isLetGo = false;
    const body = new ReadableStream<Uint8Array>({
      cancel: async () => {
        await setImmediate();
        isLetGo = true;
      },
    });
    expect(await finish({ status: 200, headers: {}, body }, request('HEAD'))).not.toHaveProperty('body');
    expect(isLetGo).toBe(true);
    expect((await finish({ status: 200, headers: {}, body: 'x' }, request('GET'))).body).toBe('x');
  });
});

describe('a stream', () => {
  async function* items(...values: readonly (string | Error)[]): AsyncGenerator<string, void, undefined> {
    for (const value of values) {
      if (typeof value !== 'string') throw value;
      yield value;
    }
  }
  const chunksOf = async (body: ReadableStream<Uint8Array>) => {
    const chunks: number[] = [];
    for await (const chunk of body) chunks.push(chunk.byteLength);
    return chunks;
  };

  it('combines short pieces, and sends the rest at its end', async () => {
    const half = 'x'.repeat(16_384);
    expect(await chunksOf(await streamOf(items(half, half, half, 'y'), (lines) => lines))).toEqual([32_768, 16_385]);
    expect(await chunksOf(await streamOf(items(`${half}${half}`), (lines) => lines))).toEqual([32_768]);
    expect(await chunksOf(await streamOf(items(), (lines) => lines))).toEqual([]);
  });

  it('is an error when its first item fails, and is cut off when a later one fails', async () => {
    await expect(streamOf(items(new Error('away')), (lines) => lines)).rejects.toThrow('away');
    await expect(chunksOf(await streamOf(items('a', new Error('later')), (lines) => lines))).rejects.toThrow('later');
  });

  it.each([
    ['before it reads', 0, ['input']],
    ['after its first chunk', 1, ['writer', 'input']],
  ])('lets go of what it reads and writes when the reader disconnects %s', async (_, chunks, expected) => {
    const released: string[] = [];
    async function* input() {
      try {
        for (;;) yield 'x'.repeat(32_768);
      } finally {
        await setImmediate();
        released.push('input');
      }
    }
    async function* write(lines: AsyncIterable<string>) {
      try {
        yield* lines;
      } finally {
        await setImmediate();
        released.push('writer');
      }
    }
    const reader = (await streamOf(input(), write)).getReader();
    for (let read = 0; read < chunks; read++) await reader.read();
    await reader.cancel();
    expect(released).toEqual(expected);
  });

  it('of bytes is read at the speed of its reader, and released when the reader disconnects', async () => {
    let read = 0;
    let isLetGo = false;
    async function* bytes() {
      try {
        for (; read < 3; read++) yield new Uint8Array([read]);
      } finally {
        await setImmediate();
        isLetGo = true;
      }
    }
    const reader = bytesOf(bytes()).getReader();
    expect(read).toBe(0);
    expect((await reader.read()).value).toEqual(new Uint8Array([0]));
    await reader.cancel();
    expect([read, isLetGo]).toEqual([0, true]);
    read = 0;
    expect(await chunksOf(bytesOf(bytes()))).toEqual([1, 1, 1]);
  });
});

describe('metrics', () => {
  it('are written in the Prometheus format, including hostile names', () => {
    const samples = [{ value: 1 }, { labels: { a: 'x"\n\\\ud800', b: 'y' }, value: 0.5 }, ...byLabel('k', [['v', Number.NaN]])];
    expect(gauge('m', 'It\nis \\ help.', samples)).toBe(
      '# HELP m It\\nis \\\\ help.\n# TYPE m gauge\nm 1\nm{a="x\\"\\n\\\\\ufffd",b="y"} 0.5\nm{k="v"} NaN\n',
    );
    expect(gauge('m', 'h', [{ value: Number.POSITIVE_INFINITY }, { value: Number.NEGATIVE_INFINITY }])).toMatch(/m \+Inf\nm -Inf\n$/);
  });
});
