import { describe, expect, it } from 'vitest';
import { figuresOf } from '../../../shared/domain/findings/estate-figures.ts';
import type { Finding, HistoryEntry } from '../../../shared/domain/findings/finding.ts';
import { DEFAULT_POLICY } from '../../../shared/domain/policy/policy.ts';
import { Fault } from '../../../shared/domain/snapshot/fault.ts';
import type { AuditReport, ListedAudit } from '../../../shared/ports/audit-store.ts';
import { KEYS_ALONE, READER_KEY } from '../../support/access.ts';
import { sectionOf, tableOf } from '../../support/page-table.ts';
import { ask } from '../client.ts';
import { aFinding, anEstate, anExemption, aSummary, clusterIdOf, NOW, SUBSCRIPTION } from '../estate.ts';
import { anExemptionStore } from '../exemption-store.ts';

type Parts = Parameters<typeof anEstate>;
const page = async (path: string, ...parts: Parts) => (await ask(anEstate(...parts), `/dashboard/${path}`)).text;

it('the page of rules adds up the verdicts of the present clusters, and separates what is exempted', async () => {
  const tally = (open: number, pass: number, unknown = 0) => ({ open, verdicts: { pass, fail: open, unknown, 'not-applicable': 0 } });
  const one = (name: string, rules: Record<string, ReturnType<typeof tally>>, over = {}) => aSummary(name, [], { rules, ...over });
  const summaries = [
    one(
      'a',
      { 'node-image-current': tally(3, 2), 'workload-sandboxed': tally(0, 4, 1) },
      { openBySeverity: { critical: 0, high: 3, medium: 0, low: 0, info: 0 } },
    ),
    one('b', { 'workload-sandboxed': tally(0, 5, 2) }),
    one('gone', { 'workload-sandboxed': tally(7, 100) }, { status: 'deleted' }),
  ];
  const findings = [aFinding({ clusterName: 'a' })];
  const text = await page('rules', { summaries, findings, policy: { exemptions: [anExemption()] } });
  const standing = [...text.matchAll(/<code>([\w-]+)<\/code> (.*?)<\/summary>/g)].map(
    ([, rule, badges = '']) => `${rule}: ${badges.replaceAll(/<[^>]*>/g, '')}`,
  );
  expect(standing).toEqual(['node-image-current: 2 open 1 exempted', 'workload-sandboxed: 9 pass 3 could not be judged']);
});

const counts = { planned: 9, scanned: 8, notAssessed: 3, notListed: 2, changed: 7 };
const audit = (id: string, minutesAgo: number, over: Partial<ListedAudit> = {}): ListedAudit => {
  const startedAt = new Date(Date.parse(NOW) - minutesAgo * 60_000).toISOString();
  const end = { state: 'complete', endedAt: startedAt, ...counts, figures: figuresOf([], DEFAULT_POLICY, new Date(NOW)) } as const;
  return { id, startedAt, cause: 'timer', subscriptions: [SUBSCRIPTION], end, ...over };
};

