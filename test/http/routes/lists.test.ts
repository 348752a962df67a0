import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { figuresOf } from '../../../shared/domain/findings/estate-figures.ts';
import type { Finding, HistoryEntry } from '../../../shared/domain/findings/finding.ts';
import { EMPTY_IMAGE_FILE } from '../../../shared/domain/images/image-file.ts';
import { DEFAULT_POLICY } from '../../../shared/domain/policy/policy.ts';
import { Fault } from '../../../shared/domain/snapshot/fault.ts';
import { observed } from '../../../shared/domain/snapshot/observation.ts';
import type { ClusterSnapshot } from '../../../shared/domain/snapshot/snapshot.ts';
import type { AuditRecord, AuditStore } from '../../../shared/ports/audit-store.ts';
import { aPodGroup, aSnapshot } from '../../support/a-snapshot.ts';
import { OBJECT_ID, principal } from '../../support/access.ts';
import { ask, listOf, wrongFields } from '../client.ts';
import { aFinding, anEstate, aSummary, clusterIdOf, NOW, SUBSCRIPTION } from '../estate.ts';

const OTHER = 'ABCDEF22-2222-4333-8444-555555555555';
const prod = aSummary('prod', [aFinding()]);
const dark = aSummary('dark', [aFinding({ severity: 'low', ruleId: 'workload-sandboxed' })], {
  assessment: 'partly-assessed',
  gaps: [{ evidence: 'nodes', reason: { code: 'denied', message: 'no' } }],
});
const far = aSummary('far', [], { status: 'out-of-scope' });
const summaries = [
  { ...prod, cluster: { ...prod.cluster, tags: { env: 'Prod' } } },
  dark,
  { ...far, cluster: { ...far.cluster, subscriptionId: OTHER, location: 'Elsewhere' } },
];

it.each([
  ['', ['dark', 'far', 'prod']],
  ['status=present', ['dark', 'prod']],
  ['status=present,out-of-scope', ['dark', 'far', 'prod']],
  ['assessment=assessed', ['far', 'prod']],
  [`subscription=${OTHER}`, ['far']],
  [`subscription=${OTHER.toLowerCase()}`, ['far']],
  [`subscription=${OTHER},${SUBSCRIPTION.toUpperCase()}`, ['dark', 'far', 'prod']],
  ['tag=env', ['prod']],
  ['tag=none,env%3DProd', ['prod']],
  ['tag=env%3Dtest', []],
  ['rule=node-image-current', ['prod']],
  ['rule=workload-sandboxed,node-image-current', ['dark', 'prod']],
  ['severity=low', ['dark']],
  ['severity=high,low', ['dark', 'prod']],
  ['severity=critical', []],
  ['gap=throttled,denied', ['dark']],
  ['gap=denied', ['dark']],
  ['gap=throttled', []],
  ['q=PRO', ['prod']],
  ['q=elsewhere', ['far']],
  ['severity=low&assessment=assessed', []],
])('clusters by %j are %j', async (query, names) => {
  const { value } = listOf(await ask(anEstate({ summaries }), `/clusters?${query}`));
  expect(value.map((one) => JSON.parse(JSON.stringify(one)).cluster.name).toSorted()).toEqual(names);
});

it('clusters of a rule that does not exist are refused', async () => {
  const answer = await ask(anEstate({ summaries }), '/clusters?rule=none');
  expect([answer.status, wrongFields(answer)]).toEqual([400, ['rule']]);
});

