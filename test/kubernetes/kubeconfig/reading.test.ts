import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { accessFromKubeconfig, type KubeconfigWorld } from '../../../shared/kubernetes/kubeconfig/access.ts';
import { proxyFor } from '../../../shared/kubernetes/kubeconfig/proxy.ts';

const WORLD: KubeconfigWorld = { environment: {}, isTerminal: false, signInMs: 10_000, clock: () => new Date() };
const SECRET = 'eyJhbGciOiJub25lIn0.s3cr3t';
const TLS = { 'insecure-skip-tls-verify': true };
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A kubeconfig with one context and the given changes. */
function kubeconfig(
  user: object = { token: SECRET },
  cluster: object = { server: 'https://127.0.0.1:1', ...TLS },
  more: object = {},
): string {
  return stringify({
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'k', user: 'u' } }],
    clusters: [{ name: 'k', cluster }],
    users: [{ name: 'u', user }],
    ...more,
  });
}

let files = 0;
async function written(content: string): Promise<string> {
  const path = join(folder, `config-${files++}`);
  await writeFile(path, content);
  return path;
}
const open = async (content: string, world: Partial<KubeconfigWorld> = {}) =>
  accessFromKubeconfig(await written(content), undefined, { ...WORLD, ...world });
const shown = async (content: string, world: Partial<KubeconfigWorld> = {}) =>
  (await open(content, world)).credentials(false, AbortSignal.timeout(10_000));

describe('the kubeconfig that is read', () => {
  const other = {
    contexts: [{ name: 'other', context: { cluster: 'k', user: 'u' } }],
    clusters: [],
    users: [],
    'current-context': 'other',
  };

  test('is the given one, before those of the environment', async () => {
    const environment = { KUBECONFIG: await written(kubeconfig()) };
    const given = await written(kubeconfig({}, { server: 'https://given', ...TLS }));
    expect((await accessFromKubeconfig(given, undefined, { ...WORLD, environment })).server).toBe('https://given');
  });

  test('is merged from $KUBECONFIG: the first file with an entry decides, and missing files are skipped', async () => {
    const first = await written(stringify({ ...other, users: [{ name: 'u', user: { token: 'first' } }] }));
    const second = await written(kubeconfig({ token: 'second' }, { server: 'https://second', ...TLS }));
    const environment = { KUBECONFIG: ['/nowhere', first, '', second].join(delimiter) };
    const access = await accessFromKubeconfig(undefined, undefined, { ...WORLD, environment });
    expect(access).toMatchObject({ contextName: 'other', server: 'https://second' });
    expect((await access.credentials(false, AbortSignal.timeout(1_000))).headers).toEqual({ authorization: 'Bearer first' });
    expect((await accessFromKubeconfig(undefined, 'c', { ...WORLD, environment })).contextName).toBe('c');
  });

  test('has the first current context that a file of $KUBECONFIG names', async () => {
    const [first, second] = [await written(stringify({ users: [] })), await written(kubeconfig())];
    const environment = { KUBECONFIG: [first, second].join(delimiter) };
    expect((await accessFromKubeconfig(undefined, undefined, { ...WORLD, environment })).contextName).toBe('c');
  });

  test.each([
    [{}, 'names no current context. It has no context.'],
    [{ 'current-context': 'x' }, 'has no context "x". It has no context.'],
    [{ 'current-context': 'x', contexts: [{ name: 'one' }] }, 'has no context "x". Its contexts: one.'],
  ])('and is %j is refused with the contexts that there are', async (content, why) => {
    const path = await written(stringify(content));
    await expect(accessFromKubeconfig(path, undefined, WORLD)).rejects.toMatchObject({
      code: 'not-found',
      message: `The kubeconfig ${path} ${why}`,
    });
  });

  test('is ~/.kube/config without either, and an error in one sentence when it does not exist', async () => {
    const home = join(folder, 'home');
    const environment = { HOME: home };
    await expect(accessFromKubeconfig(undefined, undefined, { ...WORLD, environment })).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringMatching(/^There is no kubeconfig: .*\.kube\/config does not exist\. Select one with --kubeconfig\.$/),
    });
    await mkdir(join(home, '.kube'), { recursive: true });
    await writeFile(join(home, '.kube/config'), kubeconfig());
    expect((await accessFromKubeconfig(undefined, undefined, { ...WORLD, environment })).contextName).toBe('c');
  });
});