describe('the page of audits', () => {
  it('has for each its numbers, and a comparison with the one of the whole estate before it', async () => {
    const audits = [audit('d', 1), audit('chosen', 2, { clusters: ['x', 'y'] }), audit('c', 3), audit('b', 4)];
    const text = await page('audits', { audits });
    expect(tableOf(text, 'Audits').map((row) => [row.Cause, row.Clusters, row.Gaps, row.Changes])).toEqual([
      ['timer', '8 of 9', '5', '7'],
      ['timer: 2 clusters', '8 of 9', '5', '7'],
      ['timer', '8 of 9', '5', '7'],
      ['timer', '8 of 9', '5', '7'],
    ]);
    expect([...text.matchAll(/audit\?id=(\w+)&amp;from=(\w+)/g)].map(([, id, from]) => `${id} ${from}`)).toEqual(['d c', 'c b']);
  });

  it('has twenty of them, and leads to the older ones', async () => {
    const audits = Array.from({ length: 21 }, (_, at) => audit(`a${at}`, at));
    const first = await page('audits', { audits });
    expect(tableOf(first, 'Audits')).toHaveLength(20);
    const [, next = ''] = /href="[^"]*\/(audits\?after=[^"]*)"/.exec(first) ?? [];
    const second = await page(next, { audits });
    expect([tableOf(second, 'Audits').length, second.includes('Older audits')]).toEqual([1, false]);
  });
});

describe('the page of an audit', () => {
  const reason = { code: 'denied', message: 'No right.' } as const;
  const of = (one: ListedAudit, clusters: AuditReport['clusters'] = [], subscriptions: AuditReport['subscriptions'] = []) => ({
    audit: one,
    clusters,
    subscriptions,
  });
  const looked = (auditId: string, name: string, state: 'assessed' | 'not-assessed', reasons: readonly (typeof reason)[] = []) =>
    ({ auditId, clusterId: clusterIdOf(name), at: NOW, state, reasons, changed: 1 }) as const;
  const reports = [
    of(
      audit('new', 10),
      [looked('new', 'seen', 'assessed'), looked('new', 'dark', 'not-assessed', [reason]), looked('new', 'odd', 'not-assessed')],
      [{ auditId: 'new', subscriptionId: SUBSCRIPTION, at: NOW, outcome: { state: 'not-listed', reason } }],
    ),
    of(audit('old', 600), [looked('old', 'seen', 'not-assessed'), looked('old', 'dark', 'assessed')]),
    of(audit('older', 900)),
  ];
  const line = (cause: string, kind: HistoryEntry['kind'], node: string, minutesAgo: number): HistoryEntry => {
    const { id: findingId, clusterId, ruleId, severity } = aFinding({ subject: { kind: 'node', name: node } });
    const at = new Date(Date.parse(NOW) - minutesAgo * 60_000).toISOString();
    return { findingId, clusterId, ruleId, severity, at, kind, cause, message: `Seen of ${node}.` };
  };
  const history = [line('new', 'opened', 'a', 5), line('event', 'resolved', 'b', 6)];
  const audits = reports.map(({ audit: one }) => one);
  const store = { ...anEstate({ audits }).audits, get: async (id: string) => reports.find(({ audit: one }) => one.id === id) };
  const shown = (query: string) => page(`audit?id=&${query}`, { audits, history }, { audits: store });

  it('names each cluster and subscription that it could not see, and why', async () => {
    const text = sectionOf(await shown('id=new'), 'gaps');
    expect(text).toMatch(/^3 gaps 2: No right\. subscription 11111111-2222-4333-8444-555555555555 dark 1: no reason was recorded odd$/);
  });

  it('has what it changed itself, and what became of the estate since the one before it', async () => {
    const text = await shown('id=new');
    expect(sectionOf(text, 'changes')).toMatch(/^1 change opened node-image-current prod .* Seen of a\.$/);
    const difference = sectionOf(text, 'difference');
    expect(difference).toContain('Since the end of the audit of 2026-11-23 02:00 UTC');
    expect(difference).toMatch(
      /1 opened opened .*Seen of a\..*1 resolved resolved .*Seen of b\..*1 newly blind dark 1 seen again seen None changed\.$/,
    );
    expect(sectionOf(await shown('id=new&from=new'), 'difference')).toContain('Since the end of the audit of 2026-11-23 11:50 UTC');
    expect(sectionOf(await shown('id=new&from=older'), 'difference')).toContain('Since the end of the audit of 2026-11-22 21:00 UTC');
  });

  it.each(['id=older', 'id=old&from=new', 'id=new&from=none'])('has no difference where there is no earlier one: %s', async (query) => {
    expect(sectionOf(await shown(query), 'difference')).toContain('Nothing to compare with');
  });

  it('offers to compare with fifty earlier ones of the whole estate, and with the one that was asked for', async () => {
    const earlier = Array.from({ length: 52 }, (_, at) => audit(`a${at}`, 30 + at));
    const audits = [audit('later', 5), audit('new', 10), audit('chosen', 20, { clusters: ['x'] }), ...earlier];
    const get = async (id: string) => audits.filter((one) => one.id === id).map((one) => of(one))[0];
    const offered = async (query: string) => {
      const text = await page(`audit?id=new${query}`, { audits }, { audits: { ...anEstate({ audits }).audits, get } });
      return [...text.matchAll(/<option value="(\w+)"/g)].map(([, id]) => id);
    };
    const fifty = earlier.slice(0, 50).map(({ id }) => id);
    expect([await offered(''), await offered('&from=a51')]).toEqual([fifty, [...fifty, 'a51']]);
  });

  it('is none for an id that no audit has', async () => {
    expect((await ask(anEstate(), '/dashboard/audit?id=none')).status).toBe(404);
    expect((await ask(anEstate(), '/dashboard/audit')).status).toBe(404);
  });
});

describe('the page of exemptions', () => {
  const until = (id: string, expiresOn: string, over = {}) => anExemption({ id, expiresOn, reason: id, ...over });
  const exemptions = [
    until('far', '2027-06-01T00:00:00.000Z'),
    until('today', '2026-11-23T13:00:00.000Z'),
    until('last', '2026-12-24T11:59:59.999Z'),
    until('next', '2026-12-24T12:00:00.000Z', { cluster: 'none' }),
    until('ended', '2026-11-23T11:59:59.999Z'),
    until('wrong', '2026-12-01T00:00:00.000Z', { rule: 'no-such-rule' }),
  ];
  const shown = async (state: string) =>
    tableOf(await page(`exemptions?state=${state}`, { findings: [aFinding()], policy: { exemptions } }), 'Exemptions').map(
      ({ Reason = '' }) => Reason.replace(/waiver.*/, ''),
    );

  it.each([
    ['', ['ended', 'today', 'wrong', 'last', 'next', 'far']],
    ['odd', ['ended', 'today', 'wrong', 'last', 'next', 'far']],
    ['ending', ['today', 'last']],
    ['live', ['today', 'last', 'far']],
    ['unused', ['next']],
    ['expired', ['ended']],
    ['invalid', ['wrong']],
  ])('by the state %j has %j, what ends first at the top', async (state, expected) => expect(await shown(state)).toEqual(expected));

  it('lets an operator end those of the API, by their version, and no other', async () => {
    const store = anExemptionStore();
    await store.put({ exemption: anExemption({ id: 'api' }), updatedAt: NOW }, undefined);
    const parts: Parts = [{ policy: { exemptions } }, { exemptions: store }];
    const etag = (await ask(anEstate(...parts), '/exemptions/api')).headers.etag?.replace(/\..*/, '"') ?? expect.fail();
    const text = await page('exemptions', ...parts);
    expect(text.match(/data-method="DELETE" data-if-match="([^"]*)"[^>]*action="[^"]*\/exemptions\/api"/)?.[1]).toBe(
      etag.replaceAll('"', '&quot;'),
    );
    expect(text.match(/data-method="DELETE"/g)).toHaveLength(1);
  });
});

