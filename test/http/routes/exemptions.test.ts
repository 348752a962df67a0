import { describe, expect, it } from 'vitest';
import type { ApiDependencies } from '../../../shared/http/framework/api.ts';
import { MAX_EXEMPTIONS } from '../../../shared/ports/exemption-store.ts';
import { type Ask, ask, listOf, wrongFields } from '../client.ts';
import { aFinding, anEstate, NOW } from '../estate.ts';
import { anExemptionStore } from '../exemption-store.ts';

const OBJECT_ID = 'aaaaaaaa-0000-4000-8000-000000000001';
const LATER = '2026-12-31T00:00:00.000Z';
const inPolicy = {
  id: 'from-policy',
  rule: 'workload-sandboxed',
  category: 'mitigated',
  reason: 'A firewall.',
  approvedBy: 'platform',
  expiresOn: '2026-11-23T11:59:59.000Z',
} as const;
const wish = { rule: 'node-image-current', cluster: 'pr*', category: 'waiver', reason: 'A freeze.', approvedBy: 'Jo', expiresOn: LATER };

const principal = (role: string) => {
  const claims = [
    { typ: 'roles', val: role },
    { typ: 'oid', val: OBJECT_ID },
    { typ: 'name', val: 'Some Body' },
  ];
  return { 'x-ms-client-principal': Buffer.from(JSON.stringify({ auth_typ: 'aad', claims })).toString('base64') };
};
const anApp = (over: Partial<ApiDependencies> = {}) =>
  anEstate({ findings: [aFinding()], policy: { exemptions: [inPolicy] } }, { exemptions: anExemptionStore(), ...over });
const put = (app: ApiDependencies, headers: Ask['headers'] = {}, body: object = wish, id = 'freeze') =>
  ask(app, `/exemptions/${id}`, { method: 'PUT', headers, body: JSON.stringify(body) });
const drop = (app: ApiDependencies, headers: Ask['headers'] = {}, id = 'freeze') =>
  ask(app, `/exemptions/${id}`, { method: 'DELETE', headers });