describe('changes', () => {
  const entry = (at: string, over: Partial<HistoryEntry> = {}): HistoryEntry => ({
    findingId: aFinding().id,
    clusterId: clusterIdOf('prod'),
    ruleId: 'node-image-current',
    at,
    kind: 'opened',
    cause: 'audit-1',
    severity: 'high',
    message: at,
    ...over,
  });
  // The clock of the test is at noon on 23 November.
  const history = [
    entry('2026-11-23T11:00:00.000Z'),
    entry('2026-11-23T10:00:00.000Z', { kind: 'resolved', severity: 'low', resolution: 'complies' }),
    entry('2026-11-22T12:00:00.000Z', { ruleId: 'workload-sandboxed', clusterId: clusterIdOf('dark') }),
    entry('2026-11-22T11:59:59.999Z', { kind: 'changed' }),
  ];

  it.each([
    ['', [0, 1, 2]],
    ['since=2026-11-22T13:59:59.999%2B02:00', [0, 1, 2, 3]],
    ['since=2026-11-23T10:00:00Z', [0, 1]],
    ['until=2026-11-23T12:00:00%2B02:00', [1, 2]],
    ['kind=resolved,changed', [1]],
    ['severity=low', [1]],
    ['rule=workload-sandboxed', [2]],
    [`cluster=${encodeURIComponent(clusterIdOf('dark').toUpperCase())}`, [2]],
    ['kind=opened&severity=low', []],
  ])('by %j are those of one day by default: %j', async (query, indices) => {
    const { value } = listOf(await ask(anEstate({ history }), `/changes?${query}`));
    expect(value).toEqual(indices.map((index) => history[index]));
  });
});

describe('an audit of chosen clusters', () => {
  const post = async (clusters: readonly string[]) => {
    const chosen: (readonly string[])[] = [];
    const audit: AuditRecord = { id: 'audit 9', startedAt: NOW, cause: 'request', subscriptions: [] };
    const scanClusters = async (ids: readonly string[]) => {
      chosen.push(ids);
      return audit;
    };
    const answer = await ask(anEstate({ summaries }, { scanClusters }), '/audits', { method: 'POST', body: JSON.stringify({ clusters }) });
    return { answer, chosen };
  };

  it('is of each of them once, in the spelling of the estate', async () => {
    const { answer, chosen } = await post([clusterIdOf('prod').toUpperCase(), clusterIdOf('dark'), clusterIdOf('prod')]);
    expect(chosen).toEqual([[clusterIdOf('prod'), clusterIdOf('dark')]]);
    expect([answer.status, answer.headers.location]).toEqual([202, '/api/audits/audit%209']);
  });

  it.each([
    [[], ['/clusters']],
    [[''], ['/clusters/0']],
    [['x'.repeat(513)], ['/clusters/0']],
    [Array(101).fill(clusterIdOf('prod')), ['/clusters']],
  ])('is refused with too few or too many of them: %j', async (clusters, fields) => {
    const { answer, chosen } = await post(clusters);
    expect([answer.status, wrongFields(answer), chosen]).toEqual([400, fields, []]);
  });

  it('takes up to a hundred, and records who asked', async () => {
    const asked: unknown[] = [];
    const scanClusters = async (ids: readonly string[], by?: string) => {
      asked.push([ids, by]);
      return { id: 'a', startedAt: NOW, cause: 'request', subscriptions: [] } as const;
    };
    const body = JSON.stringify({ clusters: Array(100).fill(clusterIdOf('prod')) });
    await ask(anEstate({ summaries }, { scanClusters }), '/audits', { method: 'POST', body, headers: principal('Kataudit.Operator') });
    expect(asked).toEqual([[[clusterIdOf('prod')], OBJECT_ID]]);
    expect((await post(['x'.repeat(512)])).answer.text).toContain('no cluster of the estate has this id');
  });

  it('is refused when one of them does not exist', async () => {
    const { answer, chosen } = await post([clusterIdOf('prod'), clusterIdOf('far'), clusterIdOf('none')]);
    expect([answer.status, wrongFields(answer), chosen]).toEqual([400, ['/clusters/1', '/clusters/2'], []]);
  });
});

