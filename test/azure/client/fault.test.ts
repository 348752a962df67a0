import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faultOfAnswer, faultOfError, isPassing } from '../../../shared/azure/client/fault.ts';
import { Fault } from '../../../shared/domain/snapshot/fault.ts';

const call = { what: 'read the cluster c', action: 'the/permission' };
const answer = (status: number, body: unknown = { error: { code: 'Some', message: 'text.' } }) => ({
  status,
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

describe('an answer that is not a success', () => {
  it.each([
    [400, 'unsupported', false],
    [401, 'unauthenticated', false],
    [403, 'denied', false],
    [404, 'unsupported', false],
    [405, 'unsupported', false],
    [408, 'timed-out', true],
    [409, 'conflict', true],
    [410, 'expired', false],
    [412, 'conflict', true],
    [413, 'too-large', false],
    [418, 'malformed', false],
    [429, 'throttled', true],
    [500, 'unreachable', true],
    [503, 'unreachable', true],
    [204, 'malformed', false],
    [302, 'malformed', false],
  ])('of status %i is %s', (status, code, retryable) => {
    expect(faultOfAnswer(answer(status), call)).toMatchObject({ name: 'Fault', code, retryable, cause: expect.any(Error) });
  });

  it.each([
    ['SubscriptionNotFound', 404, 'denied'],
    ['InvalidSubscriptionId', 400, 'denied'],
    ['MissingSubscriptionRegistration', 409, 'unsupported'],
    ['ScopeLocked', 409, 'denied'],
    ['ResourceGroupNotFound', 404, 'not-found'],
    ['ResourceNotFound', 404, 'not-found'],
    ['NotFound', 404, 'not-found'],
    ['AgentPoolNotFound', 404, 'not-found'],
    ['ResourceProviderNotFound', 404, 'unsupported'],
    ['NoRegisteredProviderFound', 404, 'unsupported'],
    ['InvalidResourceType', 404, 'unsupported'],
    ['TenantNotFound', 404, 'unsupported'],
    ['LocationNotFoundForCluster', 404, 'unsupported'],
    ['MyTenantNotFound', 404, 'not-found'],
    ['ResourceNotFoundAnywhere', 404, 'unsupported'],
  ])('and of code %s with status %i is %s', (code, status, expected) => {
    // Some services answer without the member `error`.
    for (const body of [{ error: { code, message: '' } }, { code, message: '' }]) {
      expect(faultOfAnswer(answer(status, body), call).code).toBe(expected);
    }
  });

  it('caused by a lock names the lock, and not a missing role or an unfinished operation', () => {
    const body = {
      error: {
        code: 'ScopeLocked',
        message:
          "The scope 'x' cannot perform write operation because following scope(s) are locked: 'y'. Please remove the lock and try again.",
      },
    };
    const { message } = faultOfAnswer(answer(409, body), call);
    expect(message).toMatch(/A read-only lock is on the resource, its resource group or its subscription/);
    expect(message).not.toMatch(/lacks|operation on it that never ends/);
  });

  it.each([
    '',
    '<html>',
    '{}',
    '[]',
    'null',
    '7',
    '{"error":null}',
    '{"error":{"code":7}}',
    '{"error":"ResourceNotFound"}',
    '{"error":{"code":""}}',
  ])('is not evidence of a deletion when its body is %j', (body) => {
    expect(faultOfAnswer(answer(404, body), call).code).toBe('malformed');
  });

  it('becomes a sentence that says what to do', () => {
    expect(faultOfAnswer(answer(403), call).message).toBe(
      'Cannot read the cluster c: Azure answered 403 Some: text. The identity lacks the/permission: give it a role that allows it.',
    );
    expect(faultOfAnswer({ ...answer(429), retryAfterSeconds: 7 }, call).message).toBe(
      'Cannot read the cluster c: Azure answered 429 Some: text. Azure asks to wait 7 seconds.',
    );
    expect(faultOfAnswer(answer(429), call).message).toBe('Cannot read the cluster c: Azure answered 429 Some: text.');
    expect(faultOfAnswer({ ...answer(503), retryAfterSeconds: 7 }, call).message).toBe(
      'Cannot read the cluster c: Azure answered 503 Some: text.',
    );
    for (const [error, said] of [
      [{ code: 'Some', message: '' }, '500 Some'],
      [{ code: 'Some' }, '500 Some'],
      [{ code: '', message: 'text' }, '500 text'],
      [{ code: '', message: '' }, '500'],
    ] as const)
      expect(faultOfAnswer(answer(500, { error }), call).message).toBe(`Cannot read the cluster c: Azure answered ${said}.`);
    expect(faultOfAnswer(answer(401), call).message).toContain('The token was not accepted');
    expect(faultOfAnswer(answer(500, ''), call).message).toBe('Cannot read the cluster c: Azure answered 500.');
  });

  it('becomes one short line, whatever its body contains', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 599 }),
        fc.oneof(fc.string({ unit: 'binary' }), fc.json()),
        fc.string(),
        (status, body, text) => {
          for (const one of [body, JSON.stringify({ error: { code: text, message: `${text}\n\u0085\u2028${'x'.repeat(999)}` } })]) {
            const { message } = faultOfAnswer(answer(status, one), call);
            expect(message).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
            expect(message.length).toBeLessThan(500);
          }
        },
      ),
    );
  });
});

