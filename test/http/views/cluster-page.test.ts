import { describe, expect, it } from 'vitest';
import type { Finding, HistoryEntry } from '../../../shared/domain/findings/finding.ts';
import type { Judgement, RuleRun } from '../../../shared/domain/rule/rule.ts';
import { FULL, observed, unavailable } from '../../../shared/domain/snapshot/observation.ts';
import type { ClusterSnapshot } from '../../../shared/domain/snapshot/snapshot.ts';
import {
  aKataNode,
  aKataPool,
  aLatestImage,
  aPlainNode,
  aPlainPodGroup,
  aPlainPool,
  aPodGroup,
  aSnapshot,
  KATA_IMAGE,
  type SnapshotParts,
} from '../../support/a-snapshot.ts';
import { sectionOf, tableOf } from '../../support/page-table.ts';
import { ask } from '../client.ts';
import { aFinding, anEstate, anExemption, aSummary, clusterIdOf } from '../estate.ts';

const ID = clusterIdOf('prod');
const REQUIRED = 'workload-sandboxed';
const judged = (verdict: Judgement['verdict'], ownerName: string, kind: 'workload' | 'node' = 'workload'): Judgement => {
  const subject = kind === 'node' ? { kind, name: ownerName } : ({ kind, namespace: 'shop', ownerKind: 'Deployment', ownerName } as const);
  return verdict === 'pass' || verdict === 'not-applicable' ? { verdict, subject } : { verdict, subject, message: 'm' };
};
const run = (ruleId: string, ...judgements: readonly Judgement[]): RuleRun => ({ ruleId, state: 'judged', coverage: FULL, judgements });

async function page(snapshot: ClusterSnapshot | undefined, runs: readonly RuleRun[] = [], parts: Parameters<typeof anEstate>[0] = {}) {
  const summaries = [aSummary('prod', parts.findings ?? [])];
  const get = async (id: string) => (snapshot === undefined || id !== ID ? undefined : { snapshot, runs, policyHash: 'h' });
  const estate = anEstate({ summaries, ...parts }, { assessments: { ...anEstate().assessments, get } });
  return (await ask(estate, `/dashboard/cluster?id=&id=${encodeURIComponent(ID.toUpperCase())}`)).text;
}
const pagesOf = (over: SnapshotParts, ...runs: readonly RuleRun[]) => page(aSnapshot(over), runs);

describe('the node pools on the page of a cluster', () => {
  const kernels = async (over: SnapshotParts) => tableOf(await pagesOf(over), 'Node pools').map(({ Kernels }) => Kernels);
  const guest = 'guest 6.6.137.mshv1-1.azl3, Kata 3.32.0.kata0-3.azl3';

  it('have the age of their own image, and the newest one that is offered for that pool', async () => {
    const nodePools = observed([aKataPool(), aKataPool({ name: 'odd', nodeImageVersion: 'mine' }), aPlainPool()]);
    const latestImages = observed([
      aLatestImage('kata1', KATA_IMAGE.replace('202608.20', '202611.01')),
      aLatestImage('odd', unavailable('denied', 'no')),
    ]);
    const rows = tableOf(await pagesOf({ nodePools, latestImages }), 'Node pools');
    expect(rows.map((row) => [row.Pool, row['Image age'], row.Latest])).toEqual([
      ['kata1', '95 d', '202611.01.0'],
      ['odd', 'unknown', 'unknown'],
      ['system', '95 d', 'unknown'],
    ]);
  });

  it.each<[string, SnapshotParts, readonly string[]]>([
    [
      'the kernels of their own nodes, each once',
      { nodes: observed(['b', 'a', 'b', ''].map((kernelVersion) => aKataNode({ kernelVersion }))) },
      ['not known for this image', `host b, a, ${guest}`],
    ],
    [
      'the kernel of their image where no node tells',
      { nodes: observed([aPlainNode()]) },
      ['6.6.150.1-1.azl3', `host 6.6.137.mshv2-2.azl3, ${guest}`],
    ],
    [
      'that where the nodes could not be read',
      { nodes: unavailable('denied', 'no') },
      ['not known for this image', `host 6.6.137.mshv2-2.azl3, ${guest}`],
    ],
    [
      'what a newer list of images says',
      {
        nodes: observed([]),
        knownImages: { newest: [], kernels: [{ nodeImageVersion: KATA_IMAGE, guestKernel: 'g', nodeKernel: 'n', kataVersion: 'k' }] },
      },
      ['not known for this image', 'host n, guest g, Kata k'],
    ],
  ])('have %s', async (_, over, expected) => expect(await kernels(over)).toEqual(expected));

  it('are not there where they could not be read', async () => {
    const text = await pagesOf({ nodePools: unavailable('denied', 'No right.'), workloads: unavailable('denied', 'No right.') });
    expect([tableOf(text, 'Node pools'), tableOf(text, 'Workloads')]).toEqual([[], []]);
    expect(await page(undefined)).toContain('Not scanned yet');
  });
});

