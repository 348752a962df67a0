import { describe, expect, it } from 'vitest';
import { Fault, type FaultCode } from '../../../shared/domain/snapshot/fault.ts';
import { advised } from '../../../shared/kubernetes/client/advice.ts';
import { beforeAbort } from '../../../shared/kubernetes/client/before-abort.ts';
import { CutOff, networkFault, SignInFault, Untrusted } from '../../../shared/kubernetes/client/network-fault.ts';

const URL_OF_SERVER = new URL('https://api.example:6443/api/v1/pods');
const running = new AbortController().signal;

describe('a name that cannot be resolved', () => {
  it.each([
    ['api.example', 'The name api.example of the API server cannot be resolved: '],
    ['proxy.corp', 'The name proxy.corp of the proxy for the API server api.example:6443 cannot be resolved: '],
    [undefined, 'The name api.example of the API server cannot be resolved: '],
  ])('is reported with what it names: %s', (hostname, words) => {
    for (const code of ['ENOTFOUND', 'EAI_AGAIN']) {
      const error = Object.assign(new Error(`getaddrinfo ${code}`), { code, hostname });
      expect(networkFault(error, URL_OF_SERVER, running)).toMatchObject({ code: 'unreachable', message: expect.stringContaining(words) });
    }
  });
});

describe('an error of the network', () => {
  const failed = (code: string, message = 'it failed') => networkFault(Object.assign(new Error(message), { code }), URL_OF_SERVER, running);

  it.each<[string, typeof Fault, FaultCode]>([
    ['ECONNRESET', CutOff, 'unreachable'],
    ['EPIPE', CutOff, 'unreachable'],
    ['HPE_INVALID_CONSTANT', CutOff, 'unreachable'],
    ['ERR_STREAM_PREMATURE_CLOSE', CutOff, 'unreachable'],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', SignInFault, 'unauthenticated'],
    ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', SignInFault, 'unauthenticated'],
    ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', SignInFault, 'unauthenticated'],
    ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED', SignInFault, 'unauthenticated'],
    ['CERT_HAS_EXPIRED', Untrusted, 'unreachable'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', Untrusted, 'unreachable'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', Untrusted, 'unreachable'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', Untrusted, 'unreachable'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', Fault, 'unreachable'],
    ['ECONNREFUSED', Fault, 'unreachable'],
    ['X_ECONNRESET', Fault, 'unreachable'],
    ['ENOTFOUND', Fault, 'unreachable'],
  ])('%s is recognized', (code, kind, told) => {
    const fault = failed(code);
    expect([fault.constructor, fault.code]).toEqual([kind, told]);
  });

  it('that broke an answer off is known by its message too', () => {
    expect(networkFault(new Error('aborted'), URL_OF_SERVER, running)).toBeInstanceOf(CutOff);
    expect(networkFault(new Error('it was aborted'), URL_OF_SERVER, running)).not.toBeInstanceOf(CutOff);
  });

  it('after the time limit is a timeout, whatever error ended it', () => {
    const error = Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
    expect(networkFault(error, URL_OF_SERVER, AbortSignal.abort())).toMatchObject({ code: 'timed-out' });
  });

  it('that is a fault stays the same, and what is no error is thrown', () => {
    const fault = new Fault('too-large', 'Large.');
    expect(networkFault(fault, URL_OF_SERVER, AbortSignal.abort())).toBe(fault);
    expect(() => networkFault('text', URL_OF_SERVER, running)).toThrow('text');
  });

  it.each([
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'No TLS connection to'],
    ['ERR_OSSL_X', 'No TLS connection to'],
    ['ECONNREFUSED', 'cannot be reached: it failed'],
  ])('%s is described in words', (code, words) => {
    expect(failed(code).message).toContain(words);
    expect(failed(code, '').message).toContain(code);
  });
});

describe('advice', () => {
  const adviceOn = (error: unknown) => advised(Promise.reject(error)).catch((told: unknown) => told);

  it('follows a fault of a server, once, and its code stays', async () => {
    const fault = new Fault('denied', 'Forbidden.');
    expect(await adviceOn(fault)).toMatchObject({ code: 'denied', message: expect.stringMatching(/^Forbidden\. ./), cause: fault });
  });

  it.each([
    ['a certificate that is not trusted, which says itself what to do', new Untrusted('server', new Error('expired'))],
    ['a sign-in that failed, which says so too', new SignInFault('Sign in again.')],
    ['a fault that needs none', new Fault('stopped', 'It is stopped.')],
    ['what is no fault', new Error('bug')],
  ])('does not follow %s', async (_, error) => {
    expect(await adviceOn(error)).toBe(error);
  });

  it('does not follow what was read', async () => {
    expect(await advised(Promise.resolve('read'))).toBe('read');
  });
});

describe('work that cannot be cancelled', () => {
  const never = new Promise<never>(() => undefined);

  it('is waited for, with its result or its error', async () => {
    expect(await beforeAbort(Promise.resolve(7), running)).toBe(7);
    await expect(beforeAbort(Promise.reject(new Error('own')), running)).rejects.toThrow('own');
  });

  it('is left when the signal ends, before or while it runs', async () => {
    const controller = new AbortController();
    const left = beforeAbort(never, controller.signal);
    controller.abort(new Error('late'));
    await expect(left).rejects.toThrow('late');
    await expect(beforeAbort(never, controller.signal)).rejects.toThrow('late');
  });
});
