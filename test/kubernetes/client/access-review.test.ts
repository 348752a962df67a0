import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reviewAccess, reviewSelf } from '../../../shared/kubernetes/client/access-review.ts';
import { createAuthority } from '../../../shared/local/estate/server/certificates.ts';
import { startRawServer } from '../support/raw-server.ts';

interface Attributes {
  readonly verb: string;
  readonly resource: string;
  readonly namespace?: string;
}

let server: Server;
let status = 201;
let answers = true;
let decides = true;
const asked: { readonly url: string | undefined; readonly authorization: string | undefined; readonly attributes: Attributes }[] = [];

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const review = JSON.parse(Buffer.concat(chunks).toString());
    const attributes: Attributes = review.spec?.resourceAttributes;
    asked.push({ url: request.url, authorization: request.headers.authorization, attributes });
    if (!answers) return;
    response.writeHead(status, { 'content-type': 'application/json', ...(status === 307 ? { location: '/elsewhere' } : {}) });
    const decided = decides ? { status: { allowed: attributes.resource !== 'secrets' } } : {};
    const body = status === 201 ? { ...review, ...decided } : { kind: 'Status', code: status };
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function kubeConfig(port = (server.address() as AddressInfo).port): KubeConfig {
  const config = new KubeConfig();
  config.loadFromClusterAndUser({ name: 'c', server: `http://127.0.0.1:${port}`, skipTLSVerify: true }, { name: 'u', token: 'the-token' });
  return config;
}

const PODS = { verb: 'list', group: '', resource: 'pods' } as const;
const SECRETS = { verb: 'get', group: '', resource: 'secrets', namespace: 'n' } as const;
const ask = (signal = AbortSignal.timeout(10_000)) => reviewAccess(kubeConfig(), [PODS, SECRETS, PODS], signal);

describe('reviewAccess', () => {
  it('answers each question in order, as the caller itself', async () => {
    await expect(ask()).resolves.toEqual([true, false, true]);

    expect(asked[0]).toMatchObject({
      url: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      authorization: 'Bearer the-token',
    });
    expect(asked.map(({ attributes }) => attributes.namespace)).toContain('n');
  });

  it.each([
    [401, 'unauthenticated'],
    [403, 'denied'],
    // A redirect is treated like any other answer: no request follows it.
    [307, 'unsupported'],
    [404, 'unsupported'],
    [429, 'throttled'],
    [500, 'unreachable'],
  ] as const)('says, of the answer %i, %s, and never allowed', async (given, code) => {
    status = given;
    try {
      await expect(ask()).rejects.toMatchObject({ name: 'Fault', code });
      expect(asked.map(({ url }) => url)).not.toContain('/elsewhere');
    } finally {
      status = 201;
    }
  });

  it('treats an answer without a decision as denied', async () => {
    decides = false;
    try {
      await expect(ask()).resolves.toEqual([false, false, false]);
    } finally {
      decides = true;
    }
  });

  it('ends at its time limit', async () => {
    answers = false;
    try {
      await expect(ask(AbortSignal.timeout(100))).rejects.toMatchObject({ code: 'timed-out' });
    } finally {
      answers = true;
    }
  });

  it('reports a server that does not answer', async () => {
    await expect(reviewAccess(kubeConfig(1), [PODS], AbortSignal.timeout(10_000))).rejects.toMatchObject({ code: 'unreachable' });
  });
});

describe('reviewSelf', () => {
  it.each<[string, number, object, string | undefined]>([
    ['the name of the caller', 201, { status: { userInfo: { username: 'system:serviceaccount:a:b' } } }, 'system:serviceaccount:a:b'],
    ['nothing when the server does not tell', 201, {}, undefined],
    ['nothing when the server is too old', 404, {}, undefined],
    ['nothing when it refuses the question', 403, {}, undefined],
    ['a fault when it does not accept the token', 401, {}, 'unauthenticated'],
    ['a fault when it throttles', 429, {}, 'throttled'],
    ['a fault when it fails', 500, {}, 'unreachable'],
  ])('gives %s', async (_, code, body, expected) => {
    const authority = await createAuthority('review');
    const { certificate, key } = await authority.server();
    const urls: (string | undefined)[] = [];
    const secure = await startRawServer(
      (request, response) => {
        urls.push(request.url);
        response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      },
      { cert: certificate, key },
    );
    const config = new KubeConfig();
    const caData = Buffer.from(authority.caPem).toString('base64');
    config.loadFromClusterAndUser({ name: 'c', server: secure.url, caData, skipTLSVerify: false }, { name: 'u', token: 't' });
    const told = await reviewSelf(config, AbortSignal.timeout(10_000)).catch((error: { code: string }) => error.code);
    await secure.stop();
    expect([told, urls]).toEqual([expected, ['/apis/authentication.k8s.io/v1/selfsubjectreviews']]);
  });

  it('ends at its time limit', async () => {
    answers = false;
    try {
      await expect(reviewSelf(kubeConfig(), AbortSignal.timeout(50))).rejects.toMatchObject({ code: 'timed-out' });
    } finally {
      answers = true;
    }
  });
});
