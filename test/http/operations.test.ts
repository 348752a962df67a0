import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { figuresOf } from '../../shared/domain/findings/estate-figures.ts';
import { DEFAULT_POLICY } from '../../shared/domain/policy/policy.ts';
import { Fault } from '../../shared/domain/snapshot/fault.ts';
import { OPERATOR_ROLE } from '../../shared/http/access/principal.ts';
import { serve } from '../../shared/http/framework/serve.ts';
import { ROUTES } from '../../shared/http/routes.ts';
import { aWorld, OPERATOR_KEY } from '../support/access.ts';
import { ask, listOf, read, wrongFields } from './client.ts';
import { aFinding, anEstate, aSummary, NOW, SUBSCRIPTION } from './estate.ts';

const parked = [{ id: 'abc', queue: 'scans', body: '{}', reason: 'r', parkedAt: NOW, dequeueCount: 5 }];
const finding = aFinding();

describe('clusters', () => {
  const summaries = [
    aSummary('prod', [finding]),
    aSummary('test', [], {
      assessment: 'not-assessed',
      gaps: [{ evidence: 'cluster', reason: { code: 'denied', message: 'no' } }],
      observedAt: '2026-11-20T00:00:00.000Z',
    }),
    aSummary('old', [finding], { status: 'deleted' }),
  ];
  const estate = anEstate({ summaries });
  const namesOf = async (path: string) =>
    listOf(await ask(estate, path))
      .value.map((one) => JSON.parse(JSON.stringify(one)).cluster.name)
      .sort();

  it('lists and filters summaries', async () => {
    expect(await namesOf('/clusters')).toEqual(['old', 'prod', 'test']);
    expect(await namesOf('/clusters?status=present&assessment=not-assessed')).toEqual(['test']);
    expect(await namesOf(`/clusters?subscription=${SUBSCRIPTION}`)).toHaveLength(3);
    expect(await namesOf('/clusters?subscription=00000000-0000-4000-8000-000000000000')).toEqual([]);
  });

  it.each([`${SUBSCRIPTION}/rg/prod`, `${SUBSCRIPTION.toUpperCase()}/RG/PROD`, `${SUBSCRIPTION}/%72g/prod`])(
    'returns one by subscription, resource group and name, written as %s',
    async (path) => {
      expect((await ask(estate, `/clusters/${path}`)).json).toMatchObject({ cluster: { name: 'prod' } });
    },
  );

  it.each([`${SUBSCRIPTION}/rg/nope`, `${SUBSCRIPTION}/other/prod`, 'x/rg/prod', `${SUBSCRIPTION}/rg/${'x'.repeat(4_000)}`])(
    'answers 404 for an unknown cluster: %s',
    async (path) => {
      expect((await ask(estate, `/clusters/${path}`)).status).toBe(404);
    },
  );

  it('sums up the estate from summaries only, without reading findings, while no exemption is live', async () => {
    await ask(estate, '/summary');
    expect(estate.reads).toEqual([]);
  });

  it('sums up the estate without deleted clusters', async () => {
    expect((await ask(estate, '/summary')).json).toMatchObject({
      clusters: { total: 3, byStatus: { present: 2, deleted: 1 }, byAssessment: { assessed: 1, 'not-assessed': 1 } },
      openBySeverity: { high: 1 },
      rules: { 'node-image-current': { open: 1, clusters: 1 } },
      gaps: { denied: 1 },
      nodePools: 4,
      oldestObservedAt: '2026-11-20T00:00:00.000Z',
      policy: { source: 'built-in' },
    });
  });
});

describe('rules', () => {
  it('shows the severity and state from the policy', async () => {
    const estate = anEstate({ policy: { rules: { 'node-image-current': 'low', 'workload-sandboxed': 'off' } } });
    expect(listOf(await ask(estate, '/rules')).value).toMatchObject([
      { id: 'node-image-current', severity: 'low', state: 'on' },
      { id: 'workload-sandboxed', severity: 'high', state: 'off' },
    ]);
  });
});

