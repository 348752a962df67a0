import { describe, expect, it } from 'vitest';
import type { RuleRun } from '../../../shared/domain/rule/rule.ts';
import { Fault } from '../../../shared/domain/snapshot/fault.ts';
import { FULL, unavailable } from '../../../shared/domain/snapshot/observation.ts';
import { EXPORT_FORMATS } from '../../../shared/exports/formats.ts';
import type { ClusterAssessment } from '../../../shared/ports/assessment-store.ts';
import type { FindingFilter } from '../../../shared/ports/finding-store.ts';
import { AN_OPERATOR } from '../../support/access.ts';
import { ask, listOf, wrongFields } from '../client.ts';
import { aFinding, anEstate, aSummary, NOW } from '../estate.ts';

const findings = [
  aFinding(),
  aFinding({ subject: { kind: 'node-pool', name: 'old' }, status: 'resolved', resolution: 'complies', resolvedAt: NOW }),
  aFinding({ subject: { kind: 'node', name: 'n1' }, severity: 'low' }),
];
const lines = (text: string) => text.trimEnd().split('\n');
const events = (text: string) => lines(text).map((line) => JSON.parse(line));

describe('GET /exports', () => {
  it('lists every format', async () => {
    const { value } = listOf(await ask(anEstate(), '/exports'));
    expect(value.map(({ name }) => name)).toEqual(EXPORT_FORMATS.map(({ name }) => name));
  });
});