describe('creating an exemption', () => {
  it('answers 201 with an ETag, and findings show it immediately', async () => {
    const app = anApp();
    const answer = await put(app);
    expect(answer).toMatchObject({
      status: 201,
      json: { id: 'freeze', ...wish, origin: 'api', state: 'live', updatedAt: NOW },
    });
    expect(answer.headers.etag).toMatch(/^"[\w.-]+"$/);
    expect(listOf(await ask(app, '/findings?exempted=any')).value).toMatchObject([{ exemption: { id: 'freeze' } }]);
    expect((await ask(app, '/findings')).json).toMatchObject({ value: [], hidden: 1 });
  });

  it('lists it after those of the policy file, which may have expired', async () => {
    const app = anApp();
    await put(app);
    expect(listOf(await ask(app, '/exemptions')).value).toMatchObject([
      { id: 'from-policy', origin: 'policy', state: 'expired' },
      { id: 'freeze', origin: 'api', state: 'live' },
    ]);
  });

  it('records the object id of the writer, and never a name', async () => {
    const app = anApp();
    const { text, json } = await put(app, principal('Kataudit.Operator'));
    expect(json).toMatchObject({ updatedBy: OBJECT_ID });
    expect(text).not.toContain('Some Body');
  });

  it('needs an operator: a reader is refused, and nothing is written', async () => {
    const app = anApp();
    expect((await put(app, principal('Kataudit.Reader'))).status).toBe(403);
    expect((await drop(app, principal('Kataudit.Reader'))).status).toBe(403);
    expect((await ask(app, '/exemptions/freeze', { headers: principal('Kataudit.Reader') })).status).toBe(404);
  });

  it('writes times in UTC', async () => {
    const { json } = await put(anApp(), {}, { ...wish, expiresOn: '2027-01-01T00:00:00+02:00' });
    expect(json).toMatchObject({ expiresOn: '2026-12-31T22:00:00.000Z' });
  });

  it.each([
    ['an unknown rule', { rule: 'nope' }, ['/rule']],
    ['an end at the present time', { expiresOn: NOW }, ['/expiresOn']],
    ['an invalid end', { expiresOn: 'tomorrow' }, ['/expiresOn']],
    ['a misspelt scope', { namespaces: 'a' }, ['/namespaces']],
    ['no reason and no approval', { reason: ' ', approvedBy: '' }, ['/reason', '/approvedBy']],
    ['an unknown rule that ended', { rule: 'nope', expiresOn: NOW }, ['/rule', '/expiresOn']],
  ])('refuses %s, naming every wrong field', async (_, over, fields) => {
    const answer = await put(anApp(), {}, { ...wish, ...over });
    expect(answer.status).toBe(400);
    expect(wrongFields(answer)).toEqual(fields);
  });

  it('accepts an end one millisecond in the future', async () => {
    expect((await put(anApp(), {}, { ...wish, expiresOn: '2026-11-23T12:00:00.001Z' })).status).toBe(201);
  });

  it.each(['Upper', '-a', 'a.b', 'a%2Fb', "a'b", 'x'.repeat(64)])('refuses the id %s with 404', async (id) => {
    expect((await put(anApp(), {}, wish, id)).status).toBe(404);
    expect((await ask(anApp(), `/exemptions/${id}`)).status).toBe(404);
  });

  it('accepts an id of 63 characters', async () => {
    expect((await put(anApp(), {}, wish, 'x'.repeat(63))).status).toBe(201);
  });

  it('does not change those of the policy file', async () => {
    expect((await put(anApp(), {}, wish, 'from-policy')).status).toBe(409);
    const several = anEstate({ policy: { exemptions: [{ ...inPolicy, id: 'other' }, inPolicy] } }, { exemptions: anExemptionStore() });
    expect((await put(several, {}, wish, 'from-policy')).status).toBe(409);
    expect((await drop(anApp(), { 'if-match': '*' }, 'from-policy')).status).toBe(404);
    expect((await ask(anApp(), '/exemptions/from-policy')).json).toMatchObject({ origin: 'policy' });
  });

  it('refuses more than the maximum number, and still replaces existing ones', async () => {
    const held = Array.from({ length: MAX_EXEMPTIONS }, (_, index) => ({
      exemption: { ...inPolicy, id: `e${index}` },
      updatedAt: NOW,
      version: String(index),
    }));
    const app = anApp({ exemptions: anExemptionStore(held) });
    expect((await put(app)).status).toBe(409);
    expect((await put(anApp({ exemptions: anExemptionStore(held.slice(1)) }))).status).toBe(201);
    expect((await put(app, { 'if-match': '*' }, wish, 'e0')).status).toBe(200);
  });

  it('answers 404 when exemptions come only from the policy', async () => {
    const { exemptions: _, ...app } = anApp();
    expect((await put(app)).status).toBe(404);
    expect(listOf(await ask(app, '/exemptions')).value).toHaveLength(1);
  });
});

