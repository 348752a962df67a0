import { describe, expect, it } from 'vitest';
import type { ClusterSummary } from '../../shared/domain/findings/summary.ts';
import { DEFAULT_POLICY } from '../../shared/domain/policy/policy.ts';
import { writeCsv } from '../../shared/exports/csv.ts';
import type { ExportedFinding } from '../../shared/exports/export.ts';
import { EXPORT_FORMATS, findFormat } from '../../shared/exports/formats.ts';
import { writeHtml } from '../../shared/exports/html.ts';
import { writeJson } from '../../shared/exports/json.ts';
import { aFinding, aSummary, NOW } from '../http/estate.ts';
import { aContext, COMMANDS, exemption, FINDINGS, from, HOSTILE, workload, written } from './samples.ts';

/** A small, strict parser of RFC 4180. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const cell = /"((?:[^"]|"")*)"(,|\r\n)/y;
  while (cell.lastIndex < text.length) {
    const at = cell.lastIndex;
    const match = cell.exec(text);
    if (match === null) throw new Error(`Not CSV at ${at}: ${text.slice(at, at + 40)}`);
    row.push((match[1] ?? '').replaceAll('""', '"'));
    if (match[2] !== ',') row = rows.push(row) > 0 ? [] : row;
  }
  return rows;
}

describe('CSV', () => {
  it('has one row per finding under its header, with every cell quoted', async () => {
    const rows = parseCsv(await written(writeCsv));
    expect(rows).toHaveLength(FINDINGS.length + 1);
    expect(new Set(rows.map((row) => row.length)).size).toBe(1);
    expect(rows[0]?.slice(0, 4)).toEqual(['id', 'status', 'severity', 'rule']);
  });

  it('has in each column what its name says', async () => {
    const finding = aFinding({
      subject: workload('shop', 'cart'),
      status: 'resolved',
      resolution: 'complies',
      resolvedAt: NOW,
      stale: true,
      reopenCount: 3,
    });
    const [header = [], cells = []] = parseCsv(await written(writeCsv, [{ finding, exemption }]));
    expect(Object.fromEntries(header.map((name, at) => [name, cells[at]]))).toEqual({
      id: finding.id,
      status: 'resolved',
      severity: 'high',
      rule: finding.ruleId,
      subscription: finding.subscriptionId,
      cluster: 'prod',
      clusterId: finding.clusterId,
      subjectKind: 'workload',
      namespace: 'shop',
      subject: 'Deployment shop/cart',
      message: finding.message,
      remediation: finding.remediation,
      firstSeenAt: finding.firstSeenAt,
      lastSeenAt: finding.lastSeenAt,
      resolvedAt: NOW,
      resolution: 'complies',
      reopenCount: '3',
      observedAt: finding.observedAt,
      stale: 'true',
      coverage: 'Everything was read.',
      exemption: exemption.id,
      exemptionReason: expect.stringContaining('=cmd'),
      exemptionExpiresOn: exemption.expiresOn,
      commands: finding.commands?.[0]?.run,
    });
  });

  it('has a namespace only for workloads, and an exemption only where there is one', async () => {
    const [header = [], ...rows] = parseCsv(await written(writeCsv));
    const column = (name: string) => rows.map((row) => row[header.indexOf(name)]).slice(0, 6);
    expect(column('namespace')).toEqual(['', '', '', '', '', 'shop']);
    expect(column('exemption')).toEqual(['', '', '', '', '', exemption.id]);
    expect(column('stale')).toEqual(['false', 'false', 'true', 'false', 'false', 'false']);
  });

  it('has each time in its own column', async () => {
    const times = ['firstSeenAt', 'lastSeenAt', 'observedAt', 'resolvedAt'].map(
      (name, at) => [name, `2026-11-2${at}T06:00:00.000Z`] as const,
    );
    const finding = aFinding({ status: 'resolved', resolution: 'complies', ...Object.fromEntries(times) });
    const [header = [], cells = []] = parseCsv(await written(writeCsv, [{ finding }]));
    expect(times.map(([name]) => [name, cells[header.indexOf(name)]])).toEqual(times);
  });

  const messageOf = async (message: string) => {
    const [header = [], cells = []] = parseCsv(await written(writeCsv, [{ finding: aFinding({ message }) }]));
    return cells[header.indexOf('message')] ?? '';
  };

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', ' =1', '＝1', HOSTILE])(
    'makes a spreadsheet read %j as text',
    async (message) => {
      expect(await messageOf(message)).toMatch(/^'/);
    },
  );

  it.each([
    ['a;=1+1', "a;'=1+1"],
    ['a; @SUM(A1);b', "a;' @SUM(A1);b"],
    ['a\t+1', "a\t'+1"],
    ['a\n-1', "a\n'-1"],
  ])('makes a spreadsheet with another separator read %j as text', async (message, expected) => {
    expect(await messageOf(message)).toBe(expected);
  });

  it('contains no terminal control characters and no invisible characters', async () => {
    expect(await messageOf('a\u001b[2Jb\u200bc\u202ed\u{e0041}')).toBe('a\ufffd[2Jb\ufffdc\ufffdd\ufffd');
  });

  it('marks the commands that delete something', async () => {
    const [header = [], cells = []] = parseCsv(await written(writeCsv, [{ finding: aFinding({ commands: COMMANDS }) }]));
    const told = 'kubectl get --context prod -- pods a\n(deletes) kubectl delete --context prod -- pods a';
    expect(cells[header.indexOf('commands')]).toBe(told);
  });

  it('leaves harmless text unchanged', async () => {
    const cells = parseCsv(await written(writeCsv, [{ finding: aFinding({ message: 'a=b, "c" - d' }) }]))[1];
    expect(cells).toContain('a=b, "c" - d');
  });
});

describe('JSON lines', () => {
  it('contains every finding unchanged, with its exemption', async () => {
    const lines = (await written(writeJson))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toEqual(FINDINGS.map((one) => ({ ...one.finding, ...('exemption' in one ? { exemption: one.exemption } : {}) })));
  });
});

describe('the HTML report', () => {
  it('never renders a name as markup', async () => {
    const page = await written(writeHtml, FINDINGS, aContext({ exemptions: [exemption] }));
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page).not.toContain('<script');
    for (const hidden of ['\u0000', '\u202e', '\u007f']) expect(page).not.toContain(hidden);
    expect(page).toContain("default-src 'none'");
  });

  it('states the policy, the coverage, what could not be checked, and the exemptions', async () => {
    const page = await written(
      writeHtml,
      FINDINGS,
      aContext({ exemptions: [exemption, { ...exemption, id: 'e2', expiresOn: '2026-11-01T00:00:00Z' }] }),
    );
    expect(page).toContain('f'.repeat(64));
    expect(page).toContain('Fully assessed: 1 of 2 clusters, subscriptions: 1.');
    expect(page).not.toContain('Deleted or out of scope');
    expect(page).toContain('<h2>Findings</h2><table><colgroup><col style="width:9%"><col style="width:21%">');
    expect(page).toContain('<dt>Findings shown</dt><dd>all</dd>');
    expect(page).toContain('(denied)');
    expect(page).toContain(`${FINDINGS.length} findings: 5 open, 1 open and exempted, 2 resolved.`);
    for (const head of ['What was seen', 'What to do', 'Pods sandboxed', 'Could not be read', 'Approved by'])
      expect(page).toContain(`>${head}</th>`);
    expect(page).toMatch(/>e1<\/td>.*>live<\/td>/);
    expect(page).toMatch(/>e2<\/td>.*>expired<\/td>/);
  });

  it('does not count deleted or partly scanned clusters as assessed, and states its scope and filter', async () => {
    const clusters = () =>
      from([
        aSummary('prod', []),
        aSummary('test', []),
        aSummary('half', [], { assessment: 'partly-assessed' }),
        aSummary('old', [], { status: 'deleted' }),
      ]);
    const scope = {
      ...DEFAULT_POLICY.scope,
      include: ['p*'],
      exclude: [HOSTILE],
      includeTags: { team: 'a' },
      excludeTags: { stage: 'test' },
    };
    const policy = { hash: 'h', source: 'built-in', value: { ...DEFAULT_POLICY, scope } };
    const page = await written(writeHtml, [], aContext({ clusters, policy, filters: ['severity=high', `cluster=${HOSTILE}`] }));
    expect(page).toContain('Fully assessed: 2 of 3 clusters, subscriptions: 1. Deleted or out of scope: 1.');
    expect(page).toContain('clusters named p*, not named ');
    expect(page).toContain('with the tags {&quot;team&quot;:&quot;a&quot;}, without the tags {&quot;stage&quot;:&quot;test&quot;}');
    expect(page).toContain('only those with severity=high, cluster=');
    const whole = { hash: 'h', source: 'built-in', value: DEFAULT_POLICY };
    expect(await written(writeHtml, [], aContext({ policy: whole }))).toContain('<dt>Scope</dt><dd>clusters named *</dd>');
    expect(page).not.toContain('<script');
  });

  it('says once that findings are based on everything, and in the row of each finding that is not', async () => {
    const sampled = aFinding({ coverage: { kind: 'truncated', message: 'too many' } });
    const page = await written(writeHtml, [
      { finding: aFinding() },
      { finding: sampled },
      { finding: aFinding({ ruleId: 'cluster-assessed' }) },
    ]);
    expect(page).toContain('based on everything there was to see, unless it says otherwise');
    const rows = page.split('<tr').filter((row) => row.includes('<br>since '));
    expect(rows.map((row) => /Everything there|Not everything/.exec(row)?.[0])).toEqual([undefined, 'Not everything', 'Not everything']);
  });

  it('has balanced elements', async () => {
    const page = await written(writeHtml);
    for (const name of ['html', 'body', 'table', 'thead', 'tbody', 'tr', 'td', 'th', 'dl', 'h2', 'p']) {
      const opened = page.match(new RegExp(`<${name}[ >]`, 'g'))?.length;
      expect([name, page.match(new RegExp(`</${name}>`, 'g'))?.length]).toEqual([name, opened]);
    }
  });
});

describe('every format', () => {
  it.each(EXPORT_FORMATS)('$name writes while it reads, with little memory', async ({ write }) => {
    let read = 0;
    const made = aFinding();
    const endless = async function* () {
      for (;;) {
        read += 1;
        yield { finding: { ...made, subject: { kind: 'node', name: `n${read}` } as const } };
      }
    };
    let pieces = 0;
    for await (const _piece of write(endless(), aContext())) if (++pieces >= 100) break;
    expect(read).toBeLessThanOrEqual(100_000);
    expect(pieces).toBe(100);
  });

  it.each(EXPORT_FORMATS)('$name fails when its input fails, and does not end as if complete', async ({ write }) => {
    const broken = async function* () {
      yield { finding: aFinding() };
      throw new Error('The storage is away.');
    };
    const all = async () => {
      for await (const _piece of write(broken(), aContext()));
    };
    await expect(all()).rejects.toThrow('The storage is away.');
  });
});

describe('the rows of the HTML report', () => {
  const rowOf = async (...findings: readonly ExportedFinding[]) =>
    [...(await written(writeHtml, findings)).matchAll(/<tr><td class="code">.*<\/tr>/g)]
      .map(([row]) => row)
      .filter((row) => row.includes('<br>since '));

  it('say for a finding since when it is open, what was seen, and what to do', async () => {
    const finding = aFinding({ firstSeenAt: '2026-11-01T10:20:30.000Z', facts: { days: 30, images: ['a', 'b'], isOld: true } });
    const [row] = await rowOf({ finding });
    expect(row).toContain('>high<br>since 2026-11-01 10:20</td>');
    expect(row).toContain(`>node-image-current<br>node pool kata<br>prod</td>`);
    expect(row).toContain('behind.<br>days: 30; images: a, b; isOld: true</td>');
    expect(row).not.toMatch(/Resolved|Exempted|newest scan/);
    expect((await rowOf({ finding: aFinding({ facts: {} }) }))[0]).toContain('behind.</td>');
  });

  it('tell how a finding stands', async () => {
    const resolvedAt = '2026-11-23T06:00:00.000Z';
    const [stale, resolved, exempted] = await rowOf(
      { finding: aFinding({ stale: true }) },
      { finding: aFinding({ status: 'resolved', resolution: 'complies', resolvedAt }) },
      { finding: aFinding(), exemption: { ...exemption, reason: 'Known.' } },
    );
    expect(stale).toContain('could not judge this rule');
    expect(resolved).toContain(`Resolved ${resolvedAt} (complies).`);
    expect(exempted).toContain('Exempted by e1 through 2026-11-30: Known.');
  });

  it('give each reason of a cluster once, with everything that it hides, and count no pods that were not seen', async () => {
    const reason = { code: 'denied', message: 'No.' } as const;
    const of = async (gaps: ClusterSummary['gaps']) =>
      written(writeHtml, [], aContext({ clusters: () => from([aSummary('prod', [], { gaps })]) }));
    const page = await of([
      { evidence: 'nodes', reason },
      { evidence: 'namespaces', reason },
      { evidence: 'settings', reason: { code: 'throttled', message: 'Later.' } },
    ]);
    expect(page).toContain('<td class="code">nodes, namespaces: No. (denied)<br>settings: Later. (throttled)</td>');
    expect(page).toContain('>4 of 10</td>');
    expect(page).toContain('<tr class="unseen">');
    for (const evidence of ['cluster', 'workloads', 'runtimeClasses'] as const)
      expect(
        await of([
          { evidence: 'nodes', reason },
          { evidence, reason },
        ]),
      ).toContain('>?</td>');
    expect(await of([{ evidence: 'nodes', reason }])).toContain('<tr class="unseen">');
    expect(await of([])).not.toContain('<tr class="unseen">');
  });
});

it.each([
  ['none', [], 0],
  ['one', [exemption], 1],
])('the report lists %s of the exemptions', async (_, exemptions, count) => {
  const page = await written(writeHtml, [], aContext({ exemptions }));
  expect(page.includes('There is none.')).toBe(count === 0);
  expect([...page.matchAll(/>e1<\/td>/g)]).toHaveLength(count);
});

it('a format is found by its name, and only by that', () => {
  expect(EXPORT_FORMATS.map(({ name }) => findFormat(name))).toEqual(EXPORT_FORMATS);
  expect(findFormat('pdf')).toBeUndefined();
});

it('an exemption in the report ends at its time and not after it', async () => {
  const exemptions = [0, 1].map((later) => ({
    ...exemption,
    id: `e${later}`,
    expiresOn: new Date(Date.parse(NOW) + later).toISOString(),
  }));
  const page = await written(writeHtml, [], aContext({ exemptions }));
  expect([...page.matchAll(/>(e\d)<.*>(live|expired)</g)].map(([, id, state]) => `${id} ${state}`)).toEqual(['e0 expired', 'e1 live']);
});