describe('GET /exports/{format}', () => {
  it.each(EXPORT_FORMATS)('returns $name as a file of its type', async ({ name, mediaType, extension }) => {
    const { status, headers } = await ask(anEstate({ findings }), `/exports/${name}`);
    expect(status).toBe(200);
    expect(headers['content-type']?.split(';')[0]).toBe(mediaType);
    expect(headers['content-disposition']).toBe(`attachment; filename="kataudit-${name}-2026-11-23.${extension}"`);
  });

  it.each([
    ['csv', 'text/csv; charset=utf-8'],
    ['json', 'application/x-ndjson'],
    ['sarif', 'application/sarif+json'],
  ])('names the encoding of %s only where its type has one: %s', async (name, type) => {
    expect((await ask(anEstate({ findings }), `/exports/${name}`)).headers['content-type']).toBe(type);
  });

  it('filters like the list', async () => {
    const estate = anEstate({ findings });
    expect(events((await ask(estate, '/exports/json?severity=low&status=open')).text)).toEqual([findings[2]]);
    expect(estate.reads[0]).toEqual({ status: ['open'], severity: ['low'] });
  });

  it.each([
    ['json', undefined],
    ['ocsf', undefined],
    ['sarif', ['open']],
    ['openreports', ['open']],
  ])('%s contains findings with the status %j by default', async (name, status) => {
    const estate = anEstate({ findings });
    await ask(estate, `/exports/${name}`);
    expect(estate.reads[0]?.status).toEqual(status);
  });

  it('contains resolved findings in SARIF on request', async () => {
    const { text } = await ask(anEstate({ findings }), '/exports/sarif?status=resolved');
    expect(JSON.parse(text).runs[0].results).toMatchObject([{ baselineState: 'absent' }]);
  });

  it('states the filters in the HTML report, and never the access key', async () => {
    const estate = anEstate({ findings });
    const shown = async (path: string) => /<dt>Findings shown<\/dt><dd>(.*?)<\/dd>/.exec((await ask(estate, path)).text)?.[1];
    expect(await shown('/exports/html')).toBe('all');
    expect(await shown('/exports/html?severity=low,high&cluster=prod&code=secret')).toBe('only those with severity=low,high, cluster=prod');
  });

  it('links a rule in SARIF to the rule on the app’s own page', async () => {
    const { text } = await ask(anEstate({ findings }, { publicUrl: 'https://kataudit.example' }), '/exports/sarif?severity=high');
    const [rule] = JSON.parse(text).runs[0].tool.driver.rules;
    const { pathname, hash } = new URL(rule.helpUri);

    expect(rule.helpUri).toBe(`https://kataudit.example/api/dashboard/rules#${rule.id}`);
    expect((await ask(anEstate(), pathname.replace('/api', ''))).text).toContain(`<details id="${hash.slice(1)}">`);
    expect((await ask(anEstate({ findings }), '/exports/sarif?severity=high')).text).not.toContain('/dashboard/');
  });

  it('filters by exemption', async () => {
    const exemptions = [
      { id: 'e1', rule: 'node-image-current', category: 'waiver', reason: 'r', approvedBy: 'a', expiresOn: '2027-01-01T00:00:00Z' },
    ] as const;
    const other = aFinding({ ruleId: 'workload-sandboxed', severity: 'medium' });
    const estate = anEstate({ findings: [...findings, other], policy: { exemptions } });
    expect(events((await ask(estate, '/exports/json?exempted=true')).text)).toHaveLength(3);
    expect(events((await ask(estate, '/exports/json?exempted=false')).text)).toEqual([other]);
    expect(events((await ask(estate, '/exports/json')).text)).toHaveLength(4);
    expect(JSON.parse((await ask(estate, '/exports/sarif?severity=high')).text).runs[0].results[0].suppressions).toHaveLength(1);
  });

  it.each([
    ['/exports/docx', 404],
    ['/exports/csv?include=pass', 400],
    ['/exports/ocsf?include=fail', 400],
    ['/exports/csv?top=3', 400],
    ['/exports/evidence?status=open', 400],
    ['/exports/evidence?include=pass', 400],
  ])('answers %s with %i', async (path, status) => {
    expect((await ask(anEstate(), path)).status).toBe(status);
  });

  it('names the formats that there are', async () => {
    expect((await ask(anEstate(), '/exports/docx')).json).toMatchObject({
      detail: 'The formats are json, csv, sarif, ocsf, openreports, html, junit, markdown, evidence.',
    });
  });

  it('names the parameter that the format does not support', async () => {
    expect(wrongFields(await ask(anEstate(), '/exports/csv?include=pass'))).toEqual(['include']);
  });

  it.each([
    ['text/csv', 200],
    ['text/html', 406],
    ['application/json', 406],
  ])('answers Accept: %s for CSV with %i', async (accept, status) => {
    expect((await ask(anEstate(), '/exports/csv', { headers: { accept } })).status).toBe(status);
  });

  it('compresses while it writes', async () => {
    const { headers, text } = await ask(anEstate({ findings }), '/exports/json', { headers: { 'accept-encoding': 'gzip' } });
    expect(headers['content-encoding']).toBe('gzip');
    expect(events(text)).toHaveLength(3);
  });

  it('answers 503, and no document, when the storage is unavailable from the start', async () => {
    const list = () => Promise.reject(new Fault('unreachable', 'The storage is away.'));
    expect((await ask(anEstate({}, { findings: { ...anEstate().findings, list } }), '/exports/csv')).status).toBe(503);
  });
});

describe('a streamed body', () => {
  /** A store with endless pages that counts them. */
  const endless = (pages: { read: number }, failAt = Number.POSITIVE_INFINITY) => ({
    ...anEstate().findings,
    list: async (_filter: FindingFilter, top: number) => {
      pages.read += 1;
      if (pages.read >= failAt) throw new Fault('unreachable', 'The storage is away.');
      const value = Array.from({ length: top }, (_, index) => aFinding({ subject: { kind: 'node', name: `${pages.read}-${index}` } }));
      return { value, next: String(pages.read) };
    },
  });

  const open = async (pages: { read: number }, failAt?: number) => {
    const { getExport } = await import('../../../shared/http/routes/exports.ts');
    const request = {
      method: 'GET',
      url: 'https://x.example/api/exports/json',
      headers: new Headers(),
      params: { format: 'json' },
      text: async () => '',
    };
    const { body } = await getExport.handler(anEstate({}, { findings: endless(pages, failAt) }), request, AN_OPERATOR);
    if (!(body instanceof ReadableStream)) throw new Error('The body is not streamed.');
    return body.getReader();
  };

  it('is not read ahead of its reader', async () => {
    const pages = { read: 0 };
    const reader = await open(pages);
    expect(pages.read).toBe(1);
    let bytes = 0;
    while (pages.read < 20) bytes += (await reader.read()).value?.length ?? 0;
    // Twenty pages of a thousand findings of some 700 bytes: no page was read before the previous one was sent.
    expect(bytes).toBeGreaterThan(18 * 1_000 * 600);
    await reader.cancel();
    const before = pages.read;
    await Promise.resolve();
    expect(pages.read).toBe(before);
  });

  it('is cut off, and does not end as if complete, when the storage fails', async () => {
    const reader = await open({ read: 0 }, 3);
    const all = async () => {
      while (!(await reader.read()).done);
    };
    await expect(all()).rejects.toThrow('The storage is away.');
  });
});

