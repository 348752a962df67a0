import { describe, expect, it } from 'vitest';
import { ask, listOf, wrongFields } from '../client.ts';
import { aFinding, anEstate, SUBSCRIPTION } from '../estate.ts';

const workload = { kind: 'workload', namespace: 'shop', ownerKind: 'Deployment', ownerName: 'cart' } as const;
const many = Array.from({ length: 250 }, (_, index) => aFinding({ subject: { kind: 'node-pool', name: `pool${index}` } }));

describe('GET /findings', () => {
  it('lists findings in pages that together contain each one once', async () => {
    const estate = anEstate({ findings: many });
    const ids: unknown[] = [];
    for (let link: string | undefined = '/findings'; link !== undefined; ) {
      const page = listOf(await ask(estate, link));
      expect(page.value.length).toBeLessThanOrEqual(100);
      ids.push(...page.value.map(({ id }) => id));
      link = page.nextLink;
    }
    expect(ids).toHaveLength(250);
    expect(new Set(ids).size).toBe(250);
  });

  it("passes every filter to the store in the store's terms", async () => {
    const estate = anEstate({ findings: [aFinding({ subject: workload, ruleId: 'workload-sandboxed' })] });
    const query = `status=open&severity=high,critical&rule=workload-sandboxed&subscription=${SUBSCRIPTION.toUpperCase()}&cluster=prod&namespace=shop&workload=cart&since=2026-11-22T01:00:00%2B01:00&q=behind`;
    expect(listOf(await ask(estate, `/findings?${query}`)).value).toHaveLength(1);
    expect(estate.reads).toContainEqual({
      status: ['open'],
      severity: ['high', 'critical'],
      rule: ['workload-sandboxed'],
      subscription: [SUBSCRIPTION],
      cluster: ['prod'],
      namespace: ['shop'],
      workload: ['cart'],
      since: '2026-11-22T00:00:00.000Z',
      q: 'behind',
    });
  });

  it('treats a repeated list parameter as alternatives', async () => {
    const estate = anEstate();
    await ask(estate, '/findings?severity=high&severity=low');
    expect(estate.reads[0]).toEqual({ severity: ['high', 'low'] });
  });

  it('lists every wrong parameter at once', async () => {
    const answer = await ask(
      anEstate(),
      '/findings?status=shut&top=0&since=yesterday&color=red&subscription=x&rule=nope&exempted=perhaps&q=',
    );
    expect(answer.status).toBe(400);
    expect(new Set(wrongFields(answer))).toEqual(new Set(['color', 'status', 'top', 'since', 'subscription', 'exempted', 'q']));
  });

  it.each(['top=1001', 'top=0', 'top=-1', 'top=1.5', 'top=1e2', 'top=', 'top=5&top=6', 'rule=no-such-rule', 'cursor=', 'cursor=abc'])(
    'refuses %s',
    async (query) => {
      const answer = await ask(anEstate(), `/findings?${query}`);
      expect(answer.status).toBe(400);
      expect(wrongFields(answer)).toEqual([query.split('=')[0]]);
    },
  );

  it.each([
    ['top=1', 1],
    ['top=1000', 250],
  ])('takes %s', async (query, length) => {
    expect(listOf(await ask(anEstate({ findings: many }), `/findings?${query}`)).value).toHaveLength(length);
  });

  it('separates exempted findings from others, and shows the exemption', async () => {
    const exemption = { id: 'e1', rule: 'node-image-current', cluster: 'pro*', category: 'waiver', reason: 'r', approvedBy: 'a' } as const;
    const exemptions = [{ ...exemption, expiresOn: '2026-11-23T12:00:00.001Z' }];
    const estate = anEstate({
      findings: [aFinding(), aFinding({ subject: workload, ruleId: 'workload-sandboxed' })],
      policy: { exemptions },
    });
    const exempted = listOf(await ask(estate, '/findings?exempted=true')).value;
    expect(exempted).toMatchObject([{ ruleId: 'node-image-current', exemption: { id: 'e1' } }]);
    expect(listOf(await ask(estate, '/findings?exempted=false')).value).toMatchObject([{ ruleId: 'workload-sandboxed' }]);
    const expired = anEstate({ findings: [aFinding()], policy: { exemptions: [{ ...exemption, expiresOn: '2026-11-23T12:00:00.000Z' }] } });
    expect(listOf(await ask(expired, '/findings?exempted=true')).value).toEqual([]);
  });

  it('marks a finding past its due date as overdue, and lists only those on request', async () => {
    const [late, young] = ['2026-10-01', '2026-11-20'].map((day) =>
      aFinding({ subject: { kind: 'node', name: day }, firstSeenAt: `${day}T00:00:00.000Z` }),
    );
    const estate = anEstate({ findings: [late, young].flatMap((one) => one ?? []) });
    expect(listOf(await ask(estate, '/findings?overdue=true')).value).toEqual([{ ...late, dueOn: '2026-10-31', overdue: true }]);
    expect(
      listOf(await ask(estate, '/findings'))
        .value.map((one) => 'overdue' in one)
        .toSorted(),
    ).toEqual([false, true]);
  });

  it('gives a short page of the store as it is where no filter of the API takes from it', async () => {
    const list = async () => ({ value: [aFinding()], next: '1' });
    const page = listOf(await ask(anEstate({}, { findings: { ...anEstate().findings, list } }), '/findings?exempted=any&top=5'));
    expect([page.value.length, page.nextLink !== undefined]).toEqual([1, true]);
  });

  it('continues through pages that the exemption filter empties, within a limit', async () => {
    const estate = anEstate({ findings: many });
    const page = listOf(await ask(estate, '/findings?exempted=true&top=10'));
    expect(page.value).toEqual([]);
    expect(estate.reads).toHaveLength(20);
    expect(page.nextLink).toBeDefined();
  });
});

