import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { accessFromKubeconfig, type KubeconfigWorld } from '../../../shared/kubernetes/kubeconfig/access.ts';
import { loadKubeconfig } from '../../../shared/kubernetes/kubeconfig/load.ts';
import { isProxyAddress, proxyFor } from '../../../shared/kubernetes/kubeconfig/proxy.ts';

const WORLD: KubeconfigWorld = { environment: process.env, isTerminal: false, signInMs: 10_000, clock: () => new Date() };
const SECRET = 's3cr3t-token';
const base64 = (text: string) => Buffer.from(text).toString('base64');
const CA = '-----BEGIN CERTIFICATE-----\nx';
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubeconfig-user-'));
  await writeFile(join(folder, 'ca.pem'), CA);
  await writeFile(join(folder, 'file.pem'), 'FILE');
});
afterAll(() => rm(folder, { recursive: true }));

let files = 0;
async function open(user: object, cluster: object = {}, world: Partial<KubeconfigWorld> = {}) {
  const path = join(folder, `config-${files++}`);
  const text = stringify({
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'k', user: 'u' } }],
    clusters: [{ name: 'k', cluster: { server: 'https://127.0.0.1:1', ...cluster } }],
    users: [{ name: 'u', user }],
  });
  await writeFile(path, text);
  return accessFromKubeconfig(path, undefined, { ...WORLD, ...world });
}
const soon = () => AbortSignal.timeout(10_000);
const shown = async (...args: Parameters<typeof open>) => (await open(...args)).credentials(false, soon());
const code = (work: Promise<unknown>) =>
  work.then(
    () => 'none',
    (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
  );

describe('a user', () => {
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'x' };
  test.each<[string, object, string]>([
    ['a token file and a name', { tokenFile: 'file.pem', username: 'a' }, 'malformed'],
    ['a token and a name', { token: SECRET, username: 'a' }, 'malformed'],
    ['a program and an auth provider', { exec, 'auth-provider': { name: 'oidc' } }, 'malformed'],
    ['a certificate without a key', { 'client-certificate': 'file.pem' }, 'malformed'],
    ['a key without a certificate', { 'client-key': 'file.pem' }, 'none'],
    ['a uid of nobody', { 'as-uid': '7' }, 'malformed'],
    ['extra of nobody', { 'as-user-extra': { a: ['b'] } }, 'malformed'],
    ['a name to act as', { as: 'jane' }, 'none'],
    ['an auth provider of old', { 'auth-provider': { name: 'azure' } }, 'unauthenticated'],
    ['an empty token', { token: '  ' }, 'none'],
    ['a token with a blank inside', { token: 'a b' }, 'unauthenticated'],
    ['a token beyond ASCII', { token: 'tökén' }, 'unauthenticated'],
    ['an empty token file', { tokenFile: 'empty' }, 'unauthenticated'],
  ])('with %s is refused, or not: %#', async (_, user, expected) => {
    await writeFile(join(folder, 'empty'), '\n');
    expect(await code(shown(user))).toBe(expected);
  });

  test('acts as somebody with what the kubeconfig says, and with nothing else', async () => {
    expect((await shown({ token: 't', as: 'jane' })).headers).toEqual({ authorization: 'Bearer t', 'impersonate-user': 'jane' });
    const extra = { as: 'jane', 'as-user-extra': { 'Ä b/c': ['1'] } };
    expect((await shown({ token: 't', ...extra })).headers).toMatchObject({ 'impersonate-extra-%C3%84%20b%2Fc': ['1'] });
  });

  test('shows no key without its certificate', async () => {
    expect((await shown({ 'client-key': 'file.pem' })).tls).toEqual({});
  });

  test('without a password shows a name with an empty one', async () => {
    expect((await shown({ username: 'a' })).headers).toEqual({ authorization: `Basic ${base64('a:')}` });
  });

  test('shows a token of OpenID Connect while it holds, and no other', async () => {
    const jwt = (expires: number) =>
      ['{"alg":"none"}', JSON.stringify({ exp: expires }), 'x'].map((part) => Buffer.from(part).toString('base64url')).join('.');
    const oidc = (token: string) => ({
      'auth-provider': { name: 'oidc', config: { 'id-token': token, 'client-id': 'c', 'idp-issuer-url': 'http://127.0.0.1:1' } },
    });
    const valid = jwt(4_000_000_000);
    expect((await shown(oidc(valid))).headers).toEqual({ authorization: `Bearer ${valid}` });
    expect(await code(shown(oidc(jwt(1))))).toBe('unauthenticated');
  });
});