describe('a cluster', () => {
  const path = `/clusters/${SUBSCRIPTION}/rg/prod`;
  const withSnapshot = (snapshot?: ClusterSnapshot) => {
    const get = async (id: string) =>
      snapshot === undefined || id !== clusterIdOf('prod') ? undefined : { snapshot, runs: [], policyHash: 'h' };
    return anEstate({ summaries }, { assessments: { ...anEstate().assessments, get } });
  };

  it('comes with the evidence of isolation of its newest snapshot, for up to a thousand workloads', async () => {
    const groups = Array.from({ length: 1_001 }, (_, at) => aPodGroup({ ownerName: `w${at}` }));
    const { json } = await ask(withSnapshot(aSnapshot({ workloads: observed(groups) })), path);
    expect(json).toMatchObject({ cluster: { name: 'prod' }, isolation: { moreWorkloads: 1 } });
  });

  it('comes without it while there is none', async () => {
    expect((await ask(withSnapshot(), path)).json).not.toHaveProperty('isolation');
  });
});

describe('what an audit changed', () => {
  const at = (day: number) => `2026-11-2${day}T00:00:00.000Z`;
  const audits = [3, 2].map((day) => ({ id: `a${day}`, startedAt: at(day), cause: 'timer' as const, subscriptions: [SUBSCRIPTION] }));
  const { id: findingId, clusterId, ruleId, severity } = aFinding();
  const entry = { findingId, clusterId, ruleId, severity, message: 'm' };
  const history: readonly HistoryEntry[] = [
    { ...entry, at: '2026-11-23T00:10:00.000Z', kind: 'opened', cause: 'a3' },
    { ...entry, at: '2026-11-23T00:05:00.000Z', kind: 'opened', cause: 'event', findingId: aFinding({ clusterName: 'dark' }).id },
  ];
  const looked = (auditId: string) => ({ auditId, clusterId, at: NOW, state: 'assessed', reasons: [], changed: 1 }) as const;
  const estate = anEstate({ audits, summaries, history });
  const get = async (id: string) => {
    const audit = audits.find((one) => one.id === id);
    return audit && { audit, subscriptions: [], clusters: [looked(id)] };
  };
  const app = { ...estate, audits: { ...estate.audits, get } };

  it('is what it opened itself', async () => {
    expect((await ask(app, '/audits/a3/changes')).json).toEqual({ value: [history[0]], complete: true });
  });

  it('is told apart from what became of the estate since another one', async () => {
    expect((await ask(app, '/audits/a3/difference')).json).toMatchObject({ changes: history, complete: true });
  });

  it('needs an earlier one for a difference, and says so', async () => {
    expect((await ask(app, '/audits/a2/difference')).json).toMatchObject({ detail: 'There is no earlier audit to compare with.' });
    expect(wrongFields(await ask(app, '/audits/a2/difference?from=a3'))).toEqual(['from']);
  });
});

describe('the difference of two audits', () => {
  const audits = ['c', 'b', 'a'].map((id, at) => ({
    id: `audit-${id}`,
    startedAt: `2026-11-2${3 - at}T00:00:00.000Z`,
    cause: 'timer' as const,
    subscriptions: [SUBSCRIPTION],
  }));

  it.each([
    ['/audits/audit-c/difference?from=audit-a', 200],
    ['/audits/audit-c/difference?from=audit-c', 200],
    ['/audits/audit-a/difference?from=audit-c', 400],
    ['/audits/audit-a/difference', 404],
    ['/audits/audit-c/difference?from=audit-z', 404],
    ['/audits/audit-z/difference', 404],
  ])('%s is %i', async (path, status) => {
    expect((await ask(anEstate({ audits, summaries }), path)).status).toBe(status);
  });
});

describe('a preview of an exemption', () => {
  const findings = ['a', 'b'].map((name) => aFinding({ subject: { kind: 'node-pool', name } }));
  it.each([
    ['rule=node-image-current', 2],
    ['rule=node-image-current&pool=a', 1],
    ['rule=node-image-current&pool=c', 0],
    ['rule=node-image-current&cluster=PROD&kind=node-pool', 2],
    ['rule=workload-sandboxed', 0],
  ])('by %s covers %i', async (query, count) => {
    const { json } = await ask(anEstate({ findings }), `/exemption-preview?${query}`);
    expect(json).toMatchObject({ findings: count });
  });

  it('names the first fifty, and counts them all', async () => {
    const many = Array.from({ length: 51 }, (_, at) => aFinding({ subject: { kind: 'node', name: `n${at}` } }));
    const { json } = await ask(anEstate({ findings: many }), '/exemption-preview?rule=node-image-current');
    expect(json).toEqual({
      findings: 51,
      ids: many
        .map(({ id }) => id)
        .toSorted()
        .slice(0, 50),
    });
  });

  it('of a rule that does not exist is refused', async () => {
    const answer = await ask(anEstate({ findings }), '/exemption-preview?rule=none');
    expect([answer.status, wrongFields(answer)]).toEqual([400, ['rule']]);
  });
});

