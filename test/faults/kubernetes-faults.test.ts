import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAuthority } from '../../shared/local/estate/server/certificates.ts';
import type { FaultAction, FaultRule } from '../../shared/local/estate/server/fault-injection.ts';
import { loopbackCertificate } from '../azure/support/certificate.ts';
import { startRawServer } from '../kubernetes/support/raw-server.ts';
import { shareOf } from '../support/thorough.ts';
import { ILL } from './small-estate.ts';
import { because, type FaultCase, FaultyWorld, type Outcome, UNHURT } from './support.ts';

let world: FaultyWorld;
beforeAll(async () => {
  world = await FaultyWorld.start();
});
afterAll(() => world.running.stop());

const PODS = /^\/api\/v1\/pods\?/;
const MIDDLE = /^\/api\/v1\/pods\?.*continue=/;
const BY_NAMESPACE = /^\/api\/v1\/namespaces\/[^/]+\/pods\?/;

const ill = (path: RegExp, action: FaultAction, over: Partial<FaultRule> = {}): FaultRule => ({ server: ILL, path, action, ...over });
const status = (code: number, over: { readonly retryAfterSeconds?: number; readonly body?: string } = {}): FaultAction => ({
  kind: 'status',
  status: code,
  ...over,
});
const body = (text: string): FaultAction => ({ kind: 'broken-body', body: text });
const list = (items: unknown, metadata: unknown = {}) => JSON.stringify({ kind: 'PodList', apiVersion: 'v1', metadata, items });

const SECOND_PAGE = Buffer.from(JSON.stringify({ rv: '1000000', start: 20 })).toString('base64url');

const NEXT = 'The next audit tries again';
const PROXY = 'check for a proxy';

type Row = readonly [name: string, fault: FaultCase, expected: Partial<Outcome>];
const hurts = (...reason: Parameters<typeof because>): Partial<Outcome> => ({ reasons: { [ILL]: because(...reason) } });