describe('audits', () => {
  it('starts one and returns its location', async () => {
    const estate = anEstate();
    const answer = await ask(estate, '/audits', { method: 'POST' });
    expect(answer).toMatchObject({ status: 202, json: { id: 'audit-9', cause: 'request' } });
    expect(answer.headers.location).toBe('/api/audits/audit-9');
    expect(estate.asked).toEqual([undefined]);
  });

  it('lists and returns them', async () => {
    const audit = { id: 'a1', startedAt: NOW, cause: 'timer', subscriptions: [SUBSCRIPTION] } as const;
    const estate = anEstate({ audits: [audit] });
    expect(listOf(await ask(estate, '/audits')).value).toMatchObject([
      { ...audit, state: 'running', outcome: { planned: 0, notListed: 0 } },
    ]);
    expect((await ask(estate, '/audits/a1')).json).toMatchObject({ audit });
    expect((await ask(estate, '/audits/a2')).status).toBe(404);
    expect((await ask(estate, "/audits/'%20or%20")).status).toBe(404);
  });

  it('reports an audit that used the last good policy, in the API and on the dashboard, whatever the mistake is', async () => {
    const audit = { id: 'a1', startedAt: NOW, cause: 'timer', subscriptions: [SUBSCRIPTION] } as const;
    const policyProblem = 'policy.yaml: line 3: rules: <b>no such rule</b>';
    const good = anEstate({ audits: [audit] });
    const bad = anEstate({ audits: [{ ...audit, policyProblem }] });

    expect((await ask(bad, '/audits/a1')).json).toMatchObject({ audit: { policyProblem } });
    expect(listOf(await ask(bad, '/audits')).value).toMatchObject([{ policyProblem }]);
    const page = (await ask(bad, '/dashboard/audits')).text;
    expect(page).toContain('by the last good policy');
    expect(page).toContain('line 3: rules: &lt;b&gt;no such rule&lt;/b&gt;');
    expect((await ask(good, '/dashboard/audits')).text).not.toContain('by the last good policy');
  });

  it.each([
    ['text', 415, { body: 'x', headers: { 'content-type': 'text/plain' } }],
    ['broken JSON', 400, { body: '{' }],
    ['an unknown option', 400, { body: '{"full":true}' }],
    ['a huge body', 413, { body: JSON.stringify('x'.repeat(65_536)) }],
    ['a body that declares a huge size', 413, { headers: { 'content-length': '65537' } }],
    ['an empty object', 202, { body: '{}' }],
  ])('answers %s with %i', async (_, status, how) => {
    expect((await ask(anEstate(), '/audits', { method: 'POST', ...how })).status).toBe(status);
  });

  it('reads a huge body without a declared length to its end, and answers 413', async () => {
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        if (sent++ === 1_000) return controller.close();
        controller.enqueue(new Uint8Array(65_536));
      },
    });
    expect((await ask(anEstate(), '/audits', { method: 'POST', body })).status).toBe(413);
    expect(sent).toBe(1_001);
  });

  it('names the unknown field of a body by its pointer', async () => {
    expect(wrongFields(await ask(anEstate(), '/audits', { method: 'POST', body: '{"full":true}' }))).toEqual(['/full']);
  });
});