describe('changing an exemption', () => {
  const given = async () => {
    const app = anApp();
    const { headers } = await put(app);
    return { app, tag: headers.etag ?? '' };
  };

  it.each([
    ['no tag', {}, 428],
    ['another tag', { 'if-match': '"x"' }, 412],
    ['only if none exists', { 'if-none-match': '*' }, 412],
    ['any version', { 'if-match': '*' }, 200],
  ])('with %s answers %3$i', async (_, headers, status) => {
    const { app } = await given();
    expect((await put(app, headers)).status).toBe(status);
  });

  it('with the ETag replaces it, and the ETag is then outdated', async () => {
    const { app, tag } = await given();
    const answer = await put(app, { 'if-match': tag }, { ...wish, reason: 'Longer.' });
    expect(answer).toMatchObject({ status: 200, json: { reason: 'Longer.' } });
    expect(answer.headers.etag).not.toBe(tag);
    expect((await put(app, { 'if-match': tag })).status).toBe(412);
    expect((await drop(app, { 'if-match': tag })).status).toBe(412);
  });

  it('is possible from the version that was read, however it stands', async () => {
    const { app } = await given();
    const { etag = '' } = (await ask(app, '/exemptions/freeze')).headers;
    expect((await put(app, { 'if-match': etag })).status).toBe(200);
  });

  it('that does not exist needs no ETag, and refuses one', async () => {
    expect((await put(anApp(), { 'if-match': '*' })).status).toBe(412);
    expect((await put(anApp(), { 'if-none-match': '*' })).status).toBe(201);
  });

  it('fails after a concurrent write', async () => {
    const store = anExemptionStore();
    const app = anApp({ exemptions: { ...store, put: async () => 'conflict', delete: async () => 'conflict' } });
    expect((await put(app)).status).toBe(412);
    await put(anApp({ exemptions: store }));
    expect((await drop(app, { 'if-match': '*' })).status).toBe(412);
  });

  it('by deletion needs the ETag, and happens once', async () => {
    const { app, tag } = await given();
    expect((await drop(app)).status).toBe(428);
    expect(await drop(app, { 'if-match': tag })).toMatchObject({ status: 204, text: '' });
    expect((await drop(app, { 'if-match': tag })).status).toBe(404);
  });

  it('has an ETag: 304 for a caller with it, and another one after it has expired', async () => {
    const store = anExemptionStore();
    const { headers } = await put(anApp({ exemptions: store }));
    const ifNoneMatch = { headers: { 'if-none-match': headers.etag ?? '' } };
    expect((await ask(anApp({ exemptions: store }), '/exemptions/freeze', ifNoneMatch)).status).toBe(304);
    const app = anApp({ exemptions: store, clock: () => new Date(LATER) });
    expect(await ask(app, '/exemptions/freeze', ifNoneMatch)).toMatchObject({ status: 200, json: { state: 'expired' } });
  });
});

describe('an audit of exemptions', () => {
  const of = (id: string, over: object) => ({ ...inPolicy, id, rule: 'node-image-current', expiresOn: LATER, ...over });
  const exemptions = [
    of('everything', {}),
    of('elsewhere', { cluster: 'test*' }),
    of('workloads', { namespace: '*' }),
    of('ended', { expiresOn: NOW }),
    of('misspelt', { rule: 'node-image-curent' }),
    of('endless', { expiresOn: 'never' }),
  ];
  const findings = [
    aFinding(),
    aFinding({ subject: { kind: 'node-pool', name: 'two' } }),
    aFinding({ subject: { kind: 'node-pool', name: 'closed' }, status: 'resolved', resolvedAt: NOW, resolution: 'complies' }),
  ];

  it('reports which match, how many findings, and which are unused, expired or invalid', async () => {
    const app = anEstate({ findings, policy: { exemptions } }, { exemptions: anExemptionStore() });
    await put(app, {}, { ...wish, cluster: 'prod' });
    const { value } = listOf(await ask(app, '/exemption-uses'));
    expect(value.map(({ id, origin, state, findings: count }) => [id, origin, state, count])).toEqual([
      ['everything', 'policy', 'live', 2],
      ['elsewhere', 'policy', 'unused', 0],
      ['workloads', 'policy', 'unused', 0],
      ['ended', 'policy', 'expired', 2],
      ['misspelt', 'policy', 'invalid', 0],
      ['endless', 'policy', 'invalid', 2],
      ['freeze', 'api', 'live', 2],
    ]);
    expect(app.reads).toContainEqual({ status: ['open'], rule: ['node-image-current'] });
  });

  it('reads no finding when there is nothing to audit', async () => {
    const app = anEstate({ findings, policy: { exemptions: [of('misspelt', { rule: 'nope' })] } });
    await ask(app, '/exemption-uses');
    expect(app.reads).toEqual([]);
  });
});

