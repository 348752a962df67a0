import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FaultAction, FaultRule } from '../../shared/local/estate/server/fault-injection.ts';
import { shareOf } from '../support/thorough.ts';
import { BESIDE, ILL } from './small-estate.ts';
import { because, type FaultCase, FaultyWorld, type Outcome, reason, UNHURT } from './support.ts';

let world: FaultyWorld;
beforeAll(async () => {
  world = await FaultyWorld.start();
});
afterAll(() => world.running.stop());

const ITSELF = /managedClusters\/ill\?/;
const CREDENTIAL = /managedClusters\/ill\/listClusterUserCredential/;
const GRAPH = /Microsoft\.ResourceGraph/;
const LISTS = /Microsoft\.ContainerService\/managedClusters\?/;

const arm = (path: RegExp, action: FaultAction, over: Partial<FaultRule> = {}): FaultRule => ({ server: 'arm', path, action, ...over });
const status = (code: number, over: { readonly retryAfterSeconds?: number; readonly body?: string } = {}): FaultAction => ({
  kind: 'status',
  status: code,
  ...over,
});
const azureError = (code: string, message = 'Injected.') => JSON.stringify({ error: { code, message } });
const rewrite = (change: (body: Record<string, unknown>) => unknown): FaultAction => ({
  kind: 'rewrite',
  rewrite: (body) => JSON.stringify(change(JSON.parse(body.toString('utf8')))),
});
/** Text at the end of the answer, which JSON.stringify would not write. */
const withText = (text: string): FaultAction => ({ kind: 'rewrite', rewrite: (body) => body.toString('utf8').replace(/\}$/, `,${text}}`) });

/** Every page links to the second page. */
function circle(): FaultAction {
  let first: unknown;
  return rewrite((page) => {
    first ??= page.nextLink;
    return { ...page, nextLink: first };
  });
}

/** One more node pool with this name. */
const withPool = (name: string): FaultAction => ({
  kind: 'rewrite',
  rewrite: (body) => {
    const cluster = JSON.parse(body.toString('utf8'));
    cluster.properties.agentPoolProfiles.push({ ...cluster.properties.agentPoolProfiles[0], name });
    return JSON.stringify(cluster);
  },
});

const NO_GRAPH = arm(GRAPH, status(500));
const READ = 'Cannot read the cluster /subscriptions/';
const NEXT = 'The next audit tries again';

type Row = readonly [name: string, fault: FaultCase, expected: Partial<Outcome>];