describe('the TLS of a kubeconfig', () => {
  test.each<[string, object, object]>([
    ['the authority in it', { 'certificate-authority-data': base64(CA) }, { ca: CA }],
    ['the authority in it, written over lines', { 'certificate-authority-data': base64(CA).replace(/(.{8})/g, '$1\n') }, { ca: CA }],
    ['the authority in a file beside it', { 'certificate-authority': 'ca.pem' }, { ca: CA }],
    [
      'the authority in it before that in a file',
      { 'certificate-authority': 'gone.pem', 'certificate-authority-data': base64(CA) },
      { ca: CA },
    ],
    ['the name of the server', { 'tls-server-name': 'api' }, { servername: 'api' }],
    ['no check', { 'insecure-skip-tls-verify': true }, { rejectUnauthorized: false }],
    ['nothing', { 'insecure-skip-tls-verify': false }, {}],
  ])('is %s', async (_, cluster, expected) => {
    const { tls } = await shown({}, cluster);
    expect({ ...tls, ...(tls.ca === undefined ? {} : { ca: String(tls.ca) }) }).toEqual(expected);
  });

  test.each<[string, object, object]>([
    ['a file that is not there', { 'certificate-authority': 'gone.pem' }, {}],
    ['a file that holds no certificate', { 'certificate-authority': 'file.pem' }, {}],
    ['what is not base64', { 'certificate-authority-data': '!' }, {}],
    ['a certificate of the user that is not there', {}, { 'client-certificate': 'gone.pem', 'client-key': 'file.pem' }],
    ['an authority, and no check', { 'certificate-authority': 'ca.pem', 'insecure-skip-tls-verify': true }, {}],
  ])('with %s cannot be used', async (_, cluster, user) => {
    expect(await code(shown(user, cluster))).toBe('malformed');
  });

  test.each<[string, object, object, string]>([
    ['nothing', {}, {}, 'http'],
    ['an authority', { 'certificate-authority': 'ca.pem' }, {}, 'https'],
    ['a certificate of the user', {}, { 'client-certificate-data': base64('C'), 'client-key-data': base64('K') }, 'https'],
    ['a file with that', {}, { 'client-certificate': 'file.pem', 'client-key': 'file.pem' }, 'https'],
    ['no check', { 'insecure-skip-tls-verify': true }, {}, 'https'],
    ['a token', {}, { token: 't' }, 'http'],
  ])('of a server without a scheme follows from %s', async (_, cluster, user, scheme) => {
    expect((await open(user, { server: 'api:6443', ...cluster })).server).toBe(`${scheme}://api:6443`);
  });

  test.each(['https://:secret@x', 'https://me@x', 'https://', 'file:///x'])('of the server %s is refused', async (server) => {
    expect(await code(open({}, { server }))).toBe('malformed');
  });
});

test.each([
  ['azure', 'configure a sign-in program in the kubeconfig instead (kubelogin).'],
  ['gcp', 'configure a sign-in program in the kubeconfig instead (gke-gcloud-auth-plugin).'],
  ['other', 'configure a sign-in program in the kubeconfig instead.'],
])('the auth provider %s is refused with what replaces it', async (name, advice) => {
  await expect(shown({ 'auth-provider': { name } })).rejects.toThrow(advice);
});

test('a token of OpenID Connect that cannot be read is a fault that says so, without the token', async () => {
  const provider = {
    name: 'oidc',
    config: { 'id-token': 'a.b', 'refresh-token': SECRET, 'idp-issuer-url': 'http://127.0.0.1:1', 'client-id': 'x' },
  };
  const told = await shown({ 'auth-provider': provider }).catch(String);
  expect(told).toContain('could not be read or renewed');
  expect(told).not.toContain(SECRET);
});