const coded = (code: string, name = 'Error') => Object.assign(new Error('m'), { code, name });

describe('an error that was thrown', () => {
  it.each([
    ['ENOTFOUND', 'unreachable', true],
    ['EAI_AGAIN', 'unreachable', true],
    ['ECONNREFUSED', 'unreachable', true],
    ['ECONNRESET', 'unreachable', true],
    ['ETIMEDOUT', 'timed-out', true],
    ['CERT_HAS_EXPIRED', 'unreachable', false],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'unreachable', false],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'unreachable', false],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'unreachable', false],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'unreachable', false],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'unreachable', false],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'unreachable', false],
    ['HOSTNAME_MISMATCH', 'unreachable', false],
    ['EPROTO', 'unreachable', false],
  ])('with code %s is %s', (code, expected, passing) => {
    const error = coded(code);

    expect(faultOfError(error, call)).toMatchObject({ name: 'Fault', code: expected, cause: error });
    expect(faultOfError(new Error('outer', { cause: error }), call)).toMatchObject({ code: expected });
    expect(isPassing(error)).toBe(passing);
  });

  it.each(['CredentialUnavailableError', 'AuthenticationError', 'AuthenticationRequiredError', 'AggregateAuthenticationError'])(
    'named %s means that no token is available',
    (name) => {
      expect(faultOfError(coded('', name), call)).toMatchObject({ code: 'unauthenticated' });
    },
  );

  it('is returned unchanged when it is already a fault, or a bug', () => {
    const fault = new Fault('denied', 'm');
    const bug = new TypeError('x is not a function');

    expect(faultOfError(fault, call)).toBe(fault);
    expect(faultOfError(bug, call)).toBe(bug);
    expect(faultOfError('text', call)).toBe('text');
    const odd = [
      coded('MY_CERT_X'),
      coded('EPROTOTYPE'),
      coded('X_EPROTO'),
      coded('', 'MyAuthenticationError'),
      coded('', 'AuthenticationErrors'),
    ];
    for (const error of odd) expect(faultOfError(error, call)).toBe(error);
    expect(isPassing('ECONNRESET')).toBe(false);
  });

  it('becomes a timeout when it was aborted', () => {
    expect(faultOfError(coded('', 'AbortError'), call)).toMatchObject({ code: 'timed-out', message: expect.stringContaining('in time') });
    expect(faultOfError(coded('', 'AbortError'), call, new AbortController().signal)).toMatchObject({ code: 'timed-out' });
  });

  it('becomes a timeout when its caller was aborted, whatever the error is', () => {
    expect(faultOfError('text', call, AbortSignal.abort('why'))).toMatchObject({ code: 'timed-out' });
    expect(faultOfError(new Fault('denied', 'm'), call, AbortSignal.abort())).toMatchObject({ code: 'denied' });
  });
});
