import { createHttpHeaders, createPipelineRequest, type PipelineResponse, type SendRequest } from '@azure/core-rest-pipeline';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { paced } from '../../../shared/azure/client/attempt.ts';
import { staticToken } from '../../../shared/azure/client/credential.ts';
import { sleepingClock } from '../support/reach.ts';

const MIB = 1024 * 1024;

/** One try of a call that is answered by `next`. */
async function tried(next: SendRequest): Promise<PipelineResponse> {
  const { clock, sleep } = sleepingClock();
  const abortSignal = new AbortController().signal;
  const call = { what: 'look', action: 'a', buckets: [], schema: z.unknown(), abortSignal };
  const options = { credential: staticToken('t'), armEndpoint: 'https://x', clock, sleep };
  const now = clock().getTime();
  const run = { call, options, deadline: now + 60_000, notBefore: now, failures: 0 };
  return paced(run).sendRequest(createPipelineRequest({ url: 'https://x' }), next);
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