describe('cursors', () => {
  const first = async (path: string) => listOf(await ask(anEstate({ findings: many }), path)).nextLink ?? '';

  it('is refused when changed, by one character or by a filter', async () => {
    const link = await first('/findings?top=10');
    const estate = anEstate({ findings: many });
    expect((await ask(estate, link)).status).toBe(200);
    const cursor = new URL(link, 'https://x.example').searchParams.get('cursor') ?? '';
    for (let at = 0; at < cursor.length; at++) {
      const other = cursor[at] === 'A' ? 'B' : 'A';
      const changed = `${cursor.slice(0, at)}${other}${cursor.slice(at + 1)}`;
      expect((await ask(estate, `/findings?top=10&cursor=${changed}`)).status).toBe(400);
    }
    expect((await ask(estate, `${link}&severity=low`)).status).toBe(400);
    expect((await ask(estate, `/audits?cursor=${cursor}`)).status).toBe(400);
    expect((await ask(anEstate({ findings: many }, { cursorSecret: async () => 'another' }), link)).status).toBe(400);
  });

  it('stays valid when only the page size changes', async () => {
    const link = new URL(await first('/findings?top=10'), 'https://kataudit.example');
    link.searchParams.set('top', '20');
    expect(listOf(await ask(anEstate({ findings: many }), link.href)).value).toHaveLength(20);
  });

  it('never repeats the access key in a link', async () => {
    const link = await first('/findings?top=10&code=s3cret&clientId=x');
    expect(link).not.toContain('s3cret');
    expect(link).not.toContain('clientId');
  });
});

describe('GET /findings/{id}', () => {
  const finding = aFinding();
  const estate = anEstate({
    findings: [finding],
    history: [
      {
        findingId: finding.id,
        clusterId: finding.clusterId,
        ruleId: finding.ruleId,
        at: finding.firstSeenAt,
        kind: 'opened',
        cause: 'audit-1',
        severity: 'high',
        message: 'm',
      },
    ],
  });

  it('returns the finding with an ETag, and 304 to a caller who has it', async () => {
    const answer = await ask(estate, `/findings/${finding.id}`);
    expect(answer.json).toEqual({ ...finding, dueOn: '2026-12-01' });
    const etag = answer.headers.etag ?? '';
    expect((await ask(estate, `/findings/${finding.id}`, { headers: { 'if-none-match': `"x", ${etag}` } })).status).toBe(304);
    expect((await ask(estate, `/findings/${finding.id}`, { headers: { 'if-none-match': '"x"' } })).status).toBe(200);
  });

  it.each(['0'.repeat(16), `${'0'.repeat(16)}-${'0'.repeat(32)}`, "x'%20or%201%20eq%201", '%2e%2e', '%00', '%zz'])(
    'answers 404 for %s',
    async (id) => {
      expect((await ask(estate, `/findings/${id}`)).status).toBe(404);
      expect((await ask(estate, `/findings/${id}/history`)).status).toBe(404);
    },
  );

  it('returns the history', async () => {
    expect(listOf(await ask(estate, `/findings/${finding.id}/history`)).value).toMatchObject([{ kind: 'opened' }]);
  });
});