describe('the page that exempts findings', () => {
  const workload = (ownerName: string, over: Partial<Finding> = {}) =>
    aFinding({ subject: { kind: 'workload', namespace: 'shop', ownerKind: 'Deployment', ownerName }, ...over });
  const pool = (name: string, over: Partial<Finding> = {}) => aFinding({ subject: { kind: 'node-pool', name }, ...over });
  const cluster = aFinding({ subject: { kind: 'cluster' } });
  const closed = pool('closed', { status: 'resolved' });
  const findings = [workload('cart'), workload('pay'), pool('kata'), pool('kata', { clusterName: 'test' }), cluster, closed];
  const shown = async (...ids: readonly string[]) => page(`exempt?${ids.map((id) => `id=${id}`).join('&')}`, { findings });
  const scopes = (text: string) =>
    [...text.matchAll(/<span>([^<]*)<\/span><span class="mute">covers (\d+) finding/g)].map(([, label, covered]) => `${label}: ${covered}`);

  it.each([
    [
      'a workload',
      workload('cart'),
      ['only this finding: 1', 'this namespace in this cluster: 2', 'everything in this cluster: 4', 'every cluster of the estate: 5'],
    ],
    ['a node pool', pool('kata'), ['only this finding: 1', 'everything in this cluster: 4', 'every cluster of the estate: 5']],
    ['a cluster', cluster, ['only this finding: 1', 'every cluster of the estate: 5']],
  ])('offers for %s its scopes, the narrowest first, each with what it covers', async (_, { id }, expected) => {
    expect(scopes(await shown(id))).toEqual(expected);
  });

  it('leaves out what is not open, and gives several findings each an exemption of its own', async () => {
    const [one, other] = [workload('cart').id, pool('kata').id];
    const text = await shown(one, other, one, closed.id, 'none', '');
    expect(text).toContain('Exempt 2 findings');
    expect(text).toContain('2 chosen findings are no longer open and left out.');
    expect(text.match(/type="hidden" name="scope"/g)).toHaveLength(2);
    expect(await shown(closed.id)).toContain('Nothing is left to exempt.');
    expect(scopes(await shown(one, closed.id))).toHaveLength(4);
  });

  it('takes at most a hundred findings', async () => {
    const asked: string[] = [];
    const get = async (id: string) => void asked.push(id);
    const ids = Array.from({ length: 101 }, (_, at) => `id=${at}`).join('&');
    await page(`exempt?${ids}`, {}, { findings: { ...anEstate().findings, get } });
    expect(asked).toHaveLength(100);
  });

  it('is for operators', async () => {
    const asked = { headers: { 'x-functions-key': READER_KEY }, rules: KEYS_ALONE };
    const { status, text } = await ask(anEstate({ findings }), `/dashboard/exempt?id=${cluster.id}`, asked);
    expect([status, text.includes('<form class="stack"')]).toEqual([403, false]);
  });
});

it('the page of parked messages has up to a hundred of them', async () => {
  const parked = Array.from({ length: 101 }, (_, at) => ({
    id: `a${at}`,
    queue: 'scans',
    body: '{}',
    reason: `r${at}`,
    parkedAt: NOW,
    dequeueCount: 5,
  }));
  const rows = tableOf(await page('parked', { parked }), 'Parked messages');
  expect([rows.length, rows[0]?.Why]).toEqual([100, 'r0']);
});

it.each([
  ['rules', 200],
  ['rules/', 200],
  ['rules//', 200],
  ['ru/les', 404],
  ['nothing', 404],
])('the address %s has the status %i', async (path, status) => {
  expect((await ask(anEstate(), `/dashboard/${path}`)).status).toBe(status);
});

it.each([
  ['not-found', 404, 'Not found'],
  ['throttled', 429, 'Could not read'],
] as const)('a page whose storage answers %s has the status %i and says: %s', async (code, status, title) => {
  const findings = { ...anEstate().findings, clusters: () => Promise.reject(new Fault(code, 'It is gone.')) };
  const answer = await ask(anEstate({}, { findings }), '/dashboard/rules', { headers: { accept: 'text/html' } });
  expect([answer.status, answer.text.includes(`>${title}<`), answer.text.includes('It is gone.')]).toEqual([status, true, true]);
});