const LISTS: readonly Row[] = [
  [
    '401 for every request',
    { rules: [ill(PODS, status(401))] },
    hurts('unauthenticated', 'API server does not accept the credentials', 'Check that the identity still exists'),
  ],
  [
    '403',
    { rules: [ill(PODS, status(403))] },
    hurts('denied', 'Cannot list pods', 'managedClusters/pods/read', 'Give the identity that permission'),
  ],
  ['404', { rules: [ill(PODS, status(404))] }, hurts('not-found', 'has no pods', 'Check that a Kubernetes API server answers')],
  ['409', { rules: [ill(PODS, status(409))] }, hurts('conflict', 'refused the list of pods', '409', NEXT)],
  ['418', { rules: [ill(PODS, status(418))] }, hurts('unsupported', 'list of pods', '418', 'Check that a Kubernetes API server answers')],
  ['repeated 429 in the middle of a list', { rules: [ill(MIDDLE, status(429, { retryAfterSeconds: 10 }), { times: 5 })] }, {}],
  [
    'repeated 429 beyond the time limit',
    { rules: [ill(PODS, status(429, { retryAfterSeconds: 10 }))] },
    hurts('throttled', 'throttling the list of pods', '429', NEXT),
  ],
  ['a temporary 5xx', { rules: [ill(PODS, status(503), { times: 4 })] }, {}],
  ['5xx for ten minutes', { rules: [ill(PODS, status(500))], lastsMs: 600_000 }, hurts('unreachable', 'failed to list pods', '500', NEXT)],
  [
    'an answer that never comes',
    { rules: [ill(PODS, { kind: 'hang' })], reader: { silenceMs: 250 } },
    hurts('timed-out', 'sent nothing for 0.25 s', NEXT),
  ],
  ['a body that is cut off twice', { rules: [ill(MIDDLE, { kind: 'cut', afterBytes: 300 }, { times: 2 })] }, {}],
  [
    'a body that is cut off every time',
    { rules: [ill(MIDDLE, { kind: 'cut', afterBytes: 300 })] },
    hurts('unreachable', 'closed the connection during the response', NEXT),
  ],
  ['410 in the middle of a list, once', { rules: [ill(MIDDLE, status(410), { times: 1 })] }, {}],
  ['410 in the middle of a list every time, but not by namespace', { rules: [ill(MIDDLE, status(410))] }, {}],
  [
    '410 in the middle of a list every time, also by namespace',
    { rules: [ill(MIDDLE, status(410)), ill(BY_NAMESPACE, status(410))] },
    hurts('expired', 'list of pods expired', '410', 'let the policy sample pods'),
  ],
  [
    '410 in the middle of a list, and 404 for a namespace',
    { rules: [ill(MIDDLE, status(410)), ill(/namespaces\/shop\/pods\?/, status(404))] },
    hurts('not-found', 'has no pods', 'Check that a Kubernetes API server answers'),
  ],
  [
    'a continue token that leads to a cycle',
    { rules: [ill(PODS, body(list([], { continue: SECOND_PAGE })))] },
    hurts('malformed', 'list of pods does not end', PROXY),
  ],
  [
    'protobuf that ends early',
    { rules: [ill(PODS, { kind: 'rewrite', rewrite: (bytes) => bytes.subarray(0, bytes.length - 700) })] },
    hurts('malformed', 'list of pods could not be decoded', PROXY),
  ],
  [
    'random bytes as protobuf',
    { rules: [ill(PODS, { kind: 'rewrite', rewrite: (bytes) => Buffer.concat([bytes.subarray(0, 4), Buffer.alloc(500, 0xff)]) })] },
    hurts('malformed', 'list of pods could not be decoded', PROXY),
  ],
  ['half a document', { rules: [ill(PODS, { kind: 'broken-body' })] }, hurts('malformed', 'list of pods could not be decoded', PROXY)],
  ['an empty answer', { rules: [ill(PODS, body(''))] }, hurts('malformed', 'list of pods could not be decoded', PROXY)],
  [
    'a list of something else',
    { rules: [ill(PODS, body('{"kind":"SecretList","items":[]}'))] },
    hurts('malformed', 'expected a PodList', PROXY),
  ],
  ['items that are not a list', { rules: [ill(PODS, body(list('none')))] }, hurts('malformed', 'list of pods could not be decoded', PROXY)],
  [
    'items of the wrong types',
    { rules: [ill(PODS, body(list([{ metadata: { name: 7 }, spec: { containers: 'all' } }])))] },
    hurts('malformed', 'list of pods could not be decoded', PROXY),
  ],
  [
    'a body over the size limit',
    { rules: [ill(PODS, { kind: 'oversized-body', bytes: 2 * 1_048_576 })], reader: { maxBody: 1_048_576 } },
    hurts('too-large', 'more than 1 MiB in one response', PROXY),
  ],
  [
    'hostile text in a refusal',
    { rules: [ill(PODS, status(500, { body: JSON.stringify({ kind: 'Status', message: `\u001b[2J\r\n<script>${'x'.repeat(9_000)}` }) }))] },
    hurts('unreachable', 'failed to list pods', '500', NEXT),
  ],
];

const PARTS: readonly Row[] = [
  [
    'nodes',
    { rules: [ill(/\/nodes\?/, status(403))] },
    // The finding stays open, and its remediation says that no node was seen that could run the pods.
    { ...hurts('denied', 'Cannot list nodes', 'Give the identity that permission'), lost: [`${ILL} workload-sandboxed`] },
  ],
  ['runtime classes', { rules: [ill(/\/runtimeclasses\?/, status(500))] }, hurts('unreachable', 'failed to list runtimeclasses', NEXT)],
  [
    'namespaces',
    { rules: [ill(/\/namespaces\?/, { kind: 'cut' })] },
    hurts('unreachable', 'closed the connection during the response', NEXT),
  ],
];

async function keepsItsPromises(fault: FaultCase, expected: Partial<Outcome>) {
  const seen = await world.outcomeOf(fault);
  expect(seen.outcome).toEqual({ ...UNHURT, ...expected });
  return seen;
}

describe('a fault of one API server', () => {
  test.each(shareOf(LISTS, 2))(
    'loses and invents no finding, does not affect other clusters, and the next audit recovers: %s',
    async (_, fault, expected) => {
      const { hits } = await keepsItsPromises(fault, expected);
      expect(hits).toBeGreaterThan(0);
    },
  );

  test.each(shareOf(PARTS, 2))('of only one list leaves the rest of the cluster judged: %s', async (_, fault, expected) => {
    const { hurt } = await keepsItsPromises(fault, expected);
    expect(hurt.get(ILL)?.summary?.assessment).toBe('partly-assessed');
  });

  test('that ends every connection has one reason, not one for each list', async () => {
    const { hurt } = await keepsItsPromises(
      { rules: [ill(/./, { kind: 'cut' })] },
      hurts('unreachable', 'closed the connection during the response', NEXT),
    );
    expect(hurt.get(ILL)?.summary?.assessment).toBe('not-assessed');
  });

  test('waits as long as Retry-After says', async () => {
    const { elapsedMs } = await world.outcomeOf({ rules: [ill(MIDDLE, status(429, { retryAfterSeconds: 10 }), { times: 5 })] });
    expect(elapsedMs).toBe(50_000);
  });
});

