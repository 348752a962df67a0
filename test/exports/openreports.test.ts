import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import type { Finding } from '../../shared/domain/findings/finding.ts';
import { coverageText } from '../../shared/domain/findings/finding-text.ts';
import { FULL } from '../../shared/domain/snapshot/observation.ts';
import { writeOpenReports } from '../../shared/exports/openreports.ts';
import { aFinding } from '../http/estate.ts';
import { missingSchemas, openReportsSchema } from './official.ts';
import { aContext, exemption, FINDINGS, HOSTILE, workload, written } from './samples.ts';

const shape = z.looseObject({
  kind: z.enum(['Report', 'ClusterReport']),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
  summary: z.record(z.string(), z.number()),
  results: z.array(
    z.looseObject({
      result: z.string(),
      message: z.string().optional(),
      timestamp: z.object({ seconds: z.int(), nanos: z.int() }),
      properties: z.record(z.string(), z.string()),
    }),
  ),
});

const reports = async (findings = FINDINGS) => {
  const documents = parseAllDocuments(await written(writeOpenReports, findings, aContext()));
  return [...documents].map((document) => {
    expect(document.errors).toEqual([]);
    return shape.parse(document.toJS());
  });
};

describe('OpenReports', () => {
  it.skipIf(missingSchemas)('is valid by the official CRDs, without additional fields', async () => {
    const valid = { Report: openReportsSchema('Report'), ClusterReport: openReportsSchema('ClusterReport') };
    for (const report of await reports()) {
      const check = valid[report.kind];
      check(report);
      expect(check.errors ?? []).toEqual([]);
    }
  });

  it('puts workloads into reports of their namespace and everything else into a cluster report', async () => {
    const all = await reports();
    expect(all.find(({ metadata }) => metadata.namespace === 'shop')).toMatchObject({ kind: 'Report', summary: { skip: 1, fail: 0 } });
    expect(all.filter(({ kind }) => kind === 'ClusterReport').every(({ metadata }) => metadata.namespace === undefined)).toBe(true);
    const names = all.map(({ kind, metadata }) => `${kind}/${metadata.namespace}/${metadata.name}`);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each([
    ['a', true],
    ['a'.repeat(63), true],
    ['a-9', true],
    ['a'.repeat(64), false],
    ['-a', false],
    ['a-', false],
    ['A', false],
    ['x a', false],
    ['a\nb', false],
  ])('uses a report of the namespace %j only when the name is valid: %s', async (namespace, own) => {
    const subject = { kind: 'workload', namespace, ownerKind: 'Deployment', ownerName: 'cart' } as const;
    const [report] = await reports([{ finding: aFinding({ subject }) }]);
    expect(report?.metadata.namespace).toBe(own ? namespace : undefined);
  });

  it('has a separate report for each cluster', async () => {
    const all = await reports(['one', 'two'].map((clusterName) => ({ finding: aFinding({ clusterName }) })));
    expect(all.map(({ results }) => results.length)).toEqual([1, 1]);
    expect(new Set(all.map(({ metadata }) => metadata.name)).size).toBe(2);
  });

  it('keeps hostile text unchanged, inside its value', async () => {
    const messages = (await reports()).flatMap(({ results }) => results.map(({ message }) => message));
    expect(messages).toContain(HOSTILE.toWellFormed());
  });

  it.each(['\u007f', '\u0085', '\u009f', '\u2028', '\u2029', '\ufeff', '\ufffe', '\uffff'])(
    'escapes a character that YAML accepts only escaped: %j',
    async (character) => {
      const text = await written(writeOpenReports, [{ finding: aFinding({ message: `a${character}b` }) }], aContext());
      expect(text).not.toContain(character);
      expect(text).toContain(`a\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}b`);
    },
  );

  it('writes the time as seconds and nanoseconds', async () => {
    const [report] = await reports([{ finding: aFinding({ observedAt: '2026-11-23T06:00:00.250Z' }) }]);
    expect(report?.results[0]?.timestamp).toEqual({ seconds: Date.UTC(2026, 10, 23, 6) / 1_000, nanos: 250_000_000 });
  });

  it('never reports a finding as a pass because its subject is gone', async () => {
    const of = async (resolution: 'complies' | 'subject-gone') => {
      const [report] = await reports([{ finding: aFinding({ status: 'resolved', resolution, resolvedAt: '2026-11-23T06:00:00.000Z' }) }]);
      return report?.results[0]?.result;
    };
    expect(await of('complies')).toBe('pass');
    expect(await of('subject-gone')).toBe('skip');
  });

  it('names the exemption of a skipped result', async () => {
    const [report] = await reports([{ finding: aFinding(), exemption }]);
    const { id, expiresOn } = exemption;
    expect(report?.results[0]).toMatchObject({
      result: 'skip',
      properties: { exception: id, exceptionReason: expect.stringContaining('=cmd'), exceptionExpiresOn: expiresOn },
    });
  });

  it.each([
    [1_000, [1_000]],
    [1_001, [1, 1_000]],
  ])('splits %i results into reports of %j', async (count, sizes) => {
    const findings = Array.from({ length: count }, (_, index) => ({ finding: aFinding({ subject: workload('shop', `w${index}`) }) }));
    expect((await reports(findings)).map(({ results }) => results.length).sort((a, b) => a - b)).toEqual(sizes);
  });

  it('loses no result of many namespaces when it must write some reports early', async () => {
    const findings = Array.from({ length: 5_200 }, (_, index) => ({
      finding: aFinding({ subject: workload(`ns${index % 100}`, `w${index}`) }),
    }));
    const all = await reports(findings);
    expect(all.reduce((sum, { results }) => sum + results.length, 0)).toBe(5_200);
    expect(new Set(all.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).size).toBe(all.length);
  });
});

describe('one result of OpenReports', () => {
  const resultOf = async (finding: Finding) => (await reports([{ finding }]))[0]?.results[0];

  it.each<[Finding['subject'], readonly object[] | undefined]>([
    [{ kind: 'cluster' }, undefined],
    [{ kind: 'node-pool', name: 'a' }, undefined],
    [{ kind: 'node', name: 'a' }, [{ apiVersion: 'v1', kind: 'Node', name: 'a' }]],
    [{ kind: 'runtime-class', name: 'a' }, [{ apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', name: 'a' }]],
    [{ kind: 'workload', namespace: 'n', ownerKind: 'Job', ownerName: 'a' }, [{ kind: 'Job', namespace: 'n', name: 'a' }]],
  ])('refers to %o only as an object of Kubernetes', async (subject, resources) => {
    expect((await resultOf(aFinding({ subject })))?.resources).toEqual(resources);
  });

  it('tells what was seen, when, and what to do', async () => {
    const finding = aFinding({ stale: true });
    expect(await resultOf(finding)).toMatchObject({
      rule: finding.ruleId,
      result: 'fail',
      severity: 'high',
      message: finding.message,
      properties: {
        finding: finding.id,
        subject: 'node pool kata',
        firstSeenAt: finding.firstSeenAt,
        lastSeenAt: finding.lastSeenAt,
        coverage: 'Everything was read.',
        remediation: `${finding.remediation}\n${finding.commands?.[0]?.run}`,
        stale: 'true',
      },
    });
    expect((await resultOf(aFinding()))?.properties).not.toHaveProperty('stale');
  });
});

it('verdicts are results too: what passed, and what could not be judged as an error', async () => {
  const { clusterId, clusterName, subscriptionId, observedAt } = aFinding();
  const of = { clusterId, clusterName, subscriptionId, observedAt, coverage: FULL } as const;
  const verdicts = async function* () {
    yield { ...of, ruleId: 'node-image-current', verdict: 'pass', subject: workload('shop', 'cart') } as const;
    yield { ...of, ruleId: 'retired', verdict: 'unknown', message: 'Not seen.' } as const;
  };
  const documents = parseAllDocuments(await written(writeOpenReports, [], aContext({ verdicts })));
  const [own, rest] = [...documents].map((document) => shape.parse(document.toJS()));
  expect(own?.metadata).toMatchObject({ annotations: { 'kataudit.io/cluster-id': clusterId, 'kataudit.io/cluster-name': clusterName } });
  expect(own).toMatchObject({ kind: 'Report', metadata: { namespace: 'shop' }, summary: { pass: 1, error: 0 } });
  expect(own?.results).toMatchObject([
    {
      rule: 'node-image-current',
      result: 'pass',
      severity: 'high',
      properties: { subject: 'Deployment shop/cart', coverage: coverageText(FULL) },
    },
  ]);
  expect(rest).toMatchObject({ kind: 'ClusterReport', summary: { pass: 0, error: 1 } });
  expect(rest?.results).toMatchObject([
    { rule: 'retired', result: 'error', message: 'Not seen.', properties: { subject: expect.stringContaining('cluster') } },
  ]);
  expect(rest?.results[0]).not.toHaveProperty('severity');
});

it('results of many namespaces are not held without an end', async () => {
  let read = 0;
  const endless = async function* () {
    for (;;) {
      read += 1;
      yield { finding: aFinding({ subject: workload(`ns${read % 100}`, `w${read}`) }) };
    }
  };
  for await (const _document of writeOpenReports(endless(), aContext())) break;
  expect(read).toBeLessThanOrEqual(5_001);
});

it('results that were given out make no room scarce: a namespace keeps one report as long as it can', async () => {
  const findings = ['b', ...Array(5_000).fill('a'), 'b'].map((namespace, at) => ({
    finding: aFinding({ subject: workload(namespace, `w${at}`) }),
  }));
  const all = await reports(findings);
  expect(all.filter(({ metadata }) => metadata.namespace === 'b').map(({ results }) => results.length)).toEqual([2]);
});