describe('the same access for the Kubernetes client', () => {
  const optionsOf = async (...args: Parameters<typeof open>) => {
    const config = await (await open(...args)).kubeConfig();
    const options: RequestOptions & { headers?: Record<string, string> } = {};
    await config.applyToHTTPSOptions(options);
    return { options, cluster: config.getCurrentCluster() };
  };

  test('shows the same credentials and trusts the same authority', async () => {
    const user = { token: SECRET, as: 'jane', 'as-groups': ['a'], 'client-certificate': 'file.pem', 'client-key-data': base64('KEY') };
    const { options, cluster } = await optionsOf(user, { 'certificate-authority': 'ca.pem', 'tls-server-name': 'api' });
    expect(options.headers).toMatchObject({ authorization: `Bearer ${SECRET}`, 'impersonate-user': 'jane', 'impersonate-group': 'a' });
    expect([String(options.cert), String(options.key)]).toEqual(['FILE', 'KEY']);
    expect(cluster).toMatchObject({ server: 'https://127.0.0.1:1', caData: base64(CA), tlsServerName: 'api', skipTLSVerify: false });
  });

  test('checks no certificate only where the kubeconfig says so', async () => {
    expect((await optionsOf({}, { 'insecure-skip-tls-verify': true })).cluster?.skipTLSVerify).toBe(true);
    expect((await optionsOf({ token: SECRET }, { server: 'http://127.0.0.1:1' })).options.headers).not.toHaveProperty('authorization');
  });

  test('names no authority where the kubeconfig has none', async () => {
    expect((await optionsOf({ token: SECRET })).cluster?.caData).toBeUndefined();
  });

  test('does not make one group of two', async () => {
    expect(await code(optionsOf({ token: 't', as: 'jane', 'as-groups': ['a', 'b'] }))).toBe('unsupported');
  });

  test.each<[object, Record<string, string>, string | undefined]>([
    [{ 'proxy-url': 'http://p:1' }, { HTTPS_PROXY: 'http://q:1' }, 'http://p:1'],
    [{ 'proxy-url': 'socks5://p:1' }, {}, 'socks5h://p:1'],
    [{ 'proxy-url': 'http://socks5:1' }, {}, 'http://socks5:1'],
    [{}, { HTTPS_PROXY: 'http://q:1' }, 'http://q:1'],
    [{}, { HTTP_PROXY: 'http://q:1' }, undefined],
  ])('goes through the proxy of %j and %j', async (cluster, environment, expected) => {
    const target = { server: 'https://api.example', ...cluster };
    expect((await optionsOf({}, target, { environment })).cluster?.proxyUrl).toBe(expected);
    const { agent } = await shown({}, target, { environment });
    expect(agent === undefined).toBe(expected === undefined);
  });
});

describe('a program that signs in', () => {
  test('is run once for all calls of the Kubernetes client', async () => {
    const runs = join(folder, 'runs');
    const { exec } = gives({ token: 't' });
    const [flag, script] = exec.args;
    const config = await (await open({ exec: { ...exec, args: [flag, `echo x >> ${runs}; ${script}`] } })).kubeConfig();
    for (const _ of [1, 2]) await config.applyToHTTPSOptions({});
    expect(await readFile(runs, 'utf8')).toBe('x\n');
  });

  const credential = (status: object) => JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status });
  const program = (script: string) => ({ exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'sh', args: ['-c', script] } });
  const gives = (status: object) => program(`echo '${credential(status)}'`);

  test.each<[string, object, string]>([
    ['a token', { token: 't' }, 'none'],
    ['a certificate with its key', { clientCertificateData: 'C', clientKeyData: 'K' }, 'none'],
    ['a certificate without a key', { clientCertificateData: 'C' }, 'unauthenticated'],
    ['a key without a certificate', { clientKeyData: 'K' }, 'unauthenticated'],
    ['an empty token', { token: ' ' }, 'unauthenticated'],
    ['a token of no known end', { token: 't', expirationTimestamp: 'soon' }, 'none'],
  ])('may give %s', async (_, status, expected) => {
    expect(await code(shown(gives(status)))).toBe(expected);
  });

  test('and gives a certificate shows it, and no token', async () => {
    const { tls, headers } = await shown(gives({ clientCertificateData: 'C', clientKeyData: 'K' }));
    expect([tls, headers]).toEqual([{ cert: 'C', key: 'K' }, {}]);
  });

  test('goes after a token that the kubeconfig names', async () => {
    expect((await shown({ token: SECRET, ...program('exit 1') })).headers).toEqual({ authorization: `Bearer ${SECRET}` });
  });

  test.each([
    ['prints without end', 'yes'],
    ['ends by a signal', 'kill -9 $$'],
    ['prints and fails', `echo '${credential({ token: 't' })}'; exit 1`],
  ])('and %s is told', async (_, script) => {
    expect(await code(shown(program(script)))).toBe('unauthenticated');
  });

  test('is waited for no longer than the caller, and then still gives its token to the next', async () => {
    const access = await open(program(`sleep 0.2; echo '${credential({ token: 't' })}'`));
    expect(await code(access.credentials(false, AbortSignal.timeout(1)))).toBe('timed-out');
    expect((await access.credentials(false, soon())).headers).toEqual({ authorization: 'Bearer t' });
  });

  test('is told to which cluster it signs in', async () => {
    const extensions = [
      { name: 'other', extension: 1 },
      { name: 'client.authentication.k8s.io/exec', extension: { audience: 'x' } },
    ];
    const user = program(
      `test -n "$KUBERNETES_EXEC_INFO" && echo '${credential({ token: 'X' })}' | sed "s|X|$(echo $KUBERNETES_EXEC_INFO | base64 | tr -d '\\n')|"`,
    );
    const told = async (cluster: object) => {
      const { headers } = await shown({ exec: { ...user.exec, provideClusterInfo: true } }, cluster);
      return JSON.parse(Buffer.from(String(headers.authorization).slice(7), 'base64').toString()).spec.cluster;
    };
    expect(await told({ 'insecure-skip-tls-verify': false })).toEqual({ server: 'https://127.0.0.1:1' });
    expect(await told({ extensions, 'tls-server-name': 'api', 'insecure-skip-tls-verify': true, 'proxy-url': 'http://p:1' })).toEqual({
      server: 'https://127.0.0.1:1',
      'tls-server-name': 'api',
      'insecure-skip-tls-verify': true,
      'proxy-url': 'http://p:1',
      config: { audience: 'x' },
    });
  });
});