describe('a file that kubectl accepts', () => {
  test.each([
    ['with a second document', (text: string) => `${text}---\nkind: Other\n`],
    ['with a second document that is not YAML', (text: string) => `${text}---\n"x\n`],
    ['with a duplicate key', (text: string) => `current-context: other\n${text}`],
    ['with Windows line breaks', (text: string) => text.replaceAll('\n', '\r\n')],
    ['with a kind and a version', (text: string) => `apiVersion: v1\nkind: Config\n${text}`],
    ['with an empty kind', (text: string) => `apiVersion: ""\nkind:\n${text}`],
    ['with a byte order mark', (text: string) => `\uFEFF${text}`],
  ])('is read %s', async (_, change) => expect((await open(change(kubeconfig()))).contextName).toBe('c'));

  test('may merge a user from another place of the file', async () => {
    const text = `shared: &shared { token: ${SECRET} }\n${kubeconfig({})}`.replace('user: {}', 'user: { <<: *shared }');
    expect((await shown(text)).headers).toEqual({ authorization: `Bearer ${SECRET}` });
  });

  test.each(['kind: Pod', 'apiVersion: v2'])('is refused when it says that it is something else: %s', async (line) => {
    await expect(open(`${line}\n${kubeconfig()}`)).rejects.toMatchObject({
      code: 'malformed',
      message: expect.stringMatching(/is not a kubeconfig: .* is not valid/),
    });
  });

  test.each([
    ['- a list', 'the file is not of type object'],
    ['contexts: 5', 'contexts is not of type array'],
    ['contexts: [{ context: {} }]', 'name is not of type string'],
    ['kind: Pod', 'kind is not valid'],
    ['contexts: 5\nclusters: 5\nusers: 5', 'contexts is not of type array; clusters is not of type array; users is not of type array'],
    ['kind: Pod\ncontexts: 5\nclusters: 5\nusers: 5', 'kind is not valid; contexts is not of type array; clusters is not of type array'],
  ])('that is %j is refused with the first three of its mistakes', async (text, mistakes) => {
    const told = await open(text).catch(String);
    expect([...String(told).matchAll(/\w[\w ]*? is not (?:of type \w+|valid)/g)].map(([one]) => one).join('; ')).toBe(mistakes);
  });

  test('is refused when it contains the selected name twice', async () => {
    const users = [
      { name: 'u', user: { token: SECRET } },
      { name: 'u', user: { token: 'other' } },
    ];
    await expect(open(kubeconfig(undefined, undefined, { users }))).rejects.toThrow(/user "u", is defined twice: remove one/);
  });

  test('is refused when the certificate authority is not a certificate', async () => {
    const cluster = { server: 'https://x', 'certificate-authority-data': Buffer.from('none').toString('base64') };
    await expect(shown(kubeconfig(undefined, cluster))).rejects.toThrow(
      /certificate-authority for the user "u" of .* contains no certificate/,
    );
  });
});

describe('an entry that the context does not use', () => {
  test.each([
    [
      'an unfinished context',
      {
        contexts: [
          { name: 'c', context: { cluster: 'k', user: 'u' } },
          { name: 'draft', context: { cluster: '', user: '' } },
        ],
      },
    ],
    ['a context without a body', { contexts: [{ name: 'c', context: { cluster: 'k', user: 'u' } }, { name: 'draft' }] }],
    [
      'a cluster without a server',
      {
        clusters: [
          { name: 'k', cluster: { server: 'https://x' } },
          { name: 'draft', cluster: { server: '' } },
        ],
      },
    ],
    [
      'a user with an unexpected type',
      {
        users: [
          { name: 'u', user: { token: 't' } },
          { name: 'draft', user: { token: 5 } },
        ],
      },
    ],
    [
      'an unknown auth provider',
      {
        users: [
          { name: 'u', user: { token: 't' } },
          { name: 'old', user: { 'auth-provider': { name: 'gcp' } } },
        ],
      },
    ],
  ])('does not matter: %s', async (_, more) => {
    expect((await open(kubeconfig(undefined, undefined, more))).contextName).toBe('c');
  });
});