describe('parked messages', () => {
  const who = '0b1c2d3e-4f50-4a6b-8c7d-9e0f1a2b3c4d';
  const claims = [
    { typ: 'roles', val: OPERATOR_ROLE },
    { typ: 'oid', val: who.toUpperCase() },
  ];
  const headers = { 'x-ms-client-principal': Buffer.from(JSON.stringify({ auth_typ: 'aad', claims })).toString('base64') };

  it('are listed, replayed once, and dropped', async () => {
    const estate = anEstate({ parked });
    expect(listOf(await ask(estate, '/parked')).value).toEqual(parked);
    expect((await ask(estate, '/parked/abc/replay', { method: 'POST' })).json).toEqual({
      ...parked[0],
      settled: { how: 'replayed', at: NOW },
    });
    expect(estate.sent).toEqual([{ queue: 'scans', body: '{}' }]);
    expect((await ask(estate, '/parked/abc/replay', { method: 'POST' })).status).toBe(404);
    expect((await ask(anEstate({ parked }), '/parked/abc', { method: 'DELETE' })).status).toBe(204);
  });

  it('are not said to be dropped when that could not be stored', async () => {
    const estate = anEstate({ parked });
    const settle = async () => {
      await setImmediate();
      throw new Fault('throttled', 'The storage is busy.');
    };
    const busy = { ...estate, parked: { ...estate.parked, settle } };
    expect((await ask(busy, '/parked/abc', { method: 'DELETE' })).status).toBe(429);
  });

  it('report who replayed or dropped them, and when', async () => {
    const estate = anEstate({ parked: [...parked, ...parked.map((one) => ({ ...one, id: 'def' }))] });
    expect(listOf(await ask(estate, '/parked?state=settled')).value).toEqual([]);
    await ask(estate, '/parked/abc/replay', { method: 'POST', headers });
    await ask(estate, '/parked/def', { method: 'DELETE', headers });
    await ask(estate, '/parked/def', { method: 'DELETE' });

    expect(listOf(await ask(estate, '/parked?state=waiting')).value).toEqual([]);
    expect(listOf(await ask(estate, '/parked?state=settled')).value).toMatchObject([
      { id: 'abc', reason: 'r', settled: { how: 'replayed', at: NOW, by: who } },
      { id: 'def', reason: 'r', settled: { how: 'dropped', at: NOW, by: who } },
    ]);
    expect((await ask(estate, '/parked?state=all')).status).toBe(400);
  });
});

