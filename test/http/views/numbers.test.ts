import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../../shared/domain/policy/policy.ts';
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
const unescaped = (link: string) =>
  link
    .replaceAll('&amp;', '&')
    .replace(/^\/api/, '')
    .replace(/#.*$/, '');

/** The links of a part of a page whose whole text is a number, each with its number. */
function numbersIn(html: string): readonly (readonly [link: string, amount: number])[] {
  return [...html.matchAll(/<a[^>]* ?href="([^"]*)"[^>]*>(?:<b>)?([\d,]+)(?:<\/b>[^<]*)?<\/a>/g)].map(
    ([, link = '', amount = '']) => [unescaped(link), Number(amount.replaceAll(',', ''))] as const,
  );
}

/** How many rows the table has that a link leads to. */
function rowsOf(link: string, html: string): number {
  const table = link.startsWith('/dashboard/findings')
    ? /<form class="selection"[\s\S]*<\/form>/
    : /<section class="card" id="clusters">[\s\S]*?<\/section>/;
  return (/<tbody>[\s\S]*<\/tbody>/.exec(table.exec(html)?.[0] ?? '')?.[0].match(/<tr[ >]/g) ?? []).length;
}

describe('a number of the dashboard', () => {
  it.each(['/dashboard', '/dashboard/exemptions'])('on %s leads to a list of exactly that many', async (path) => {
    const numbers = numbersIn(await pageOf(path)).filter(([link]) => /^\/dashboard(?:\/findings)?\?/.test(link));
    const led = await Promise.all(numbers.map(async ([link]) => [link, rowsOf(link, await pageOf(link))] as const));
    expect(led).toEqual(numbers);
    expect(numbers.length).toBeGreaterThan(path === '/dashboard' ? 10 : 2);
  });

  it('of the findings page counts the findings that it lists', async () => {
    const html = await pageOf(`/dashboard/findings?exemption=pools&exempted=any&subscription=${SUBSCRIPTION}`);
    expect(html).toContain('3 open in 2 clusters');
    expect(html).toContain('exemption: <bdi>pools</bdi>');
    expect(html).not.toContain('Export what is filtered');
  });
});

describe('a value of an address that cannot be right', () => {
  it.each([
    ['/dashboard?status=broken', 'There is no status &quot;broken&quot;.'],
    ['/dashboard?image=stale,antique', 'There is no image &quot;antique&quot;.'],
    ['/dashboard?sort=colour', 'There is no sort &quot;colour&quot;.'],
    ['/dashboard?group=planet', 'There is no group &quot;planet&quot;.'],
    ['/dashboard/findings?exemption=nope', 'There is no exemption &quot;nope&quot;.'],
    ['/dashboard/findings?severity=terrible', 'There is no severity &quot;terrible&quot;.'],
  ])('of %s is told in a sentence, and nothing is listed', async (path, sentence) => {
    const html = await pageOf(path);
    expect(html).toContain('A filter cannot be right');
    expect(html).toContain(sentence);
    expect(rowsOf(path, html)).toBe(0);
  });

  it.each(['/dashboard?colour=red', '/dashboard/findings?colour=red&page=many'])(
    'or a name in %s gives a browser a page and a program a problem',
    async (path) => {
      const page = await ask(estate, path, { headers: { accept: 'text/html,*/*' } });
      expect(page.status).toBe(400);
      expect(page.headers['content-type']).toContain('text/html');
      expect(page.text).toContain('<code>colour</code>: is unknown');
      expect(page.text).toContain(`href="/api${path.replace(/\?.*/, '')}"`);
      expect((await ask(estate, path)).headers['content-type']).toBe('application/problem+json');
    },
  );
});