describe('a kubeconfig', () => {
  test.each<[string, Record<string, string>]>([
    ['HOME', { HOME: '/nowhere', USERPROFILE: '/elsewhere' }],
    ['USERPROFILE', { HOME: '', USERPROFILE: '/nowhere' }],
  ])('lies below %s', async (_, environment) => {
    await expect(loadKubeconfig(undefined, environment)).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining(join('/nowhere', '.kube', 'config')),
    });
  });

  test('that is named must be there, and one in a list must be readable', async () => {
    expect(await code(loadKubeconfig(join(folder, 'gone'), {}))).toBe('malformed');
    expect(await code(loadKubeconfig(undefined, { KUBECONFIG: folder }))).toBe('malformed');
  });

  test.each([
    ['http://p', true],
    ['https://p', true],
    ['socks5h://p', true],
    ['socks4://p', false],
    ['p:1', false],
    ['http://', false],
    ['socks5://', false],
  ])('may name the proxy %s: %s', (proxy, is) => {
    expect(isProxyAddress(proxy)).toBe(is);
  });

  test.each<[string, string, string | undefined]>([
    ['http://a.example', 'a.example:80', undefined],
    ['http://a.example', 'a.example:443', 'http://p'],
    ['https://a.example', '*.example', undefined],
    ['https://a.example', '.example:443', undefined],
    ['https://a.example', '.example:44', 'http://p'],
    ['https://a.example.org', 'example', 'http://p'],
    ['https://10.1.2.3', '10.1.2.3', undefined],
    ['https://10.1.2.3', '10.1.2.4', 'http://p'],
    ['https://10.1.2.3', '10.1.2.3/32', undefined],
    ['https://10.1.2.3', '10.1.2.4/32', 'http://p'],
    ['https://10.1.2.3', '10.1.2.4/-1', 'http://p'],
    ['https://10.1.2.3', '0.0.0.0/0', undefined],
    ['https://10.1.2.3', '10.0.0.0/33', 'http://p'],
    ['https://10.1.2.3', '2.3', 'http://p'],
    ['https://[fd00::1]', 'fd00::/128', 'http://p'],
    ['https://[fd00::1]', 'fd00::1/128', undefined],
    ['https://[fd00::1]', 'fd00::1/129', 'http://p'],
    ['https://a.example', '10.0.0.0/8', 'http://p'],
    ['https://127.0.0.1.example', '', 'http://p'],
    ['https://[::1]', '', undefined],
  ])('whose server is %s is reached, with NO_PROXY=%s, through %s', (server, NO_PROXY, expected) => {
    expect(proxyFor(server, { HTTPS_PROXY: 'http://p', HTTP_PROXY: 'http://p', NO_PROXY })).toBe(expected);
  });
});