describe('an exemption that ends at noon', () => {
  const noon = '2026-11-23T12:00:00.000Z';
  const exemptions = [{ ...inPolicy, rule: 'node-image-current', expiresOn: noon }];

  it.each([
    ['2026-11-23T11:59:59.999Z', true],
    [noon, false],
  ])('at %s covers its finding everywhere, or nowhere: %s', async (now, live) => {
    const app = anEstate({ findings: [aFinding()], policy: { exemptions } }, { clock: () => new Date(now) });
    expect(listOf(await ask(app, '/findings?exempted=true')).value).toHaveLength(live ? 1 : 0);
    expect(listOf(await ask(app, '/findings?exempted=any')).value.map((one) => 'exemption' in one)).toEqual([live]);
    expect((await ask(app, '/findings')).json).toMatchObject({ hidden: live ? 1 : 0 });
    expect((await ask(app, '/summary')).json).toMatchObject({ openBySeverity: { high: 1 }, exemptedBySeverity: { high: live ? 1 : 0 } });
    expect((await ask(app, '/metrics')).text).toContain(`kataudit_exempted_findings{severity="high"} ${live ? 1 : 0}\n`);
    expect((await ask(app, `/findings/${aFinding().id}`)).text.includes('"exemption"')).toBe(live);
    expect(JSON.parse((await ask(app, '/exports/sarif')).text).runs[0].results[0].suppressions).toHaveLength(live ? 1 : 0);
    const [event = ''] = (await ask(app, '/exports/ocsf')).text.split('\n');
    expect(JSON.parse(event).status_id).toBe(live ? 3 : 1);
    expect(listOf(await ask(app, '/exemption-uses')).value).toMatchObject([{ state: live ? 'live' : 'expired' }]);
    expect(listOf(await ask(app, '/exemptions')).value).toMatchObject([{ state: live ? 'live' : 'expired' }]);
    for (const format of ['json', 'csv', 'openreports', 'html']) {
      expect((await ask(app, `/exports/${format}`)).text.includes(inPolicy.reason), format).toBe(live || format === 'html');
    }
    expect((await ask(app, '/exports/html')).text.includes(`${inPolicy.id} through ${noon}`)).toBe(live);
    expect((await ask(app, '/exports/evidence')).text.includes('"exemption":{')).toBe(live);
  });

  it.each([
    ['2026-11-23T11:59:59.999Z', true],
    [noon, false],
  ])('at %s counts on no page of the dashboard, or on all of them: %s', async (now, live) => {
    const app = anEstate({ findings: [aFinding()], policy: { exemptions } }, { clock: () => new Date(now) });
    const page = async (path: string) => (await ask(app, `/dashboard${path}`)).text;
    const estate = await page('');
    expect(estate).toContain(live ? 'aria-label="0 open findings"' : 'aria-label="1 open findings"');
    expect(estate).toContain(live ? 'aria-label="1 exempted findings"' : 'aria-label="0 exempted findings"');
    expect(estate).toContain(live ? '>compliant</span>' : '>failing</span>');
    const findings = await page('/findings');
    expect([findings.includes('0 open in 0 clusters'), findings.includes('1 hidden')]).toEqual([live, live]);
    expect(await page('/findings?exempted=any')).toContain('1 open in 1 cluster');
    const cluster = await page(`/cluster?id=${encodeURIComponent(aFinding().clusterId)}`);
    expect(cluster.includes('>1 exempted</a>')).toBe(live);
    expect(/class="badge[^"]*">(compliant|failing)</.exec(cluster)?.[1]).toBe(live ? 'compliant' : 'failing');
    const rules = await page('/rules');
    expect([rules.includes('>1 open<'), rules.includes('>1 exempted<')]).toEqual([!live, live]);
  });

  it('covers no other finding of its cluster', async () => {
    const other = aFinding({ ruleId: 'workload-sandboxed', severity: 'critical' });
    const app = anEstate({ findings: [aFinding(), other], policy: { exemptions } }, { clock: () => new Date('2026-11-23T11:00:00.000Z') });
    const estate = (await ask(app, '/dashboard')).text;

    expect(estate).toContain('aria-label="1 open findings"');
    expect(estate).toContain('>failing</span>');
  });
});