const CLUSTER: readonly Row[] = [
  [
    '401 for one cluster',
    { rules: [arm(ITSELF, status(401, { body: azureError('InvalidAuthenticationToken') }))] },
    { reasons: { [ILL]: because('unauthenticated', READ, '401 InvalidAuthenticationToken', 'check the identity and its tenant') } },
  ],
  [
    '403 for one cluster',
    { rules: [arm(ITSELF, status(403))] },
    { reasons: { [ILL]: because('denied', READ, '403', 'lacks Microsoft.ContainerService/managedClusters/read', 'give it a role') } },
  ],
  [
    '403 with hostile text',
    { rules: [arm(ITSELF, status(403, { body: azureError('<b>No</b>', `\u001b[31m\r\n<script>alert(1)</script>${'x'.repeat(5_000)}`) }))] },
    { reasons: { [ILL]: because('denied', READ, '403', 'give it a role') } },
  ],
  [
    '404 for the credential of a cluster that was deleted during the scan',
    { rules: [arm(CREDENTIAL, status(404, { body: azureError('ResourceNotFound') }))] },
    { reasons: { [ILL]: because('not-found', 'Cannot get the user credential of /subscriptions/', '404 ResourceNotFound') } },
  ],
  [
    '404 from something that is not Azure',
    { rules: [arm(ITSELF, status(404, { body: '<html>Not here</html>' }))] },
    { reasons: { [ILL]: because('malformed', READ, '404', 'check for a proxy') } },
  ],
  [
    '404 for a subscription that is no longer visible',
    { rules: [arm(ITSELF, status(404, { body: azureError('SubscriptionNotFound') }))] },
    { reasons: { [ILL]: because('denied', READ, '404 SubscriptionNotFound', 'give it a role') } },
  ],
  [
    '409 for every attempt of the queue',
    { rules: [arm(ITSELF, status(409))] },
    { reasons: { [ILL]: because('conflict', READ, '409', NEXT) } },
  ],
  [
    '5xx for ten minutes',
    { rules: [arm(ITSELF, status(503))], lastsMs: 600_000 },
    { reasons: { [ILL]: because('unreachable', READ, '503', NEXT) } },
  ],
  ['5xx for two minutes', { rules: [arm(ITSELF, status(500))], lastsMs: 120_000 }, {}],
  [
    'an answer that never comes',
    { rules: [arm(ITSELF, { kind: 'hang' })], attemptTimeoutMs: 80 },
    { reasons: { [ILL]: because('timed-out', READ, 'did not answer in time', NEXT) } },
  ],
  ['an answer that is missing at first', { rules: [arm(ITSELF, { kind: 'hang' }, { times: 3 })], attemptTimeoutMs: 80 }, {}],
  [
    'a body that is cut off every time',
    { rules: [arm(ITSELF, { kind: 'cut', afterBytes: 300 })] },
    { reasons: { [ILL]: because('unreachable', READ, 'ECONNRESET', NEXT) } },
  ],
  ['a body that is cut off twice', { rules: [arm(ITSELF, { kind: 'cut', afterBytes: 300 }, { times: 2 })] }, {}],
  [
    'half a document',
    { rules: [arm(ITSELF, { kind: 'broken-body' })] },
    { reasons: { [ILL]: because('malformed', READ, 'not JSON', 'check for a proxy') } },
  ],
  [
    'an answer of 65 MiB',
    { rules: [arm(ITSELF, { kind: 'oversized-body', bytes: 65 * 1_048_576 })] },
    { reasons: { [ILL]: because('too-large', READ, 'larger than 64 MiB', 'check for a proxy') } },
  ],
  [
    'values of the wrong types',
    {
      rules: [
        arm(
          ITSELF,
          rewrite((body) => ({ ...body, properties: { agentPoolProfiles: 'none', provisioningState: 7 } })),
        ),
      ],
    },
    {
      reasons: {
        [ILL]: [
          ...because('malformed', 'properties.provisioningState', 'expected a text, got a number'),
          ...because('malformed', 'properties.agentPoolProfiles', 'expected a list, got a text'),
          ...because('not-entra-integrated', 'no Entra ID integration'),
        ],
      },
    },
  ],
  [
    'a name that would break lines and terminals',
    { rules: [arm(ITSELF, withPool('\u001b[2J\r\npool'))] },
    // The list of pools is incomplete, and the finding of another pool says so; it stays open.
    {
      lost: [`${ILL} node-image-current`],
      reasons: { [ILL]: because('too-large', '1 of 3 node pools', 'agentPoolProfiles.2.name', 'no control characters') },
    },
  ],
  [
    'a pool whose name is HTML, which is counted under that name',
    { rules: [arm(ITSELF, withPool('<script>alert(1)</script>'))] },
    { disturbed: [ILL] },
  ],
  [
    'null instead of a cluster',
    {
      rules: [
        arm(
          ITSELF,
          rewrite(() => null),
        ),
      ],
    },
    { reasons: { [ILL]: because('malformed', READ, 'check for a proxy') } },
  ],
  [
    'a body about another cluster',
    {
      rules: [
        arm(
          ITSELF,
          rewrite((body) => JSON.parse(JSON.stringify(body).replaceAll('/ill"', '/well-2"').replaceAll('"ill"', '"well-2"'))),
        ),
      ],
    },
    { reasons: { [ILL]: because('malformed', READ, 'well-2', 'check for a proxy') } },
  ],
  [
    'JSON that tries to change the prototype of every object',
    { rules: [arm(ITSELF, withText('"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}}'))] },
    {},
  ],
  [
    '403 for its maintenance windows',
    { rules: [arm(/managedClusters\/ill\/maintenanceConfigurations/, status(403))] },
    {
      reasons: {
        [ILL]: because('denied', 'Cannot read the maintenance windows of /subscriptions/', 'managedclusters/ill', '403', 'give it a role'),
      },
    },
  ],
  [
    'an invalid kubeconfig',
    { rules: [arm(CREDENTIAL, { kind: 'broken-body', body: '{"kubeconfigs":[{"name":"clusterUser","value":"bm9uZQ=="}]}' })] },
    { reasons: { [ILL]: because('malformed', 'The kubeconfig from Azure', 'check for a proxy') } },
  ],
];

