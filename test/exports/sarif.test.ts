import { describe, expect, it } from 'vitest';
import type { Finding } from '../../shared/domain/findings/finding.ts';
import type { ClusterSummary } from '../../shared/domain/findings/summary.ts';
import { sarifWriter, writeSarif } from '../../shared/exports/sarif.ts';
import { aFinding, aSummary, clusterIdOf, RULES, SUBSCRIPTION } from '../http/estate.ts';
import { missingSchemas, sarifSchema } from './official.ts';
import { aContext, COMMANDS, FINDINGS, from, workload, written } from './samples.ts';

const log = async (...how: Parameters<typeof written> | []) =>
  JSON.parse(how.length === 0 ? await written(writeSarif) : await written(...how));

describe('SARIF', () => {
  it.skipIf(missingSchemas)('is valid by the official schema, with findings and without', async () => {
    const valid = sarifSchema();
    const clear = aContext({ clusters: () => from([aSummary('prod', [])]) });
    for (const one of [await log(), await log(writeSarif, []), await log(sarifWriter(3)), await log(writeSarif, FINDINGS, clear)]) {
      valid(one);
      expect(valid.errors ?? []).toEqual([]);
    }
  });

  const place = { uri: 'k8s/a%20b.yaml', line: 7, column: 3 };
  const inFiles = () => {
    const notes = [{ level: 'error', message: 'Cut [off](x).', place }] as const;
    return log(writeSarif, [{ finding: aFinding({ clusterName: '' }), place }], aContext({ notes, clusters: () => from([]) }));
  };

  it.skipIf(missingSchemas)('is valid by the official schema with locations in files', async () => {
    const valid = sarifSchema();
    valid(await inFiles());
    expect(valid.errors ?? []).toEqual([]);
  });

  it('has locations of findings in files, and reports what could not be judged there', async () => {
    const document = await inFiles();
    const [run] = document.runs;
    expect(run.automationDetails).toEqual({ id: 'kataudit-check/1' });
    const physicalLocation = { artifactLocation: { uri: 'k8s/a%20b.yaml' }, region: { startLine: 7, startColumn: 3 } };
    expect(run.results[0].locations[0]).toMatchObject({ physicalLocation });
    expect(run.results[0].message.text).not.toMatch(/^,/);
    expect(run.results[0].partialFingerprints['kataudit/v1']).toBe(`${aFinding({ clusterName: '' }).id}:k8s/a%20b.yaml`);
    expect(run.invocations[0]).toMatchObject({
      executionSuccessful: false,
      toolExecutionNotifications: [{ level: 'error', message: { text: 'Cut \\[off\\](x).' }, locations: [{ physicalLocation }] }],
    });
  });

  it('ranks rules for GitHub and points to their help', async () => {
    const { rules } = (await log()).runs[0].tool.driver;
    expect(rules[0]).toMatchObject({
      id: 'node-image-current',
      helpUri: 'https://learn.microsoft.com/azure/aks/node-image-upgrade',
      defaultConfiguration: { level: 'error' },
      properties: { 'security-severity': '8.0', tags: ['security', 'kubernetes', 'kata-containers'] },
    });
  });

  it('links to the rules page of an app, each rule with its own anchor', async () => {
    const { rules } = (await log(writeSarif, FINDINGS, aContext({ rulesPage: 'https://kataudit.example/api/dashboard/rules' }))).runs[0]
      .tool.driver;
    expect(rules.map(({ helpUri }: { helpUri: string }) => helpUri)).toEqual(
      rules.map(({ id }: { id: string }) => `https://kataudit.example/api/dashboard/rules#${id}`),
    );
  });

  it('distinguishes new, known and resolved findings, and contains exemptions as suppressions', async () => {
    const { results } = (await log()).runs[0];
    expect(results.map((one: { baselineState: string }) => one.baselineState).slice(0, 5)).toEqual([
      'new',
      'unchanged',
      'unchanged',
      'absent',
      'absent',
    ]);
    expect(results[5].suppressions).toMatchObject([{ kind: 'external', status: 'accepted' }]);
    expect(results[0].suppressions).toEqual([]);
    expect(results[0].partialFingerprints).toEqual({ 'kataudit/v1': aFinding().id });
    expect(results.at(-1)).not.toHaveProperty('ruleIndex');
    expect(results[0].ruleIndex).toBe(0);
    expect(results[0].message.text).toMatch(/^prod, /);
    expect([results[0].properties.stale, results[2].properties.stale]).toEqual([undefined, true]);
    expect(results[5].properties.commands).toEqual(COMMANDS);
    expect(results[2].properties.commands).toEqual(aFinding().commands);
  });

  it.each([
    [3, [3]],
    [4, [3, 1]],
    [6, [3, 3]],
    [7, [3, 3, 1]],
    [0, [0]],
  ])('splits %i results by three into runs of %j', async (count, sizes) => {
    const findings = Array.from({ length: count }, (_, index) => ({ finding: aFinding({ subject: { kind: 'node', name: `n${index}` } }) }));
    const { runs } = await log(sarifWriter(3), findings);
    expect(runs.map(({ results }: { results: unknown[] }) => results.length)).toEqual(sizes);
    expect(runs.map((run: { automationDetails: { id: string } }) => run.automationDetails.id)).toEqual(
      sizes.map((_, at) => `kataudit/${at + 1}`),
    );
  });

  it.each([
    [undefined, 'kataudit/1'],
    ['Prod', 'kataudit/prod/1'],
    [clusterIdOf('prod'), `kataudit/${SUBSCRIPTION}/rg/prod/1`],
    [clusterIdOf('prod').replace('/rg/', '/OTHER/'), `kataudit/${SUBSCRIPTION}/other/prod/1`],
  ])('of only the cluster %s has its own id, so that it does not replace results of another cluster', async (onlyCluster, id) => {
    const context = aContext(onlyCluster === undefined ? {} : { onlyCluster });
    expect((await log(writeSarif, FINDINGS, context)).runs[0].automationDetails).toEqual({ id });
  });

  it('contains notifications about what could not be checked, and is then not a success', async () => {
    const [invocation] = (await log()).runs[0].invocations;
    expect(invocation.executionSuccessful).toBe(false);
    expect(invocation.toolExecutionNotifications).toMatchObject([{ level: 'error', descriptor: { id: 'denied' } }]);
    const clear = aContext({ clusters: () => from([aSummary('prod', [])]) });
    expect((await log(writeSarif, [], clear)).runs[0].invocations[0]).toMatchObject({
      executionSuccessful: true,
      toolExecutionNotifications: [],
    });
  });

  it.each([
    ['..', '%2E%2E'],
    ['.', '%2E'],
    ['...', '...'],
  ])('writes the name %j as %j in a path', async (name, segment) => {
    const finding = aFinding({ subject: { kind: 'node', name } });
    const document = await log(writeSarif, [{ finding }]);
    expect(document.runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri.split('/').at(-1)).toBe(segment);
  });

  it('escapes text that would become a link in a message, also after a backslash', async () => {
    const document = await log(writeSarif, [{ finding: aFinding({ message: '\\[x](https://evil.example)' }) }]);
    expect(document.runs[0].results[0].message.text).toContain('\\\\\\[x\\](https://evil.example)');
  });

  it('keeps every name within its segment of the URI, and never makes a link in a message', async () => {
    const { results } = (await log()).runs[0];
    for (const { locations, message } of results) {
      const { uri } = locations[0].physicalLocation.artifactLocation;
      expect(uri).toMatch(/^(?:azure|kubernetes)\/[^\\\s]+$/);
      expect(new URL(uri, 'https://base.example/').pathname).toBe(`/${uri}`);
      expect(message.text).not.toMatch(/(?<!\\)\[/);
    }
  });
});

describe('one result of SARIF', () => {
  const resultOf = async (finding: Finding) => (await log(writeSarif, [{ finding }])).runs[0].results[0];

  it.each([
    ['critical', 'error', '9.5'],
    ['high', 'error', '8.0'],
    ['medium', 'warning', '5.5'],
    ['low', 'note', '2.0'],
    ['info', 'note', '0.1'],
  ] as const)('of the severity %s is a %s, and its rule has the score %s', async (severity, level, score) => {
    expect(await resultOf(aFinding({ severity }))).toMatchObject({ level, properties: { severity } });
    const rules = RULES.map((rule) => ({ ...rule, severity }));
    const { driver } = (await log(writeSarif, [], aContext({ rules }))).runs[0].tool;
    expect(driver.rules[0]).toMatchObject({ defaultConfiguration: { level }, properties: { 'security-severity': score } });
  });

  it('names what it is about, when it was seen and how much of it', async () => {
    const finding = aFinding({ subject: workload('shop', 'cart') });
    expect(await resultOf(finding)).toMatchObject({
      ruleId: finding.ruleId,
      kind: 'fail',
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: `azure/${SUBSCRIPTION}/rg/prod/workload/shop/Deployment/cart` },
            region: { startLine: 1 },
          },
          logicalLocations: [
            { name: 'Deployment shop/cart', fullyQualifiedName: `${finding.clusterId}/workload/shop/Deployment/cart`, kind: 'resource' },
          ],
        },
      ],
      properties: {
        firstSeenAt: finding.firstSeenAt,
        lastSeenAt: finding.lastSeenAt,
        coverage: 'Everything was read.',
        remediation: finding.remediation,
      },
    });
  });

  it('reports gaps of present clusters only, and fails for a cluster that was not scanned at all', async () => {
    const gaps = [{ evidence: 'nodes', reason: { code: 'denied', message: 'No.' } }] as const;
    const told = async (...summaries: readonly ClusterSummary[]) => {
      const [invocation] = (await log(writeSarif, [], aContext({ clusters: () => from(summaries) }))).runs[0].invocations;
      return [invocation.executionSuccessful, invocation.toolExecutionNotifications.map(({ level }: { level: string }) => level)];
    };
    expect(await told(aSummary('a', [], { gaps, assessment: 'partly-assessed' }))).toEqual([true, ['warning']]);
    expect(await told(aSummary('a', [], { gaps, assessment: 'not-assessed' }), aSummary('b', []))).toEqual([false, ['error']]);
    expect(await told(aSummary('a', [], { gaps, assessment: 'not-assessed', status: 'deleted' }))).toEqual([true, []]);
    const twice = [...gaps, ...gaps];
    expect(await told(aSummary('a', [], { gaps: twice, assessment: 'partly-assessed' }))).toEqual([true, ['warning', 'warning']]);
  });

  it('succeeds with notes that are no errors', async () => {
    const clusters = () => from([]);
    const of = async (...levels: readonly ('error' | 'warning' | 'note')[]) => {
      const notes = levels.map((level) => ({ level, message: 'Told.' }));
      const [invocation] = (await log(writeSarif, [], aContext({ notes, clusters }))).runs[0].invocations;
      return [invocation.executionSuccessful, invocation.toolExecutionNotifications.length];
    };
    expect(await of('warning', 'note')).toEqual([true, 2]);
    expect(await of('note', 'error')).toEqual([false, 2]);
  });

  it('has no commands where its finding has none', async () => {
    const { commands: _, ...bare } = aFinding();
    expect((await resultOf(bare)).properties.commands).toEqual([]);
  });
});