describe('the credential of a user', () => {
  test.each<[string, object, object]>([
    ['a token with spaces around it', { token: ` ${SECRET}\n` }, { authorization: `Bearer ${SECRET}` }],
    ['a name and password', { username: 'a', password: 'b: c' }, { authorization: `Basic ${Buffer.from('a:b: c').toString('base64')}` }],
    ['nothing', {}, {}],
    [
      'impersonation with uid, groups and extra',
      { token: 't', as: 'jane', 'as-uid': '7', 'as-groups': ['a', 'b,c'], 'as-user-extra': { 'example.com/scope%': ['x', 'y'] } },
      {
        authorization: 'Bearer t',
        'impersonate-user': 'jane',
        'impersonate-uid': '7',
        'impersonate-group': ['a', 'b,c'],
        'impersonate-extra-example.com%2Fscope%25': ['x', 'y'],
      },
    ],
  ])('is %s', async (_, user, headers) => expect((await shown(kubeconfig(user))).headers).toEqual(headers));

  test('is a token file and a client certificate, which are both sent', async () => {
    await writeFile(join(folder, 'a-token'), `${SECRET}\n`);
    await writeFile(join(folder, 'cert.pem'), 'CERT');
    const user = { tokenFile: 'a-token', 'client-certificate': 'cert.pem', 'client-key-data': Buffer.from('KEY').toString('base64') };
    const { tls, headers } = await shown(kubeconfig(user));
    expect(headers).toEqual({ authorization: `Bearer ${SECRET}` });
    expect([String(tls.cert), String(tls.key)]).toEqual(['CERT', 'KEY']);
  });

  test('is a token when the token file does not exist', async () => {
    const { headers } = await shown(kubeconfig({ token: SECRET, tokenFile: 'nowhere' }));
    expect(headers).toEqual({ authorization: `Bearer ${SECRET}` });
  });

  test.each<[string, object]>([
    ['a token and a user name', { token: SECRET, username: 'a', password: 'b' }],
    ['a certificate without its key', { 'client-certificate-data': 'QQ==' }],
    ['groups without a user', { token: SECRET, 'as-groups': ['a'] }],
    ['an auth provider that kubectl does not know', { 'auth-provider': { name: 'gcp', config: { 'access-token': SECRET } } }],
    ['a token that is not a string', { token: { [SECRET]: SECRET } }],
    ['a token with a line break inside', { token: `${SECRET}\nx` }],
    ['a key that is not base64', { 'client-certificate-data': 'QQ==', 'client-key-data': `${SECRET}!` }],
    ['a missing token file', { tokenFile: 'nowhere' }],
  ])('is refused in one sentence that never quotes it: %s', async (_, user) => {
    const error = await shown(kubeconfig(user)).catch((cause: unknown) => cause);
    expect(String(error)).toMatch(/^Fault: .{20,}$/);
    expect(String(error)).not.toContain(SECRET.slice(0, 8));
  });

  test('is refused by the name of its user', async () => {
    const path = await written(kubeconfig({ token: SECRET, username: 'a' }));
    await expect(accessFromKubeconfig(path, undefined, WORLD)).rejects.toMatchObject({
      message: `The user "u" of ${path} has a token and a user name: only one of them is allowed.`,
    });
  });

  test('is never quoted in an error about the YAML', async () => {
    const error = await open(`users:\n- name: u\n  user:\n    token: ${SECRET}: "x\n`).catch((cause: unknown) => cause);
    expect(String(error)).toMatch(/cannot be read: it is not valid YAML at line \d+, column \d+\.$/);
    expect(String(error)).not.toContain(SECRET.slice(0, 8));
  });
});

describe('the server', () => {
  test.each([
    [' https://a.example/ ', TLS, 'https://a.example'],
    ['a.example:6443', TLS, 'https://a.example:6443'],
    ['a.example:8080', {}, 'http://a.example:8080'],
    ['https://a.example:6443/?x=1', TLS, 'https://a.example:6443'],
    ['https://a.example:6443#x', TLS, 'https://a.example:6443'],
    ['HTTPS://a.example:6443', TLS, 'https://a.example:6443'],
    ['HTTP://a.example:8080', {}, 'http://a.example:8080'],
    ['https://a.example//', TLS, 'https://a.example'],
    ['https://a.example/k8s/clusters/c-1', TLS, 'https://a.example/k8s/clusters/c-1'],
  ])('%j is read like kubectl reads it', async (server, tls, expected) => {
    expect((await open(kubeconfig({}, { server, ...tls }))).server).toBe(expected);
  });

  test.each([
    ['ftp://x', {}],
    ['', {}],
    ['https://me:secret@x', {}],
    ['https://x', { ...TLS, 'certificate-authority-data': 'QQ==' }],
    ['https://x', { ...TLS, 'proxy-url': '127.0.0.1:3128' }],
    ['https://x', { ...TLS, 'proxy-url': 'ftp://127.0.0.1' }],
    ['https://x', { ...TLS, 'proxy-url': 'http://p:99999' }],
  ])('%j is refused', async (server, more) => {
    await expect(open(kubeconfig({}, { server, ...more }))).rejects.toMatchObject({ code: 'malformed' });
  });
});