describe('a fault of Azure Resource Manager at one cluster', () => {
  test.each(shareOf(CLUSTER, 3))(
    'loses and invents no finding, does not affect other clusters, and the next audit recovers: %s',
    async (_, fault, expected) => {
      const { outcome, hits } = await world.outcomeOf(fault);
      expect(outcome).toEqual({ ...UNHURT, ...expected });
      expect(hits).toBeGreaterThan(0);
      expect(Reflect.get({}, 'polluted')).toBeUndefined();
    },
  );

  test('repeated 429 answers are waited for within the time limit, and become a reason only after it', async () => {
    const storm = (times: number) => ({ rules: [arm(ITSELF, status(429, { retryAfterSeconds: 60 }), { times })] });
    const passing = await world.outcomeOf(storm(5));
    expect(passing.outcome).toEqual(UNHURT);
    expect(passing.elapsedMs).toBeGreaterThanOrEqual(300_000);
    expect(passing.retried).toBe(0);

    const lasting = await world.outcomeOf(storm(1_000));
    expect(lasting.outcome).toEqual({ ...UNHURT, reasons: { [ILL]: because('throttled', READ, '429', 'wait 60 seconds', NEXT) } });
    // Five attempts of the message, each of which waits as long as a call may.
    expect(lasting.elapsedMs).toBeGreaterThanOrEqual(5 * 300_000);
  });
});

/** The list of the subscription that holds the cluster. */
const listOfFirst = (): RegExp => new RegExp(`^/subscriptions/${world.running.estate.subscriptions[0]?.id}/providers/${LISTS.source}`);

describe('a fault of the list of one subscription of three', () => {
  const LIST = 'Cannot list the clusters of subscription ';
  test.each<readonly [name: string, action: FaultAction, expected: Outcome['notListed'][string]]>([
    ['403', status(403), reason('denied', LIST, '403', 'give it a role')],
    ['5xx', status(502), reason('unreachable', LIST, '502', NEXT)],
    ['half a page every time', { kind: 'cut', afterBytes: 400 }, reason('unreachable', LIST, 'ECONNRESET', NEXT)],
    ['a nextLink that points to itself', circle(), reason('malformed', LIST, 'already read', 'check for a proxy')],
    [
      'a nextLink to another server',
      rewrite((page) => ({ ...page, nextLink: 'https://127.0.0.1:2/steal?api-version=1' })),
      reason('malformed', LIST, 'another server', 'check for a proxy'),
    ],
    [
      'a row that is not a cluster',
      rewrite(() => ({ value: [{ id: '<img src=x>', __proto__: 1 }] })),
      reason('malformed', LIST, 'is not a cluster of the subscription'),
    ],
  ])('does not stop the scans of its known clusters: %s', async (_, action, expected) => {
    const { outcome } = await world.outcomeOf({ rules: [NO_GRAPH, arm(listOfFirst(), action)] });
    expect(outcome).toEqual({ ...UNHURT, notListed: { first: expected } });
  });
});

describe('Resource Graph', () => {
  const rows = (change: (data: readonly unknown[]) => readonly unknown[]) =>
    rewrite((body) => {
      const data = change(Array.isArray(body.data) ? body.data : []);
      return { ...body, data, totalRecords: data.length, count: data.length };
    });

  test.each<readonly [name: string, action: FaultAction]>([
    ['failing', status(500)],
    ['throttling permanently', status(429, { retryAfterSeconds: 90 })],
    ['refusing', status(403)],
    ['answering nonsense', { kind: 'broken-body' }],
    ['contradicting itself', rewrite((body) => ({ ...body, totalRecords: 9 }))],
    ['cutting its answer short', rewrite((body) => ({ ...body, resultTruncated: 'true' }))],
    ['returning pages in a cycle', rewrite((body) => ({ ...body, $skipToken: 'same' }))],
    ['returning a cluster that was not requested', rows((data) => [...data, STRANGER])],
    ['showing nothing', rows(() => [])],
  ])('is not evidence: each subscription is listed separately when it is %s', async (_, action) => {
    const { outcome, asked, hits } = await world.outcomeOf({ rules: [arm(GRAPH, action)] });
    expect(outcome).toEqual(UNHURT);
    expect(hits).toBeGreaterThan(0);
    const listed = asked.filter((path) => LISTS.test(path)).map((path) => path.split('/')[2]);
    expect(new Set(listed)).toEqual(new Set(world.running.estate.subscriptions.map(({ id }) => id)));
  });

  test('hiding one cluster hides no finding, because known clusters are read individually', async () => {
    const hide = rows((data) => data.filter((row) => !JSON.stringify(row).includes('/ill"')));
    const { outcome } = await world.outcomeOf({ rules: [arm(GRAPH, hide)] });
    expect(outcome).toEqual(UNHURT);
  });
});

