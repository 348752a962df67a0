import { describe, expect, it } from 'vitest';
import { openSince } from '../../../shared/domain/findings/due.ts';
import { figuresOf } from '../../../shared/domain/findings/estate-figures.ts';
import type { Finding } from '../../../shared/domain/findings/finding.ts';
import { DEFAULT_POLICY } from '../../../shared/domain/policy/policy.ts';
import { SEVERITIES } from '../../../shared/domain/policy/severity.ts';
import { Fault } from '../../../shared/domain/snapshot/fault.ts';
import type { ApiDependencies } from '../../../shared/http/framework/api.ts';
import type { ListedAudit } from '../../../shared/ports/audit-store.ts';
import { tableOf } from '../../support/page-table.ts';
import { ask } from '../client.ts';
import { aFinding, anEstate, anExemption, aSummary, clusterIdOf, NOW, RULES, SUBSCRIPTION } from '../estate.ts';

const node = (name: string, over: Partial<Finding> = {}) =>
  aFinding({ subject: { kind: 'node', name }, message: `Seen of ${name}.`, ...over });
const exemption = anExemption({ expiresOn: '2099-01-01' });
const page = async (path: string, ...parts: Parameters<typeof anEstate>) => {
  const { status, text } = await ask(anEstate(...parts), path);
  return { status, text, title: /<h1[^>]*>(.*?)<\/h1>/.exec(text)?.[1]?.replaceAll(/<[^>]+>/g, '') };
};
/** The nodes of the findings in the list, in its order. */
const listed = ({ text }: { readonly text: string }) => [...text.matchAll(/Seen of (\w+)\./g)].map(([, name]) => name);