describe('what is exempted or resolved', () => {
  const node = (name: string, over: Parameters<typeof aFinding>[0] = {}) => aFinding({ subject: { kind: 'node', name }, ...over });
  const policy = {
    exemptions: [
      {
        id: 'e',
        rule: 'node-image-current',
        node: 'b*',
        category: 'waiver',
        reason: 'r',
        approvedBy: 'a',
        expiresOn: '2099-01-01T00:00:00Z',
      },
    ] as const,
  };
  const estate = anEstate({ findings: [node('a'), node('b1'), node('b2'), node('c', { status: 'resolved' })], policy });

  it.each([
    ['', 2, 2],
    ['exempted=any', 4, 0],
    ['exempted=true', 2, 0],
    ['exempted=false&status=open', 1, 2],
  ])('findings by %j are %i, and %i are hidden', async (query, count, hidden) => {
    const answer = await ask(estate, `/findings?${query}`);
    expect([listOf(answer).value.length, answer.json]).toEqual([count, expect.objectContaining({ hidden })]);
    expect((await ask(estate, `/findings?${query}&count=true`)).json).toMatchObject({ hidden, count });
  });

  it.each([
    ['only the first of them', 'more', { count: 20_000, countIsLowerBound: true }],
    ['all of them', undefined, { count: 20_000 }],
  ])('a count says whether it is of %s', async (_, next, counted) => {
    const list = async (__: unknown, top: number) => ({
      value: Array<Finding>(top).fill(node('a')),
      ...(next === undefined ? {} : { next }),
    });
    const answer = await ask(anEstate({}, { findings: { ...estate.findings, list } }), '/findings?count=true&top=1');
    const { value: _value, nextLink: _link, ...totals } = z.looseObject({}).parse(answer.json);
    expect(totals).toEqual({ hidden: 0, ...counted });
  });

  it.each([
    ['', 1, 2],
    ['status=resolved&', 1, 0],
    ['status=open,resolved&exempted=any&', 4, 0],
  ])('groups are of what is open unless they say otherwise: %j', async (query, count, hidden) => {
    expect((await ask(estate, `/findings/groups?${query}by=rule`)).json).toMatchObject({ count, hidden });
  });

  it('facets are of what is open unless they say otherwise', async () => {
    expect((await ask(estate, '/findings/facets')).json).toMatchObject({ rule: [{ value: 'node-image-current', count: 1 }] });
    expect((await ask(estate, '/findings/facets?status=resolved')).json).toMatchObject({
      rule: [{ value: 'node-image-current', count: 1 }],
    });
    expect((await ask(estate, '/findings/facets?exempted=any')).json).toMatchObject({ rule: [{ value: 'node-image-current', count: 3 }] });
  });
});

describe('the document of an export', () => {
  const estate = anEstate({ findings: [aFinding(), aFinding({ clusterName: 'test' })] });

  it('is about one cluster if only one was requested', async () => {
    const idOf = async (query: string) => JSON.parse((await ask(estate, `/exports/sarif${query}`)).text).runs[0].automationDetails.id;
    expect([await idOf('?cluster=prod'), await idOf('?cluster=prod,test'), await idOf('')]).toEqual([
      'kataudit/prod/1',
      'kataudit/1',
      'kataudit/1',
    ]);
  });

  it.each([
    ['', 'kataudit-csv-2026-11-23.csv'],
    [`?cluster=${encodeURIComponent(clusterIdOf('prod'))}&severity=high`, 'kataudit-csv-prod-high-2026-11-23.csv'],
    ['?cluster=a%22%3B%0D%0Ab', 'kataudit-csv-a-b-2026-11-23.csv'],
    ['?cluster=a,b', 'kataudit-csv-2026-11-23.csv'],
    [`?cluster=${'x'.repeat(300)}`, `kataudit-csv-${'x'.repeat(137)}.csv`],
  ])('by %j has a name that says of what it is: %s', async (query, name) => {
    expect((await ask(estate, `/exports/csv${query}`)).headers['content-disposition']).toBe(`attachment; filename="${name}"`);
  });
});