describe('the workloads on the page of a cluster', () => {
  const workloads = observed([
    aPodGroup({ ownerName: 'must' }),
    aPodGroup({ ownerName: 'may' }),
    aPlainPodGroup({ ownerName: 'exposed' }),
    aPlainPodGroup({ ownerName: 'plain' }),
  ]);

  it('are those with a Kata class and those that the policy requires one of', async () => {
    const runs = [
      run(REQUIRED, judged('pass', 'must'), judged('fail', 'exposed'), judged('not-applicable', 'plain'), judged('pass', 'may', 'node')),
      run('node-image-current', judged('pass', 'plain')),
    ];
    const rows = tableOf(await pagesOf({ workloads }, ...runs), 'Workloads');
    expect(rows.map((row) => `${row.Workload} ${row['Must be sandboxed']}`).toSorted()).toEqual([
      'shop/exposed yes',
      'shop/may no',
      'shop/must yes',
    ]);
  });

  it('are not known to be required where the rule could not be judged', async () => {
    const rows = tableOf(await pagesOf({ workloads }, { ruleId: REQUIRED, state: 'unavailable', missing: [] }), 'Workloads');
    expect(rows.map((row) => row['Must be sandboxed'])).toEqual(['no', 'no']);
  });
});

describe('what fails on the page of a cluster', () => {
  const node = (name: string, over: Partial<Finding> = {}) => aFinding({ subject: { kind: 'node', name }, ...over });

  it('is counted by rule without what is exempted or resolved, and beside each rule stands its verdict', async () => {
    const findings = [node('a'), node('b'), node('kept'), node('gone', { status: 'resolved' })];
    const policy = { exemptions: [anExemption({ node: 'kept' })] };
    const text = await page(aSnapshot(), [run('node-image-current'), run(REQUIRED, judged('pass', 'x'))], { findings, policy });
    expect(sectionOf(text, 'rules')).toMatch(/^Rules fail node-image-current 2 open .* 1 pass pass workload-sandboxed /);
    expect(sectionOf(text, 'findings')).toMatch(/^2 open findings and 1 exempted /);
    expect(text).toContain('>2 open findings</span>');
  });

  it('has at most fifty rows, and a link to the others', async () => {
    const findings = Array.from({ length: 51 }, (_, at) => node(`n${at}`));
    const text = await page(aSnapshot(), [], { findings });
    expect(tableOf(text, 'Open findings')).toHaveLength(50);
    expect(sectionOf(text, 'findings')).toContain('All 51');
  });

  it('has the most severe where there are more than fifty', async () => {
    const findings = Array.from({ length: 100 }, (_, at) => node(`n${at}`, { severity: at % 2 === 0 ? 'low' : 'high' }));
    const rows = tableOf(await page(aSnapshot(), [], { findings }), 'Open findings');
    expect(rows.map(({ Severity }) => Severity)).toEqual(Array(50).fill('high'));
  });

  it('has at most thirty changes of the last thirty days', async () => {
    const { id: findingId, clusterId, ruleId, severity } = aFinding();
    const entry = (at: string): HistoryEntry => ({ findingId, clusterId, ruleId, severity, at, kind: 'opened', cause: 'a', message: 'm' });
    const old = entry('2026-10-24T11:59:59.999Z');
    const oldest = entry('2026-10-24T12:00:00.000Z');
    expect(await page(aSnapshot(), [], { history: [oldest, old] })).toContain('2026-10-24 12:00 UTC');
    expect(await page(aSnapshot(), [], { history: [old] })).toContain('No history yet');
    const text = await page(aSnapshot(), [], { history: Array(31).fill(oldest) });
    expect(text).toContain('22 older changes');
  });
});
