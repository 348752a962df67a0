import { describe, expect, it } from 'vitest';
import { Fault } from '../../shared/domain/snapshot/fault.ts';
import { attempt, faultOf, statusOf } from '../../shared/storage/fault.ts';

const refused = (statusCode: unknown, message = 'no\nand a request id') => Object.assign(new Error(message), { statusCode });
const named = (name: string) => Object.assign(new Error('late'), { name });

describe('a failed call to storage', () => {
  it.each<[string, unknown, string, string]>([
    ['401', refused(401), 'denied', 'the identity lacks a data role on the storage account (no)'],
    ['403', refused(403), 'denied', 'the identity lacks a data role on the storage account (no)'],
    ['404', refused(404), 'not-found', 'it does not exist.'],
    ['409', refused(409), 'conflict', 'another process has written it.'],
    ['412', refused(412), 'conflict', 'another process has written it.'],
    ['413', refused(413), 'too-large', 'it is larger than the service allows.'],
    ['429', refused(429), 'throttled', 'the storage account is busy.'],
    ['503', refused(503), 'throttled', 'the storage account is busy.'],
    ['400', refused(400), 'malformed', 'the storage rejected it (400: no)'],
    ['499', refused(499), 'malformed', 'the storage rejected it (499: no)'],
    ['500', refused(500), 'unreachable', 'no'],
    ['an abort', named('AbortError'), 'timed-out', 'the storage did not answer in time.'],
    ['a time limit', named('TimeoutError'), 'timed-out', 'the storage did not answer in time.'],
    ['an error without a status', new Error('getaddrinfo ENOTFOUND'), 'unreachable', 'getaddrinfo ENOTFOUND'],
    ['a long error', new Error('x'.repeat(301)), 'unreachable', 'x'.repeat(300)],
    ['no error', 'text', 'unreachable', 'text'],
  ])('by %s says why, in one line', (_, error, code, because) => {
    expect(faultOf(error, 'read it')).toMatchObject({ code, message: `Cannot read it: ${because}`, cause: error });
  });

  it('that is already a fault is not wrapped again', async () => {
    const fault = new Fault('malformed', 'Cannot read it.');
    await expect(attempt('do it', () => Promise.reject(fault))).rejects.toBe(fault);
    await expect(attempt('do it', () => Promise.reject(refused(404)))).rejects.toMatchObject({ code: 'not-found' });
    expect(await attempt('do it', async () => 7)).toBe(7);
  });

  it.each([
    ['a number', refused(404), 404],
    ['a text', refused('404'), undefined],
    ['none', new Error('no'), undefined],
    ['no object', undefined, undefined],
  ])('has the status of the service: %s', (_, error, status) => {
    expect(statusOf(error)).toBe(status);
  });
});