describe('an id that cannot be one', () => {
  const never = () => expect.fail('The store was asked.');
  it.each([
    ['GET', "/audits/'%20or%20"],
    ['GET', '/audits/a%2Fb'],
    ['POST', '/parked/a%2Fb/replay'],
    ['DELETE', '/parked/..%5Cb'],
    ['GET', '/findings/a%2Fb'],
    ['GET', '/findings/x/history'],
    ['GET', `/findings/a${aFinding().id}`],
    ['GET', `/findings/${aFinding().id}a`],
    ['GET', '/audits/Xa'],
    ['GET', '/audits/aX'],
    ['GET', `/audits/${'a'.repeat(101)}`],
    ['DELETE', '/parked/xa'],
    ['DELETE', '/parked/ax'],
    ['DELETE', `/parked/${'a'.repeat(65)}`],
  ])('%s %s never reaches the store', async (method, path) => {
    const { audits, parked, findings } = anEstate();
    const estate = anEstate(
      {},
      { audits: { ...audits, get: never }, parked: { ...parked, get: never }, findings: { ...findings, get: never } },
    );
    expect((await ask(estate, path, { method })).status).toBe(404);
  });
});

it('an id may be as long as its longest one', async () => {
  const id = 'a'.repeat(100);
  const audits = [{ id, startedAt: NOW, cause: 'timer', subscriptions: [] }] as const;
  expect((await ask(anEstate({ audits }), `/audits/${id}`)).json).toMatchObject({ audit: { id } });
  const parked = [{ id: 'a'.repeat(64), queue: 'scans', body: '{}', reason: 'r', parkedAt: NOW, dequeueCount: 5 }];
  const estate = anEstate({ parked });
  expect((await ask(estate, `/parked/${'a'.repeat(64)}/replay`, { method: 'POST' })).status).toBe(200);
  expect(estate.sent).toHaveLength(1);
});

describe('groups and facets by a tag', () => {
  const findings = [aFinding(), aFinding({ clusterName: 'dark' })];
  const estate = anEstate({ findings, summaries });

  it('are those of the tags of the clusters', async () => {
    expect(listOf(await ask(estate, '/findings/groups?by=tag:env')).value.map(({ key, count }) => [key, count])).toEqual([
      ['', 1],
      ['Prod', 1],
    ]);
    expect((await ask(estate, '/findings/facets?tag=none,env')).json).toMatchObject({ cluster: [{ count: 1 }], rule: [{ count: 1 }] });
    expect((await ask(estate, '/findings/facets?tag=none')).json).toMatchObject({ cluster: [], rule: [] });
    expect((await ask(estate, '/findings/facets')).json).toMatchObject({ rule: [{ count: 2 }], tag: [{ value: 'env=Prod', count: 1 }] });
  });

  it.each([
    ['by=cluster', 200],
    [`by=tag:${'x'.repeat(512)}`, 200],
    ['by=tag:a%0Ab', 200],
    [`by=tag:${'x'.repeat(513)}`, 400],
    ['by=tag:', 400],
    ['by=a%20tag:b', 400],
    ['by=planet', 400],
    ['', 400],
  ])('of %s are %i', async (query, status) => {
    const answer = await ask(estate, `/findings/groups?${query}`);
    expect([answer.status, ...(status === 400 ? wrongFields(answer) : ['by'])]).toEqual([status, 'by']);
  });
});

