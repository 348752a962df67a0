import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../../shared/domain/policy/policy.ts';
import { comparedNumbers } from '../../support/linked-numbers.ts';
import { ask } from '../client.ts';
import { aFinding, anEstate, aSummary, clusterIdOf, NOW, SUBSCRIPTION } from '../estate.ts';

const AGES = [3, 20, 45, 100, undefined];
const releasedOn = (days: number) => new Date(Date.parse(NOW) - days * 86_400_000).toISOString().slice(0, 10);
const pool = (clusterName: string, name: string, over = {}) => aFinding({ clusterName, subject: { kind: 'node-pool', name }, ...over });
const findings = [
  pool('c0', 'kata1', { severity: 'critical' }),
  pool('c0', 'kata2'),
  pool('c1', 'kata1'),
  pool('c2', 'other', { severity: 'low' }),
  aFinding({
    clusterName: 'c2',
    ruleId: 'workload-sandboxed',
    subject: { kind: 'workload', namespace: 'n', ownerKind: 'Deployment', ownerName: 'a' },
  }),
];
const exemptions = [
  { id: 'pools', category: 'waiver', rule: 'node-image-current', pool: 'kata*', reason: 'r', approvedBy: 'a', expiresOn: '2026-12-01' },
  {
    id: 'one cluster',
    category: 'waiver',
    rule: 'node-image-current',
    clusterId: clusterIdOf('c0'),
    reason: 'r',
    approvedBy: 'a',
    expiresOn: '2026-12-20',
  },
  { id: 'expired', category: 'mitigated', rule: 'node-image-current', reason: 'r', approvedBy: 'a', expiresOn: '2026-01-01' },
] as const;
const gap = { evidence: 'workloads', reason: { code: 'denied', message: 'no' } } as const;
const summaries = AGES.map((days, at) => {
  const name = `c${at}`;
  const own = findings.filter(({ clusterName }) => clusterName === name);
  return aSummary(name, own, {
    ...(days === undefined ? {} : { oldestImage: { nodePool: 'kata', nodeImageVersion: 'v', releasedOn: releasedOn(days) } }),
    ...(at === 3 ? { assessment: 'partly-assessed' as const, gaps: [gap] } : {}),
  });
});
const estate = anEstate({ summaries, findings, policy: { ...DEFAULT_POLICY, exemptions } });

const pageOf = async (path: string) => (await ask(estate, path, { headers: { accept: 'text/html' } })).text;
describe('a number on the dashboard', () => {
  it.each([
    ['/dashboard', 15],
    ['/dashboard/exemptions', 3],
    ['/dashboard/findings', 12],
    ['/dashboard/findings?severity=critical,high&group=rule', 10],
    ['/dashboard/findings?exempted=any', 15],
    ['/dashboard/findings?firstSeenSince=2026-11-01&exempted=true&exempted=false', 15],
    ['/dashboard/findings?firstSeenSince=2026-11-02', 0],
    ['/dashboard/rules', 3],
    [`/dashboard/cluster?id=${clusterIdOf('c0')}`, 1],
    [`/dashboard/cluster?id=${clusterIdOf('c2')}`, 2],
  ])('on %s links to a list of exactly that many entries', async (path, least) => {
    const numbers = await comparedNumbers([path], pageOf);
    expect(numbers.filter(({ amount, listed }) => amount !== listed)).toEqual([]);
    expect(numbers.length).toBeGreaterThanOrEqual(least);
  });

  it('on the findings page counts the findings that it lists', async () => {
    const html = await pageOf(`/dashboard/findings?exemption=pools&exempted=any&subscription=${SUBSCRIPTION}`);
    expect(html).toContain('3 open in 2 clusters');
    expect(html).toContain('exemption: <bdi>pools</bdi>');
    expect(html).not.toContain('Export the filtered findings');
  });
});

describe('an invalid value in a URL', () => {
  it.each([
    ['/dashboard?status=broken', 'There is no status &quot;broken&quot;.'],
    ['/dashboard?image=stale,antique', 'There is no image &quot;antique&quot;.'],
    ['/dashboard?sort=colour', 'There is no sort &quot;colour&quot;.'],
    ['/dashboard?group=planet', 'There is no group &quot;planet&quot;.'],
    ['/dashboard?group=tag:nobody', 'There is no group &quot;tag:nobody&quot;.'],
    ['/dashboard?gap=nothing', 'There is no gap &quot;nothing&quot;.'],
    ['/dashboard/findings?exemption=nope', 'There is no exemption &quot;nope&quot;.'],
    ['/dashboard/findings?exempted=maybe', 'There is no choice of exempted &quot;maybe&quot;.'],
    ['/dashboard/findings?firstSeenSince=yesterday', 'There is no day or time &quot;yesterday&quot;.'],
    ['/dashboard/findings?severity=terrible', 'There is no severity &quot;terrible&quot;.'],
    ['/dashboard/findings?status=shut', 'There is no status &quot;shut&quot;.'],
    ['/dashboard/findings?kind=planet', 'There is no kind &quot;planet&quot;.'],
    ['/dashboard/findings?rule=nope', 'There is no rule &quot;nope&quot;.'],
    ['/dashboard/findings?subscription=x', 'There is no subscription &quot;x&quot;.'],
    ['/dashboard/findings?cluster=c0,nope', 'There is no cluster of the estate &quot;nope&quot;.'],
    ['/dashboard/findings?overdue=false', 'There is no choice of overdue &quot;false&quot;.'],
    ['/dashboard/findings?firstSeenSince=2026-13-01', 'There is no day or time &quot;2026-13-01&quot;.'],
    ['/dashboard/findings?status=resolved&firstSeenSince=yesterday', 'There is no day or time &quot;yesterday&quot;.'],
    ['/dashboard/findings?status=resolved&exemption=nope', 'There is no exemption &quot;nope&quot;.'],
  ])('of %s is reported in a sentence, and nothing is listed', async (path, sentence) => {
    const html = await pageOf(path);
    expect(html).toContain('A filter value is invalid');
    expect(html).toContain(sentence);
    expect(html).not.toContain('<tbody>');
  });

  it.each(['/dashboard?colour=red', '/dashboard/findings?colour=red&page=many'])(
    'or an unknown name in %s gives a browser a page and a program problem details',
    async (path) => {
      const page = await ask(estate, path, { headers: { accept: 'text/html,*/*' } });
      expect(page.status).toBe(400);
      expect(page.headers['content-type']).toContain('text/html');
      expect(page.text).toMatch(/<h1[^>]*>This URL is invalid</);
      expect(page.text).toContain('<code>colour</code>: is unknown');
      expect(page.text).toContain(`href="/api${path.replace(/\?.*/, '')}"`);
      expect((await ask(estate, path)).headers['content-type']).toBe('application/problem+json');
    },
  );

  it('is refused by the API, which names the field', async () => {
    const { status, json } = await ask(estate, '/clusters?gap=nothing');
    expect(status).toBe(400);
    expect(json).toMatchObject({ errors: [{ field: 'gap' }] });
    expect((await ask(estate, '/clusters?gap=denied,stopped')).json).toMatchObject({ value: [{ cluster: { name: 'c3' } }] });
  });
});