describe('the list of findings', () => {
  const findings = [
    node('late', { firstSeenAt: '2026-11-20T00:00:00.000Z' }),
    node('early', { firstSeenAt: '2026-11-01T00:00:00.000Z' }),
    node('low', { severity: 'low', ruleId: 'workload-sandboxed', owner: 'pay' }),
    node('worst', { severity: 'critical', clusterName: 'test', owner: 'pay' }),
    node('closed', { status: 'resolved', resolution: 'complies', resolvedAt: NOW }),
  ];

  it('has the worst first, of those the oldest, and counts what is open', async () => {
    const shown = await page('/dashboard/findings', { findings });
    expect(listed(shown)).toEqual(['worst', 'early', 'late', 'low']);
    expect(shown.title).toBe('4 open in 2 clusters');
  });

  it.each([
    ['severity=low', ['low']],
    ['severity=low&severity=critical', ['worst', 'low']],
    ['rule=workload-sandboxed', ['low']],
    ['cluster=TEST', ['worst']],
    ['owner=pay', ['worst', 'low']],
    ['owner=unassigned', ['early', 'late']],
    ['kind=node', ['worst', 'early', 'late', 'low']],
    ['kind=cluster', []],
    ['q=of%20EARLY', ['early']],
    ['firstSeenSince=2026-11-20', ['late']],
    ['overdue=true', ['worst']],
    ['tag=env', ['worst']],
    ['tag=none&tag=env', ['worst']],
    ['status=', ['worst', 'early', 'late', 'low']],
    ['status=open', ['worst', 'early', 'late', 'low']],
    ['status=resolved', ['closed']],
    ['status=resolved&severity=odd', []],
    ['status=resolved&firstSeenSince=yesterday', []],
    ['firstSeenSince=2026-11-01%2010:00', []],
    ['firstSeenSince=on%202026-11-01', []],
    ['severity=odd', []],
  ])('by %s has %j', async (query, names) => {
    const test = aSummary('test', findings.slice(3, 4));
    const summaries = [aSummary('prod', findings.slice(0, 3)), { ...test, cluster: { ...test.cluster, tags: { env: 'x' } } }];
    expect(listed(await page(`/dashboard/findings?${query}`, { findings, summaries }))).toEqual(names);
  });

  it('offers to group by up to twenty tags of the estate, in order', async () => {
    const tags = Object.fromEntries(Array.from({ length: 21 }, (_, at) => [`t${99 - at}`, 'x']));
    const summaries = ['prod', 'test'].map((name) => {
      const summary = aSummary(name, []);
      return { ...summary, cluster: { ...summary.cluster, tags } };
    });
    const { text } = await page('/dashboard/findings?group=tag:t80', { findings, summaries });
    expect([...text.matchAll(/<option value="tag:(\w+)"( selected)?/g)].map(([, tag, mark = '']) => tag + mark)).toEqual([
      't79',
      't80 selected',
      ...Array.from({ length: 18 }, (_, at) => `t${81 + at}`),
    ]);
    expect((await page('/dashboard/findings?group=odd', { findings, summaries })).text).not.toContain('class="group"');
  });

  it('has under the head of each group its findings, and their number', async () => {
    const { text } = await page('/dashboard/findings?group=owner', { findings });
    const rows = [...text.matchAll(/<bdi>(\w+)<\/bdi> <span class="mute">(\d+)<\/span><\/th>|Seen of (\w+)\./g)];
    expect(rows.map(([, group, count, name]) => name ?? `${group} ${count}`)).toEqual([
      'pay 2',
      'worst',
      'low',
      'unassigned 2',
      'early',
      'late',
    ]);
  });

  it('has fifty to a page, and the last page in place of one behind it', async () => {
    const many = Array.from({ length: 51 }, (_, at) => node(`n${at}`, { firstSeenAt: new Date(Date.UTC(2026, 9, 1, at)).toISOString() }));
    const of = async (number: number) => listed(await page(`/dashboard/findings?page=${number}`, { findings: many }));
    expect([await of(1), await of(2), await of(3)]).toEqual([many.slice(0, 50).map((_, at) => `n${at}`), ['n50'], ['n50']]);
  });

  it('of what was resolved says of how many it is one part, and leads on to the rest', async () => {
    const many = Array.from({ length: 51 }, (_, at) =>
      node(`n${at}`, {
        status: 'resolved',
        resolution: 'complies',
        resolvedAt: NOW,
        ...(at === 0 ? { severity: 'low' } : {}),
        clusterName: at === 1 ? 'test' : 'prod',
      }),
    );
    const first = await page('/dashboard/findings?status=resolved&severity=high&severity=low', { findings: many });
    expect([listed(first).length, first.title]).toEqual([50, '50+ resolved in 2 clusters']);
    expect(first.text).toContain('<option value="" selected>none</option>');
    const [, next = ''] = /href="[^"]*\/(findings\?[^"]*)">More findings/.exec(first.text) ?? [];
    const rest = await page(`/dashboard/${next.replaceAll('&amp;', '&')}`, { findings: many });
    expect([listed(rest), rest.title, rest.text.includes('More findings')]).toEqual([['n0'], '1 resolved in 1 cluster', false]);
  });

  it('shows the day and the text that it is filtered by in its form', async () => {
    const { text } = await page('/dashboard/findings?firstSeenSince=2026-11-01T10:00:00Z&q=Seen', { findings });
    expect(text).toMatch(/name="q" value="Seen".*name="firstSeenSince" value="2026-11-01"/);
  });

  it('has each group together over its pages, its head only where it has rows', async () => {
    const many = Array.from({ length: 60 }, (_, at) => node(`n${at}`, at % 2 === 0 ? { owner: 'a' } : { owner: 'b' }));
    const heads = async (number: number) => {
      const shown = await page(`/dashboard/findings?group=owner&page=${number}`, { findings: many });
      const found = shown.text.matchAll(/<bdi>(\w+)<\/bdi> <span class="mute">(\d+)<\/span><\/th>|Seen of n\d+\./g);
      const rows = [...found].map(([, group]) => group ?? '');
      return rows.flatMap((group, at) => (group === '' ? [] : [`${group} from ${at}`])).concat(`${rows.length} in all`);
    };
    expect([await heads(1), await heads(2)]).toEqual([
      ['a from 0', 'b from 31', '52 in all'],
      ['b from 0', '11 in all'],
    ]);
    const { text } = await page('/dashboard/findings?group=namespace', { findings: many });
    expect(text).toContain('<bdi>none</bdi> <span class="mute">60</span>');
  });

  it('keeps its filters in the links to its other parts', async () => {
    const many = Array.from({ length: 51 }, (_, at) => node(`n${at}`));
    const query = 'severity=high&severity=&kind=node&firstSeenSince=2026-11-01&exempted=true&exempted=false&page=2&id=x';
    const { text } = await page(`/dashboard/findings?${query}`, { findings: many });
    const [, link = ''] = /href="[^"]*\/findings\?([^"]*)">← Previous/.exec(text) ?? [];
    expect(Object.fromEntries(new URLSearchParams(link.replaceAll('&amp;', '&')))).toEqual({
      severity: 'high',
      kind: 'node',
      firstSeenSince: '2026-11-01T00:00:00.000Z',
      exempted: 'any',
    });
  });

  it.each([
    ['exempted=any', ['false', 'true']],
    ['exempted=true&exempted=false', ['false', 'true']],
    ['exempted=true', ['true']],
    ['', []],
  ])('by %j marks the choices of exempted that are in force: %j', async (query, chosen) => {
    const { text } = await page(`/dashboard/findings?${query}`, { findings, policy: { exemptions: [exemption] } });
    const checked = [...text.matchAll(/name="([^"]*)" value="([^"]*)" checked/g)];
    expect(checked.map(([, name, value]) => `${name} ${value}`).toSorted()).toEqual(chosen.map((value) => `exempted ${value}`));
    const labels = [...text.matchAll(/name="exempted" value="\w+"[^>]*><span><bdi>([^<]*)/g)].map(([, label]) => label);
    expect(labels.toSorted()).toEqual(['exempted', 'not exempted']);
  });

  it('marks what is exempted, and what is past its due date', async () => {
    const { text } = await page('/dashboard/findings?exempted=any', { findings, policy: { exemptions: [exemption] } });
    expect(tableOf(text, 'Findings').map(({ What }) => What)).toEqual([
      'node worst exempteddue 2026-11-08Seen of worst.',
      'node early exemptedSeen of early.',
      'node late exemptedSeen of late.',
      'node low Seen of low.',
    ]);
    expect(text).toContain('<bdi>past their due date</bdi>');
  });

  const blind = (name: string, over = {}) => aSummary(name, [], { assessment: 'partly-assessed', ...over });
  it.each([
    ['none is open', {}, '', 'Nothing fails'],
    [
      'none is open and a cluster was not fully seen',
      { summaries: [blind('a'), blind('b', { status: 'deleted' }), blind('c')] },
      '',
      '2 clusters could not be ',
    ],
    ['none is open, in the address that its form makes', {}, 'q=&firstSeenSince=&status=open&group=', 'Nothing fails'],
    ['all are resolved', { findings: findings.slice(4) }, '', 'Nothing fails'],
    ['all are exempted', { findings: findings.slice(0, 2), policy: { exemptions: [exemption] } }, '', 'Nothing fails'],
    ['none has that severity', { findings }, 'severity=info', 'Nothing matches'],
    ['none is open, and none of that severity', {}, 'severity=info', 'Nothing matches'],
    [
      'none is of that exemption',
      { findings, policy: { exemptions: [{ ...exemption, cluster: 'none' }] } },
      'exemption=e1',
      'Nothing matches',
    ],
    ['none was resolved', { findings: findings.slice(0, 4) }, 'status=resolved', 'Nothing matches'],
  ])('says why it is empty where %s', async (_, parts, query, expected) => {
    expect((await page(`/dashboard/findings?${query}`, parts)).text).toContain(expected);
  });

  it('leaves out what is exempted unless it is asked for', async () => {
    const policy = { exemptions: [exemption] };
    const of = async (query: string) => listed(await page(`/dashboard/findings${query}`, { findings, policy }));
    expect([await of(''), await of('?exempted=true'), await of('?exempted=any')]).toEqual([
      ['low'],
      ['worst', 'early', 'late'],
      ['worst', 'early', 'late', 'low'],
    ]);
    const hidden = async (query: string) =>
      /(\d+) hidden/.exec((await page(`/dashboard/findings${query}`, { findings, policy })).text)?.[1];
    expect([await hidden(''), await hidden('?exempted=true'), await hidden('?exempted=any')]).toEqual(['3', undefined, undefined]);
    expect(await of('?status=resolved&exemption=e1')).toEqual(['closed']);
    expect(await of('?status=resolved&exemption=e1&rule=workload-sandboxed')).toEqual([]);
    expect(await of('?exempted=any&exemption=e1')).toEqual(['worst', 'early', 'late']);
    expect((await page('/dashboard/findings?exemption=none', { findings, policy })).text).toContain('There is no exemption');
  });
});

it('the page of a finding explains its rule, also where there is no such rule any more', async () => {
  const finding = node('a');
  const rules = RULES.map((rule) => ({ ...rule, rationale: `Why ${rule.id}.` }));
  const shown = async (known: typeof rules) =>
    (await page(`/dashboard/finding?id=${finding.id}`, { findings: [finding] }, { rules: known })).text;
  expect(await shown(rules)).toContain('Why node-image-current.');
  expect(await shown(rules.slice(1))).toContain('This rule is no longer part of the catalogue.');
});

describe('a page', () => {
  const denied: Partial<ApiDependencies> = {
    findings: { ...anEstate().findings, clusters: () => Promise.reject(new Fault('unreachable', 'The storage is away.')) },
  };

  const slow: Partial<ApiDependencies> = {
    findings: { ...anEstate().findings, clusters: () => Promise.reject(new Fault('throttled', 'The storage is slow.')) },
  };

  it.each([
    ['/dashboard/', {}, 200],
    ['/dashboard/rules//', {}, 200],
    ['/dashboard/none', {}, 404],
    ['/dashboard/__proto__', {}, 404],
    ['/dashboard/finding?id=none', {}, 404],
    [`/dashboard/cluster?id=${encodeURIComponent(clusterIdOf('none'))}`, {}, 404],
    ['/dashboard/findings', denied, 503],
    ['/dashboard/findings', slow, 429],
  ])('%s with %o is %i', async (path, over, status) => {
    const shown = await page(path, {}, over);
    expect(shown.status).toBe(status);
    if (status !== 200) expect(shown.title).toBe(status === 404 ? 'Not found' : 'Could not read');
    if (status === 503) expect(shown.text).toContain('The storage is away.');
    if (status === 404) expect(shown.text).toMatch(/There is no (such page|finding with this id|cluster with this id)\./);
  });

  it('that fails by a bug reveals nothing about it', async () => {
    const broken = { findings: { ...anEstate().findings, clusters: () => Promise.reject(new TypeError('a bug')) } };
    await expect(page('/dashboard/findings', {}, broken)).rejects.toThrow('a bug');
  });
});

describe('the estate', () => {
  it('names the rule of the worst findings first, whatever their number', async () => {
    const findings = [
      ...['a', 'b', 'c'].map((name) => node(name)),
      node('d', { ruleId: 'workload-sandboxed', severity: 'critical' }),
      node('e', { ruleId: 'node-image-current', status: 'resolved' }),
    ];
    const { text } = await page('/dashboard', { findings });
    const first = [...text.matchAll(/findings\?rule=([\w-]+)" title="[^"]*">[^<]*<\/a><span class="mute">(\d+ in \d+ cluster)/g)];
    expect(first.map(([, rule, count]) => `${rule} ${count}`)).toEqual([
      'workload-sandboxed 1 in 1 cluster',
      'node-image-current 3 in 1 cluster',
    ]);
  });

  it.each([
    [2_000, []],
    [2_001, ['workload-sandboxed 1501 in 2 cluster', 'node-image-current 500 in 1 cluster']],
  ])('counts the failing rules by the clusters where %i findings are too many to look at', async (open, expected) => {
    const tally = (amount: number) => ({ open: amount, verdicts: { pass: 0, fail: amount, unknown: 0, 'not-applicable': 0 } });
    const of = (name: string, high: number, rules: Record<string, ReturnType<typeof tally>>) =>
      aSummary(name, [], { openBySeverity: { critical: 0, high, medium: 0, low: 0, info: 0 }, rules });
    const summaries = [
      of('a', 1_000, { 'node-image-current': tally(500), 'workload-sandboxed': tally(501) }),
      of('b', open - 1_000, { 'node-image-current': tally(0), 'workload-sandboxed': tally(1_000) }),
    ];
    const { text } = await page('/dashboard', { summaries });
    const first = [...text.matchAll(/findings\?rule=([\w-]+)" title="[^"]*">[^<]*<\/a><span class="mute">([\d,]+) (in \d+ cluster)/g)];
    expect(first.map(([, rule, count = '', where]) => `${rule} ${count.replace(',', '')} ${where}`)).toEqual(expected);
  });

  const badges = (text: string) =>
    [...text.matchAll(/<span class="badge (\w+)"[^>]*>(?:(?!<li|badge).)*?findings\?rule=([\w-]+)/g)].map(
      ([, severity, rule]) => `${rule} ${severity}`,
    );

  it('shows for each failing rule the severity of its worst finding, of each one that there is', async () => {
    const findings = SEVERITIES.map((severity) => node(severity, { severity, ruleId: `rule-${severity}` }));
    const more = [node('more', { severity: 'low', ruleId: 'rule-critical' }), node('also', { severity: 'medium', ruleId: 'rule-low' })];
    expect(badges((await page('/dashboard', { findings: [...findings, ...more] })).text)).toEqual([
      'rule-critical critical',
      'rule-high high',
      'rule-low medium',
      'rule-medium medium',
      'rule-info info',
    ]);
  });

  it('has the rules in the order of their severities where there are too many findings to look at', async () => {
    const tally = (amount: number) => ({ open: amount, verdicts: { pass: 0, fail: amount, unknown: 0, 'not-applicable': 0 } });
    const known = RULES.flatMap((rule) => SEVERITIES.slice(1, 3).map((severity) => ({ ...rule, id: `${severity}-${rule.id}`, severity })));
    const rules = Object.fromEntries([...known].reverse().map(({ id }, at) => [id, tally(at + 1)]));
    const summaries = [aSummary('a', [], { openBySeverity: { critical: 0, high: 2_001, medium: 0, low: 0, info: 0 }, rules })];
    expect(badges((await page('/dashboard', { summaries }, { rules: known })).text)).toEqual([
      'high-node-image-current high',
      'high-workload-sandboxed high',
      'medium-node-image-current medium',
      'medium-workload-sandboxed medium',
    ]);
  });

  it('counts in its tiles what is late and what is exposed, without what is exempted', async () => {
    const late = (name: string, over: Partial<Finding> = {}) => node(name, { firstSeenAt: '2026-10-01T00:00:00.000Z', ...over });
    const exposed = (name: string, clusterName: string) => node(name, { ruleId: 'workload-sandboxed', clusterName });
    const findings = [
      late('a'),
      late('b'),
      late('kept'),
      node('young'),
      ...['c', 'd'].map((one) => exposed(one, 'prod')),
      exposed('e', 'test'),
    ];
    const summaries = ['prod', 'test'].map((name) => {
      const own = findings.filter(({ clusterName }) => clusterName === name);
      return aSummary(name, own, { openSince: openSince(own) });
    });
    const { text } = await page('/dashboard', { findings, summaries, policy: { exemptions: [{ ...exemption, node: 'kept' }] } });
    for (const label of ['2 overdue findings', '6 open findings', '3 workloads that are not sandboxed', '1 exempted findings'])
      expect(text).toContain(`aria-label="${label}"`);
  });

  it('reads up to a hundred parked messages, and no report of an audit that ended', async () => {
    const one = { queue: 'scans', body: '{}', reason: 'r', parkedAt: NOW, dequeueCount: 5 };
    const parked = Array.from({ length: 101 }, (_, at) => ({ ...one, id: `a${at}` }));
    const figures = figuresOf([], DEFAULT_POLICY, new Date(NOW));
    const end = { state: 'complete', endedAt: NOW, planned: 0, scanned: 0, notAssessed: 0, notListed: 0, changed: 0, figures } as const;
    const audits = [{ id: 'a1', startedAt: NOW, cause: 'timer', subscriptions: [], end }] as const;
    const never = async () => expect.fail('It was read.');
    const { text } = await page('/dashboard', { parked, audits }, { audits: { ...anEstate({ audits }).audits, get: never } });
    expect(text).toContain('>100 messages</a>');
  });

  it('counts no cluster that is gone, and names the oldest look', async () => {
    const summaries = [
      aSummary('a', [], { observedAt: '2026-11-22T06:00:00.000Z' }),
      aSummary('b', [], { observedAt: '2026-11-20T06:00:00.000Z' }),
      aSummary('c', [], { observedAt: '2026-11-01T06:00:00.000Z', status: 'deleted' }),
    ];
    const { text } = await page('/dashboard', { summaries });
    expect(text).toMatch(/oldest (?:look|scan) <b><time datetime="2026-11-20T06:00:00\.000Z"/);
    expect(text).toContain('<b>2</b> of 2 clusters');
  });
});

describe('the numbers of the estate', () => {
  const figures = figuresOf([], DEFAULT_POLICY, new Date(NOW));
  const counts = { planned: 1, scanned: 1, notAssessed: 0, notListed: 0, changed: 0 };
  const audit = (id: string, startedAt: string, over: Partial<ListedAudit> = {}): ListedAudit => ({
    ...{ id, startedAt, cause: 'timer', subscriptions: [SUBSCRIPTION] },
    end: { state: 'complete', endedAt: startedAt, ...counts, figures },
    ...over,
  });
  const running = (id: string, startedAt: string): ListedAudit => {
    const { end: _, ...rest } = audit(id, startedAt);
    return rest;
  };
  const summaries = [aSummary('prod', [aFinding()])];
  const [today, yesterday, before] = ['2026-11-23T06:00:00.000Z', '2026-11-22T06:00:00.000Z', '2026-11-21T06:00:00.000Z'] as const;

  it('count the exemptions that end within thirty days, and no others', async () => {
    const ends = ['2026-11-23T12:00:00.000Z', '2026-11-23T12:00:00.001Z', '2026-12-23T12:00:00.000Z', '2026-12-23T12:00:00.001Z'];
    const exemptions = ends.map((expiresOn, at) => ({ ...exemption, id: `e${at}`, expiresOn }));
    const { text } = await page('/dashboard', { summaries, policy: { exemptions } });
    expect(/state=ending">(\d+)/.exec(text)?.[1]).toBe('2');
  });

  it('are compared with those of the audit before the newest of the whole estate that ended', async () => {
    const chosen = audit('chosen', today, { clusters: [clusterIdOf('prod')] });
    const audits = [running('new', today), chosen, audit('last', yesterday), audit('first', before)];
    const { text } = await page('/dashboard', { summaries, audits });
    expect([...new Set(text.match(/audit\?id=\w+&amp;from=\w+/g))]).toEqual(['audit?id=last&amp;from=first']);
    expect((await page('/dashboard', { summaries, audits: audits.slice(0, 3) })).text).not.toContain('&amp;from=');
  });

  it.each([
    ['the newest audit began more than two hours ago and did not end', [running('a', '2026-11-23T09:59:59.999Z')], true],
    ['the newest audit began two hours ago', [running('a', '2026-11-23T10:00:00.000Z')], false],
    ['an older audit did not end', [audit('b', today), running('a', before)], false],
  ] as const)('are beside a warning where %s: %s', async (_, audits, isWarned) => {
    expect((await page('/dashboard', { summaries, audits })).text.includes('</a> timed out: some parts never reported')).toBe(isWarned);
  });

  const day = (name: string, high: number) => ({ day: name, openBySeverity: { critical: 0, high, medium: 0, low: 0, info: 0 } });

  it('are the last point of the trend, also in place of what an audit stored today', async () => {
    const trend = [day('2026-11-22', 5), day('2026-11-23', 9)];
    const { text } = await page('/dashboard', { summaries, trend });
    expect([...text.matchAll(/data-day="(\S+): (\d+) open/g)].map(([, name, open]) => `${name} ${open}`)).toEqual([
      '2026-11-22 5',
      '2026-11-23 1',
    ]);
  });

  it.each([
    ['', '2026-10-24'],
    ['?days=7', '2026-11-16'],
    ['?days=90', '2026-08-25'],
    ['?days=8', '2026-10-24'],
  ])('have a trend of the days that are asked for, up to today: %j', async (query, from) => {
    const asked: unknown[] = [];
    const list = async (...range: readonly string[]) => {
      asked.push(range);
      return [];
    };
    await page(`/dashboard${query}`, { summaries }, { trend: { list } });
    expect(asked).toEqual([[from, '2026-11-23']]);
  });

  it.each([
    ['the newest audit began', [running('a', '2026-11-22T12:00:00.000Z')], '2026-11-22T12:00:00.000Z'],
    ['a day ago, where that audit is older', [audit('a', '2026-11-22T11:59:59.999Z')], '2026-11-22T12:00:00.000Z'],
    ['a day ago, without an audit', [], '2026-11-22T12:00:00.000Z'],
    ['an hour ago', [audit('a', '2026-11-23T11:00:00.000Z')], '2026-11-23T11:00:00.000Z'],
  ])('stand beside the changes since %s', async (_, audits, since) => {
    const asked: unknown[] = [];
    const changes = async (...how: readonly unknown[]) => {
      asked.push(how);
      return { value: [] };
    };
    await page('/dashboard', { summaries, audits }, { findings: { ...anEstate({ summaries }).findings, changes } });
    expect(asked).toEqual([[{ since }, 12]]);
  });
});

it('the page of a cluster has the worst of its findings first', async () => {
  const findings = [node('a', { severity: 'low' }), node('b', { severity: 'critical' }), node('c')];
  const path = `/dashboard/cluster?id=${encodeURIComponent(clusterIdOf('prod'))}`;
  expect(listed(await page(path, { findings }))).toEqual(['b', 'c', 'a']);
});