describe('health', () => {
  const down = { clusters: async () => Promise.reject(new Fault('unreachable', 'Storage is away.')) };

  const audit = { id: 'a1', startedAt: NOW, cause: 'timer', subscriptions: [SUBSCRIPTION] } as const;
  const unlisted = {
    auditId: 'a1',
    subscriptionId: SUBSCRIPTION,
    at: NOW,
    outcome: { state: 'not-listed', reason: { code: 'denied', message: 'The identity lacks managedClusters/read.' } },
  } as const;
  const end = {
    state: 'incomplete',
    endedAt: NOW,
    planned: 0,
    scanned: 0,
    notAssessed: 0,
    notListed: 1,
    changed: 0,
    figures: figuresOf([], DEFAULT_POLICY, new Date(NOW)),
  } as const;
  const notListed = {
    ...anEstate().audits,
    list: async () => ({ value: [{ ...audit, end }] }),
    get: async () => ({ audit, subscriptions: [unlisted], clusters: [] }),
  };

  it('names the subscriptions that the newest audit could not list', async () => {
    expect((await ask(anEstate({}, { audits: notListed }), '/health/detail')).json).toMatchObject({
      checks: expect.arrayContaining([
        {
          name: 'audits',
          status: 'degraded',
          message: expect.stringMatching(new RegExp(`not complete.*${SUBSCRIPTION}: The identity lacks`)),
        },
      ]),
    });
  });

  it('reports that the process is alive even when nothing else works', async () => {
    const route = ROUTES.find(({ name }) => name === 'get-health');
    if (route === undefined) throw new Error('There is no health route.');
    const request = { method: 'GET', url: 'https://x.example/api/health', headers: new Headers(), params: {}, text: async () => '' };
    const world = aWorld(() => Promise.reject(new Error('secret=1')));
    expect(await read(await serve(route, world, request))).toMatchObject({ status: 200, json: { status: 'alive' } });
    // It needs no authorization, and starts neither the storage nor the app.
    expect(world.bugs).toEqual([]);
  });

  it.each([
    ['healthy', 200, anEstate()],
    ['degraded', 200, anEstate({ policyProblem: 'rules: unknown rule' })],
    ['degraded', 200, anEstate({}, { configProblem: 'KATAUDIT_SCHEDULE: expected …' })],
    ['degraded', 200, anEstate({}, { audits: notListed })],
    ['unhealthy', 503, anEstate({}, { findings: { ...anEstate().findings, ...down } })],
  ])('is %s with %i', async (status, code, estate) => {
    expect(await ask(estate, '/health/detail')).toMatchObject({ status: code, json: { status } });
  });

  const audits = (startedAt?: string) => ({
    ...anEstate().audits,
    list: async () => ({ value: startedAt === undefined ? [] : [{ id: 'a1', startedAt, cause: 'timer' as const, subscriptions: [] }] }),
  });
  const schedule = '0 0 */6 * * *';
  const before = new Date('2026-11-22T00:00:00Z');

  it.each([
    ['healthy', '2026-11-23T06:00:03.000Z', before, /started at 2026-11-23T06:00:03.000Z; the next is due at 2026-11-23T12:00:00.000Z\.$/],
    ['unhealthy', '2026-11-23T00:00:03.000Z', before, /one was due at 2026-11-23T06:00:00.000Z and did not start/],
    [
      'degraded',
      undefined,
      new Date('2026-11-23T11:00:00Z'),
      /^No audit has started yet; the next is due at 2026-11-23T12:00:00.000Z\. POST \/api\/audits starts one now\.$/,
    ],
    ['unhealthy', undefined, before, /No audit has started yet; one was due at 2026-11-22T06:00:00.000Z/],
  ])('is %s when the last audit began at %s', async (status, began, startedAt, message) => {
    const estate = anEstate({}, { audits: audits(began), schedule, startedAt });
    const { json } = await ask(estate, '/health/detail');
    expect(json).toMatchObject({
      status,
      checks: expect.arrayContaining([{ name: 'schedule', status, message: expect.stringMatching(message) }]),
    });
    if (began !== undefined) expect(json).toMatchObject({ audits: { lastBegan: began } });
  });

  it.each([
    ['the host refuses the schedule', { schedule: '0 0 6 * * 7', startedAt: before, audits: audits(NOW) }, /rejects the schedule/],
    ['nothing is in scope', { scope: { subscriptions: [], managementGroups: [] } }, /set KATAUDIT_SUBSCRIPTIONS/],
    [
      'the audits cannot be read',
      { schedule, startedAt: before, audits: { ...audits(), list: () => Promise.reject(new Fault('denied', 'No right.')) } },
      /No right/,
    ],
  ])('is unhealthy when %s', async (_, over, message) => {
    const answer = await ask(anEstate({}, over), '/health/detail');
    expect(answer).toMatchObject({ status: 503, json: { status: 'unhealthy' } });
    expect(answer.text).toMatch(message);
  });

  it.each([
    ['the settings', {}, { scope: { subscriptions: [], managementGroups: ['platform'] } }],
    [
      'the policy',
      { policy: { scope: { ...DEFAULT_POLICY.scope, subscriptions: [SUBSCRIPTION] } } },
      { scope: { subscriptions: [], managementGroups: [] } },
    ],
  ])('is healthy with a scope from %s', async (_, state, over) => {
    expect(await ask(anEstate(state, over), '/health/detail')).toMatchObject({ status: 200, json: { status: 'healthy' } });
  });

  it('answers 503 with a hint, and the reason to the log only, when the app cannot start', async () => {
    const route = ROUTES.find(({ name }) => name === 'list-findings');
    if (route === undefined) throw new Error('There is no such route.');
    const headers = new Headers({ 'x-functions-key': OPERATOR_KEY });
    const request = { method: 'GET', url: 'https://x.example/api/findings', headers, params: {} };
    const world = aWorld(() => Promise.reject(new Error('secret=1')));
    const answer = await read(await serve(route, world, request));
    expect(answer.status).toBe(503);
    expect(answer.text).not.toContain('secret');
  });
});