describe('a token that expires in the middle of a list', () => {
  const pages = (asked: readonly string[]) => asked.filter((path) => path.startsWith(`${ILL} `) && MIDDLE.test(path.split(' ')[1] ?? ''));

  test('is renewed exactly once, and the list continues where it was', async () => {
    const calm = await keepsItsPromises({ rules: [] }, {});
    const { asked, tokens } = await keepsItsPromises({ rules: [ill(MIDDLE, status(401), { times: 1 })] }, {});
    expect(tokens).toBe(calm.tokens + 1);
    expect(pages(asked)).toHaveLength(pages(calm.asked).length + 1);
  });

  test('is not renewed again when the new one is refused', async () => {
    const { asked } = await keepsItsPromises(
      { rules: [ill(MIDDLE, status(401))] },
      hurts('unauthenticated', 'API server does not accept the credentials', 'Check that the identity still exists'),
    );
    expect(pages(asked)).toHaveLength(2);
  });
});

describe('an API server that cannot be used', () => {
  /** Azure returns another server, or another certificate authority, for the cluster. */
  const told = (change: (kubeconfig: string) => string): FaultRule => ({
    server: 'arm',
    path: /managedClusters\/ill\/listClusterUserCredential/,
    action: {
      kind: 'rewrite',
      rewrite: (bytes) => {
        const { kubeconfigs } = JSON.parse(bytes.toString('utf8'));
        const kubeconfig = change(Buffer.from(kubeconfigs[0].value, 'base64').toString('utf8'));
        return JSON.stringify({ kubeconfigs: [{ name: 'clusterUser', value: Buffer.from(kubeconfig).toString('base64') }] });
      },
    },
  });
  const at = (server: string) => told((kubeconfig) => kubeconfig.replace(/https:\/\/127\.0\.0\.1:\d+/g, server));
  const trusting = (pem: string, text: string) =>
    text.replace(/certificate-authority-data: .*/g, `certificate-authority-data: ${Buffer.from(pem).toString('base64')}`);

  test('because its certificate is from another authority gets no request', async () => {
    const { caPem } = await createAuthority('Somebody else');
    const { asked } = await keepsItsPromises(
      { rules: [told((kubeconfig) => trusting(caPem, kubeconfig))] },
      hurts('unreachable', 'certificate of the API server 127.0.0.1', 'is not trusted', 'check which server answers there'),
    );
    expect(asked.filter((path) => path.startsWith(`${ILL} `))).toEqual([]);
  });

  test('because its certificate has expired gets no request', async () => {
    const { key, cert } = await loopbackCertificate(new Date(Date.now() - 60_000));
    let requests = 0;
    const server = await startRawServer(
      (_, response) => {
        requests += 1;
        response.end();
      },
      { key, cert },
    );
    try {
      await keepsItsPromises(
        { rules: [told((kubeconfig) => trusting(cert, kubeconfig).replace(/https:\/\/127\.0\.0\.1:\d+/g, server.url))] },
        hurts('unreachable', 'certificate of the API server 127.0.0.1', 'expired', 'whether its certificate must be renewed'),
      );
      expect(requests).toBe(0);
    } finally {
      await server.stop();
    }
  });

  test.each([['the connection is refused', 'https://127.0.0.1:2', 'cannot be reached']])('because %s', async (_, server, says) => {
    await keepsItsPromises({ rules: [at(server)] }, hurts('unreachable', 'API server', says, NEXT));
  });

  test('because the kubeconfig names a host that is not of the cluster gets no token', async () => {
    await keepsItsPromises(
      { rules: [at('https://elsewhere.example.com:443')] },
      hurts('malformed', 'has the server elsewhere.example.com', 'no token was sent'),
    );
  });

  test('because it has no TLS gets no request', async () => {
    await keepsItsPromises({ rules: [at('http://127.0.0.1:2')] }, hurts('malformed', 'The kubeconfig from Azure', 'https', PROXY));
  });
});