const STRANGER = {
  id: '/subscriptions/99999999-9999-4999-8999-999999999999/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/stranger',
  name: 'stranger',
  location: 'westeurope',
  tags: null,
};

describe('a fault of more than one cluster', () => {
  const all = ({ running }: FaultyWorld) => running.estate.subscriptions;

  test('403 for one subscription of three is reported for it and for each of its clusters, and for no other', async () => {
    const [first] = all(world);
    const forbidden = arm(new RegExp(`/subscriptions/${first?.id}/`), status(403, { body: azureError('AuthorizationFailed') }));
    const hidden = arm(
      GRAPH,
      rewrite((body) => {
        const data = (Array.isArray(body.data) ? body.data : []).filter((row) => !JSON.stringify(row).includes(`${first?.id}`));
        return { ...body, data, totalRecords: data.length, count: data.length };
      }),
    );
    const { outcome } = await world.outcomeOf({ rules: [forbidden, hidden] });

    const denied = because('denied', READ, '403 AuthorizationFailed', 'give it a role');
    expect(outcome).toEqual({
      ...UNHURT,
      notListed: { first: reason('denied', 'Cannot list the clusters of subscription', '403', 'give it a role') },
      reasons: { [ILL]: denied, [BESIDE]: denied },
    });
  });

  test.each<readonly [name: string, action: FaultAction, expected: Outcome['notListed'][string]]>([
    ['403', status(403), reason('denied', 'management group faults', '403', 'give it a role')],
    ['5xx', status(500), reason('unreachable', 'management group faults', '500', NEXT)],
  ])('a management group that cannot be listed does not stop the audit of the others: %s', async (_, action, expected) => {
    const { outcome } = await world.outcomeOf({ rules: [arm(/managementGroups/, action)], managementGroups: ['faults'] });
    expect(outcome).toEqual({ ...UNHURT, notListed: { 'management-group:faults': expected } });
  });

  test('a denied upgrade profile is reported for each cluster, whose other parts are judged', async () => {
    const { outcome, hurt } = await world.outcomeOf({ rules: [arm(/agentPools\/kata\/upgradeProfiles/, status(403))] });

    const denied = because('denied', 'Cannot read the upgrade profile of node pool kata of /subscriptions/', '403', 'give it a role');
    const names = all(world).flatMap(({ clusters }) => clusters.map(({ name }) => name));
    expect(outcome).toEqual({ ...UNHURT, reasons: Object.fromEntries(names.map((name) => [name, denied])) });
    expect([...hurt.values()].map(({ summary }) => summary?.assessment)).toEqual(names.map(() => 'partly-assessed'));
  });

  test('an unreachable Azure is reported for every subscription and every cluster, and resolves nothing', async () => {
    const { outcome } = await world.outcomeOf({ rules: [arm(/./, status(503))] });

    const silent = because('unreachable', READ, '503', NEXT);
    const unlisted = reason('unreachable', 'Cannot list the clusters', '503', NEXT);
    expect(outcome).toEqual({
      ...UNHURT,
      notListed: Object.fromEntries(all(world).map(({ name }) => [name, unlisted])),
      reasons: Object.fromEntries(all(world).flatMap(({ clusters }) => clusters.map(({ name }) => [name, silent]))),
    });
  });
});

test('the findings of a cluster that is deleted between the listing and its scan resolve with that reason, and reopen when it is back', async () => {
  const whole = world.running.estate;
  const without = {
    ...whole,
    subscriptions: whole.subscriptions.map((one) => ({ ...one, clusters: one.clusters.filter(({ name }) => name !== ILL) })),
  };
  const { hurt, healed, outcome } = await world.outcomeOf({
    rules: [],
    beforeScans: () => world.running.setEstate(without),
    after: () => world.running.setEstate(whole),
  });

  expect(hurt.get(ILL)?.summary).toMatchObject({ status: 'deleted', gaps: [] });
  expect(hurt.get(ILL)?.findings.map(({ status: state, resolution }) => `${state} ${resolution}`)).toEqual(
    world.calmFindings[ILL]?.map(() => 'resolved cluster-deleted'),
  );
  expect(outcome).toMatchObject({ disturbed: [ILL], notHealed: [ILL], reasons: {}, notListed: {}, parked: [] });
  expect(healed.get(ILL)?.findings.map(({ status: state, reopenCount }) => `${state} ${reopenCount}`)).toEqual(
    world.calmFindings[ILL]?.map(() => 'open 1'),
  );
});