/** Source of the cases: golang.org/x/net/http/httpproxy, which kubectl uses. */
describe('a proxy from the environment', () => {
  test.each([
    ['https://a.example', { HTTPS_PROXY: 'http://p:3128' }, 'http://p:3128'],
    ['https://a.example', { https_proxy: 'p:3128' }, 'http://p:3128'],
    ['http://a.example', { HTTPS_PROXY: 'http://p', HTTP_PROXY: 'http://q' }, 'http://q'],
    ['https://a.example', {}, undefined],
    ['https://127.0.0.1', { HTTPS_PROXY: 'http://p' }, undefined],
    ['https://localhost:6443', { HTTPS_PROXY: 'http://p' }, undefined],
    ['https://a.example', { HTTPS_PROXY: 'http://p', NO_PROXY: '*' }, undefined],
    ['https://a.example', { HTTPS_PROXY: 'http://p', NO_PROXY: 'b, example' }, undefined],
    ['https://a.example', { HTTPS_PROXY: 'http://p', NO_PROXY: '.example' }, undefined],
    ['https://example', { HTTPS_PROXY: 'http://p', NO_PROXY: '.example' }, 'http://p'],
    ['https://a.example', { HTTPS_PROXY: 'http://p', NO_PROXY: 'a.example' }, undefined],
    ['https://a.b.example', { HTTPS_PROXY: 'http://p', NO_PROXY: 'b.example' }, undefined],
    ['https://a.example.', { HTTPS_PROXY: 'http://p', NO_PROXY: '' }, 'http://p'],
    ['https://a.bc', { HTTPS_PROXY: 'http://p', NO_PROXY: 'b:1c' }, 'http://p'],
    ['https://aexample', { HTTPS_PROXY: 'http://p', NO_PROXY: 'example' }, 'http://p'],
    ['https://a.example:6443', { HTTPS_PROXY: 'http://p', NO_PROXY: 'a.example:443' }, 'http://p'],
    ['https://a.example', { HTTPS_PROXY: 'http://p', NO_PROXY: 'a.example:443' }, undefined],
    ['https://10.1.2.3', { HTTPS_PROXY: 'http://p', NO_PROXY: '10.0.0.0/8' }, undefined],
    ['https://11.1.2.3', { HTTPS_PROXY: 'http://p', NO_PROXY: '10.0.0.0/8' }, 'http://p'],
    ['https://[fd00::1]', { HTTPS_PROXY: 'http://p', NO_PROXY: 'fd00::/8' }, undefined],
    ['https://10.1.2.3', { HTTPS_PROXY: 'http://p', NO_PROXY: 'fd00::/8,10.0.0.0/99' }, 'http://p'],
    ['https://a.example', { HTTPS_PROXY: ' p:3128 ' }, 'http://p:3128'],
    ['https://a.example', { HTTPS_PROXY: ' ' }, undefined],
    ['https://a.example', { HTTPS_PROXY: '', https_proxy: 'http://q' }, 'http://q'],
    ['https://a.example', { HTTPS_PROXY: 'socks5://p:1080' }, 'socks5://p:1080'],
    ['https://a.example', { HTTPS_PROXY: 'http://p', no_proxy: 'EXAMPLE' }, undefined],
    ['https://a.example', { HTTPS_PROXY: 'http://p', NO_PROXY: ' , ,;,*.other,http://a.example,[' }, 'http://p'],
    ['https://[fd00::1]:6443', { HTTPS_PROXY: 'http://p', NO_PROXY: '[fd00::1]:6443' }, undefined],
    ['https://[fd00::1]:6443', { HTTPS_PROXY: 'http://p', NO_PROXY: '[FD00:0::1]' }, undefined],
    ['https://[fd00::1]', { HTTPS_PROXY: 'http://p', NO_PROXY: 'fd00:0::1' }, undefined],
    ['https://[fd00::1]', { HTTPS_PROXY: 'http://p', NO_PROXY: 'x[fd00::1],[fd00::1]x,10.1.2.3' }, 'http://p'],
    ['https://10.1.2.3', { HTTPS_PROXY: 'http://p', NO_PROXY: '[10.1.2.3]:443' }, undefined],
    ['https://[fd00::1]:6443', { HTTPS_PROXY: 'http://p', NO_PROXY: '[fd00::1]:443,fd00::2' }, 'http://p'],
  ])('for %s with %j is %s', (server, environment, expected) => expect(proxyFor(server, environment)).toBe(expected));

  test.each(['not an address', 'http://', '::::', 'http://p:99999', 'ftp://p', 'http://me:secret@p:x'])(
    'that is no address is refused by the name of its variable, and its value is not told: %j',
    (value) => {
      for (const variable of ['HTTPS_PROXY', 'https_proxy']) {
        const said = new RegExp(`^The environment variable ${variable} is not a usable proxy: set an address such as \\S+\\.$`);
        expect(() => proxyFor('https://a.example', { [variable]: value })).toThrow(
          expect.objectContaining({ code: 'malformed', message: expect.stringMatching(said) }),
        );
      }
      expect(proxyFor('https://127.0.0.1', { HTTPS_PROXY: value })).toBeUndefined();
      expect(proxyFor('https://a.example', { HTTPS_PROXY: value, NO_PROXY: 'example' })).toBeUndefined();
    },
  );
});
