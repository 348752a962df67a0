import { createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { again, type Run } from '../../../shared/azure/client/attempt.ts';
import { staticToken } from '../../../shared/azure/client/credential.ts';

const NOW = Date.parse('2026-11-23T04:00:00.000Z');
const answered = (status: number, headers: Readonly<Record<string, string>> = {}) => ({
  response: { request: createPipelineRequest({ url: 'https://x' }), status, headers: createHttpHeaders(headers) },
});
const failed = (code: string) => ({ responseError: Object.assign(new Error('m'), { code }) });

interface Tried {
  readonly retryCount?: number;
  readonly random?: number;
  readonly failures?: number;
  /** Milliseconds that the call may still take. */
  readonly left?: number;
}

/** Whether and when a call is tried again, in milliseconds from now, and how many failures it counts then. */
function triedAgain(
  outcome: Omit<Parameters<typeof again>[1], 'retryCount'>,
  { retryCount = 0, random = 1, failures = 0, left = 60_000 }: Tried = {},
) {
  const call = { what: 'look', action: 'a', buckets: [], schema: z.unknown(), abortSignal: new AbortController().signal };
  const options = { credential: staticToken('t'), armEndpoint: 'https://x', clock: () => new Date(NOW), random: () => random };
  const run: Run<unknown> = { call, options, deadline: NOW + left, notBefore: NOW, failures };
  const decided = again(run, { retryCount, ...outcome });
  if (decided.skipStrategy === true) expect(run.notBefore).toBe(NOW);
  else expect(decided).toEqual({ retryAfterInMs: 0 });
  return decided.skipStrategy === true ? 'no' : [run.notBefore - NOW, run.failures];
}

it.each<[string, Parameters<typeof triedAgain>[0], Tried, ReturnType<typeof triedAgain>]>([
  ['a first failure', answered(503), {}, [500, 1]],
  ['a first failure, spread', answered(503), { random: 0 }, [250, 1]],
  ['a second failure', answered(503), { retryCount: 1 }, [1_000, 1]],
  ['a sixth failure', answered(503), { retryCount: 5 }, [16_000, 1]],
  ['a seventh failure: no wait is longer', answered(503), { retryCount: 6 }, [30_000, 1]],
  ['the last failure that is tried again', answered(503), { failures: 3 }, [500, 4]],
  ['one failure more', answered(503), { failures: 4 }, 'no'],
  ['a refusal, which is no failure', answered(429), { failures: 4 }, [500, 4]],
  ['a refusal that says how long', answered(429, { 'retry-after': '7' }), {}, [7_000, 0]],
  ['a refusal for all but the time that is left', answered(429, { 'retry-after': '7' }), { left: 7_001 }, [7_000, 0]],
  ['a refusal for the time that is left', answered(429, { 'retry-after': '7' }), { left: 7_000 }, 'no'],
  ['a connection that breaks', failed('ECONNRESET'), {}, [500, 1]],
  ['a connection that keeps breaking', failed('ECONNRESET'), { failures: 4 }, 'no'],
  ['a bug', failed('EODD'), {}, 'no'],
  ['an answer that another try would not change', answered(404), {}, 'no'],
])('after %s the call is tried again when it makes sense', (_, outcome, tried, expected) => {
  expect(triedAgain(outcome, tried)).toEqual(expected);
});