describe('the detail of health', () => {
  const end = { state: 'incomplete', endedAt: NOW, planned: 0, scanned: 0, notAssessed: 0, notListed: 1, changed: 0 } as const;
  const audit = (id: string): AuditRecord => ({ id, startedAt: NOW, cause: 'timer', subscriptions: [SUBSCRIPTION] });
  const checksOf = async (...asked: Parameters<typeof anEstate>) => {
    const { json } = await ask(anEstate(...asked), '/health/detail');
    return new Map(JSON.parse(JSON.stringify(json)).checks.map((check: { name: string; status: string }) => [check.name, check.status]));
  };

  it('is of the newest audit that ended, not of one that runs', async () => {
    const figures = figuresOf([], DEFAULT_POLICY, new Date(NOW));
    const outcome = { state: 'not-listed', reason: { code: 'denied', message: 'No right.' } } as const;
    const unlisted = { auditId: 'old', subscriptionId: SUBSCRIPTION, at: NOW, outcome } as const;
    const ended = { ...audit('old'), end: { ...end, figures } };
    const audits = {
      ...anEstate().audits,
      list: async () => ({ value: [audit('new'), ended] }),
      get: async (id: string) =>
        id === 'old' ? { audit: ended, subscriptions: [unlisted], clusters: [] } : { audit: audit(id), subscriptions: [], clusters: [] },
    };
    expect((await checksOf({}, { audits })).get('audits')).toBe('degraded');
    const listed = { ...audits, get: async () => ({ audit: ended, subscriptions: [], clusters: [] }) };
    expect((await checksOf({}, { audits: listed })).get('audits')).toBe('healthy');
  });

  it.each([
    ['storage', { findings: { ...anEstate().findings, clusters: () => Promise.reject(new Fault('denied', 'No right.')) } }, 'unhealthy'],
    ['policy', { policy: () => Promise.reject(new Fault('denied', 'No right.')) }, 'unhealthy'],
    ['audits', { audits: { ...anEstate().audits, list: () => Promise.reject(new Fault('denied', 'No right.')) } }, 'unhealthy'],
    ['images', { images: async () => ({ file: EMPTY_IMAGE_FILE, problem: 'images.json: no such release' }) }, 'degraded'],
  ])('says of the %s that it cannot be used', async (name, over, status) => {
    expect((await checksOf({}, over)).get(name)).toBe(status);
  });

  it('does not mention images while nothing is wrong with them', async () => {
    expect([...(await checksOf({}, { images: async () => ({ file: EMPTY_IMAGE_FILE }) })).keys()]).not.toContain('images');
  });

  it.each([
    ['the storage', { findings: { ...anEstate().findings, clusters: () => Promise.reject(new TypeError('a bug')) } }],
    ['the schedule', { schedule: '0 0 */6 * * *', startedAt: new Date(NOW), audits: failingLater(new TypeError('a bug')) }],
  ])('hides no bug of %s', async (_, over) => {
    await expect(checksOf({}, over)).rejects.toThrow('a bug');
  });

  it('is unhealthy where the times of audits cannot be read', async () => {
    const over = { schedule: '0 0 */6 * * *', startedAt: new Date(NOW), audits: failingLater(new Fault('denied', 'No right.')) };
    expect((await checksOf({}, over)).get('schedule')).toBe('unhealthy');
  });

  it('does not mention scope and schedule when the storage cannot be reached', async () => {
    const away = { ...anEstate().findings, clusters: () => Promise.reject(new Fault('unreachable', 'Away.')) };
    const over = { schedule: '0 0 */6 * * *', startedAt: new Date(NOW), scope: { subscriptions: [SUBSCRIPTION], managementGroups: [] } };
    expect([...(await checksOf({}, { ...over, findings: away })).keys()]).not.toContain('schedule');
    expect([...(await checksOf({}, over)).keys()]).toEqual(expect.arrayContaining(['schedule', 'scope']));
  });
});

/** Audits that can be listed once. */
function failingLater(error: Error): AuditStore {
  let lists = 0;
  const list = async () => (lists++ === 0 ? { value: [] } : Promise.reject(error));
  return { ...anEstate().audits, list };
}