describe('verdicts without a finding', () => {
  const subject = { kind: 'node-pool', name: 'kata' } as const;
  const runs: readonly RuleRun[] = [
    {
      ruleId: 'node-image-current',
      state: 'judged',
      coverage: FULL,
      judgements: [
        { verdict: 'pass', subject },
        { verdict: 'fail', subject: { kind: 'node-pool', name: 'bad' }, message: 'is old' },
        { verdict: 'unknown', subject: { kind: 'node-pool', name: 'odd' }, message: 'cannot be compared' },
        { verdict: 'not-applicable', subject: { kind: 'node-pool', name: 'sys' } },
      ],
    },
    { ruleId: 'workload-sandboxed', state: 'unavailable', missing: [{ evidence: 'workloads', reason: { code: 'denied', message: 'no' } }] },
  ];
  const summary = aSummary('prod', []);
  const dark = unavailable('denied', 'no');
  const assessment: ClusterAssessment = {
    snapshot: {
      schemaVersion: 1,
      cluster: summary.cluster,
      observedAt: NOW,
      settings: dark,
      nodePools: dark,
      latestImages: dark,
      nodes: dark,
      runtimeClasses: dark,
      namespaces: dark,
      workloads: dark,
      isolationProofs: dark,
      templates: dark,
      guardrails: dark,
    },
    runs,
    policyHash: 'f'.repeat(64),
  };
  const estateWith = (held: ClusterAssessment | undefined, status: 'present' | 'deleted' = 'present') =>
    anEstate(
      { summaries: [{ ...summary, status }] },
      { assessments: { ...anEstate().assessments, get: async (id) => (id === summary.cluster.id ? held : undefined) } },
    );
  const statuses = async (query: string, estate = estateWith(assessment)) => {
    const { text } = await ask(estate, `/exports/ocsf${query}`);
    return text === '' ? [] : events(text).map(({ compliance }) => compliance.status_id);
  };

  it('that are unknown are always included, and those that passed on request', async () => {
    expect(await statuses('')).toEqual([0, 0]);
    expect(await statuses('?include=pass')).toEqual([1, 0, 0]);
  });

  it.each([
    ['status=open', 2],
    ['status=resolved', 0],
    ['exempted=true', 0],
    ['rule=workload-sandboxed', 1],
    ['severity=high', 2],
    ['severity=low', 0],
    ['pool=odd', 1],
    ['pool=kata', 0],
    ['namespace=shop', 0],
    ['workload=cart', 0],
    ['cluster=PROD', 1 + 1],
    ['cluster=other', 0],
    ['subscription=00000000-0000-4000-8000-000000000000', 0],
    ['since=2999-01-01T00:00:00Z', 0],
    ['q=COMPARED', 1],
    ['q=nothing', 0],
  ])('are filtered by %s', async (query, count) => {
    expect(await statuses(`?${query}`)).toHaveLength(count);
  });

  it('of a cluster that was never assessed report that', async () => {
    const { text } = await ask(estateWith(undefined), '/exports/ocsf');
    expect(events(text)).toMatchObject([{ compliance: { control: 'cluster-assessed', status_id: 0 } }]);
    expect((await ask(estateWith(undefined, 'deleted'), '/exports/ocsf')).text).toBe('');
  });

  it('are errors and passes of an OpenReports document', async () => {
    const { text } = await ask(estateWith(assessment), '/exports/openreports?include=pass');
    expect(JSON.parse(text.slice(4))).toMatchObject({ kind: 'ClusterReport', summary: { pass: 1, error: 2, fail: 0 } });
  });
});
