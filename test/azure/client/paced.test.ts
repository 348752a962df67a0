import {
  createHttpHeaders,
  createPipelineRequest,
  type PipelineRequest,
  type PipelineResponse,
  type SendRequest,
} from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Bucket } from '../../../shared/azure/budget/bucket.ts';
import { paced } from '../../../shared/azure/client/attempt.ts';
import { staticToken } from '../../../shared/azure/client/credential.ts';
import { sleepingClock } from '../support/reach.ts';

const MIB = 1024 * 1024;
const aRequest = () => createPipelineRequest({ url: 'https://x' });

/** What a test says of a try. */
interface Trying {
  /** Milliseconds until it may begin. */
  readonly inMs?: number;
  readonly buckets?: readonly Bucket[];
  readonly attemptTimeoutMs?: number;
  readonly request?: PipelineRequest;
  readonly time?: ReturnType<typeof sleepingClock>;
  readonly credential?: TokenCredential;
}

/** One try of a call that is answered by `next`. */
async function tried(
  next: SendRequest,
  {
    inMs = 0,
    buckets = [],
    attemptTimeoutMs = 30_000,
    request = aRequest(),
    time = sleepingClock(),
    credential = staticToken('t'),
  }: Trying = {},
): Promise<PipelineResponse> {
  const { clock, sleep } = time;
  const abortSignal = new AbortController().signal;
  const call = { what: 'look', action: 'a', buckets, schema: z.unknown(), abortSignal };
  const options = { credential, armEndpoint: 'https://x', clock, sleep, attemptTimeoutMs, random: () => 0.5 };
  const now = clock().getTime();
  const run = { call, options, deadline: now + 60_000, notBefore: now + inMs, failures: 0 };
  return paced(run).sendRequest(request, next);
}

/** An answer whose body arrives in these chunks; without any it has no body. */
const answered =
  (body?: () => Iterable<string | Uint8Array>): SendRequest =>
  async (request) => {
    const answer = { request, status: 200, headers: createHttpHeaders() };
    if (body === undefined) return answer;
    const { Readable } = await import('node:stream');
    return { ...answer, readableStreamBody: Readable.from(body()) };
  };

function* broken(error: unknown) {
  yield '{"value":';
  throw error;
}

describe('a try', () => {
  it('gives the whole text of an answer, which may have none', async () => {
    const parts = Buffer.from('{"ö":1}');
    expect(await tried(answered(() => [parts.subarray(0, 3), parts.subarray(3)]))).toMatchObject({ status: 200, bodyAsText: '{"ö":1}' });
    expect(await tried(answered())).toMatchObject({ bodyAsText: '' });
  });

  it.each([
    [2_000, [2_000]],
    [1, [1]],
    [0, []],
    [-1, []],
  ])('that may begin in %i ms waits so long before it asks', async (inMs, waits) => {
    const time = sleepingClock();
    const start = time.clock().getTime();
    let asked: number | undefined;
    const next = answered();
    await tried(
      (request) => {
        asked = time.clock().getTime() - start;
        return next(request);
      },
      { inMs, time },
    );
    expect([asked, time.slept]).toEqual([Math.max(0, inMs), waits]);
  });

  it('waits for its budget before it asks', async () => {
    const time = sleepingClock();
    const start = time.clock().getTime();
    const asked: number[] = [];
    const trying = { time, credential: staticToken('t'), buckets: [{ key: 'small/s', burst: 1, perSecond: 1 }] };
    const next: SendRequest = (request) => {
      asked.push(time.clock().getTime() - start);
      return answered()(request);
    };
    await tried(next, trying);
    await tried(next, trying);
    expect(asked).toEqual([0, 1_000]);
  });

  it('asks for a body that it reads itself, and leaves the signal of its request as it was', async () => {
    const { signal } = new AbortController();
    for (const request of [aRequest(), createPipelineRequest({ url: 'https://x', abortSignal: signal })]) {
      const before = request.abortSignal;
      const during: unknown[] = [];
      await tried(
        (one) => {
          during.push(one.streamResponseStatusCodes?.has(Number.POSITIVE_INFINITY), one.abortSignal === before);
          return answered()(one);
        },
        { request },
      );
      expect(during).toEqual([true, false]);
      expect(request.abortSignal).toBe(before);
    }
  });

  it('that is not answered in time says so, so that another try follows', async () => {
    await expect(tried(() => new Promise(() => undefined), { attemptTimeoutMs: 1 })).rejects.toMatchObject({
      name: 'RestError',
      code: 'ETIMEDOUT',
      message: 'The attempt timed out.',
    });
  });

  it('reads 64 MiB, and not a byte more', async () => {
    const chunk = Buffer.alloc(MIB, 0x20);
    const full = Array.from({ length: 64 }, () => chunk);
    expect((await tried(answered(() => full))).bodyAsText).toHaveLength(64 * MIB);
    await expect(tried(answered(() => [...full, ' ']))).rejects.toMatchObject({
      name: 'Fault',
      code: 'too-large',
      message: 'Cannot look: the response is larger than 64 MiB.',
    });
  });

  it('says of a connection that breaks in the middle of an answer that it broke, so that another try follows', async () => {
    const cause = Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
    await expect(tried(answered(() => broken(cause)))).rejects.toMatchObject({
      name: 'RestError',
      code: 'ECONNRESET',
      message: 'aborted',
      cause,
    });
  });

  it.each([
    ['a bug', new TypeError('a bug')],
    ['an error whose code is a number', Object.assign(new Error('odd'), { code: 7 })],
  ])('hides no error that the network did not cause: %s', async (_, error) => {
    await expect(tried(answered(() => broken(error)))).rejects.toBe(error);
  });
});
