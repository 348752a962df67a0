import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { printReport } from '../../shared/cli/audit.ts';
import { DEFAULT_POLICY } from '../../shared/domain/policy/policy.ts';
import { FULL, observed } from '../../shared/domain/snapshot/observation.ts';
import type { ClusterSnapshot } from '../../shared/domain/snapshot/snapshot.ts';
import { auditSnapshot } from '../../shared/usecases/audit-snapshot.ts';
import { aPodGroup, aSnapshot } from '../support/a-snapshot.ts';
import { anyEvidence } from '../support/any-evidence.ts';
import { type Bounds, boundsOfGroup, boundsOfPool } from '../support/evidence-bounds.ts';
import { someSurroundings } from '../support/surroundings.ts';
import { rounds } from '../support/thorough.ts';
import { ask } from './client.ts';
import { anEstate, aSummary } from './estate.ts';

const summary = aSummary('prod', []);
const PATH = `/clusters/${summary.cluster.subscriptionId}/${summary.cluster.resourceGroup}/${summary.cluster.name}`;
const Evidence = z.object({ step: z.enum(['none', 'declared', 'resolved', 'proven', 'disproved']), reason: z.string().min(1) });
const Report = z.object({
  isolation: z.object({
    nodePools: z.array(Evidence.extend({ nodePool: z.string() })),
    workloads: z.array(Evidence.extend({ ownerName: z.string() })),
    moreWorkloads: z.number(),
  }),
});

/** An app with this newest snapshot of one cluster. */
function anApp(snapshot: ClusterSnapshot) {
  const estate = anEstate({ summaries: [summary] });
  const assessment = { snapshot, runs: [], policyHash: '' };
  return { ...estate, assessments: { ...estate.assessments, get: async () => assessment } };
}

/** The highest step that the evidence allows for everything that is shown with a step. */
function allBounds(snapshot: ClusterSnapshot) {
  const groups = snapshot.workloads.state === 'observed' ? snapshot.workloads.value : [];
  return {
    workloads: new Map(groups.map((group) => [group.ownerName, boundsOfGroup(group, snapshot)])),
    pools: new Map([['kata1', boundsOfPool('kata1', snapshot)]]),
  };
}

function expectReportWithin(report: unknown, snapshot: ClusterSnapshot): void {
  const { isolation } = Report.parse(report);
  const { workloads, pools } = allBounds(snapshot);
  const steps = [
    ...isolation.nodePools.map(({ nodePool, step }) => ({ step, bounds: pools.get(nodePool) })),
    ...isolation.workloads.map(({ ownerName, step }) => ({ step, bounds: workloads.get(ownerName) })),
  ];
  for (const { step, bounds } of steps) {
    expect(step === 'disproved').toBe(bounds?.isDisproved);
    if (step === 'proven') expect(bounds?.mayBeProven).toBe(true);
    if (step === 'resolved') expect(bounds?.mayBeResolved).toBe(true);
  }
}

const count = (text: string, pattern: RegExp) => text.match(pattern)?.length ?? 0;
const may = (bounds: Iterable<Bounds>, what: keyof Bounds) => [...bounds].filter((one) => one[what]).length;

/** The table of a page that contains a heading. */
const section = (page: string, heading: string) => page.split(`<h2>${heading}`)[1]?.split('</section>')[0] ?? '';

function expectPageWithin(page: string, snapshot: ClusterSnapshot): void {
  const { workloads, pools } = allBounds(snapshot);
  for (const [heading, bounds] of [
    ['Workloads', workloads],
    ['Kata pools', pools],
  ] as const) {
    const shown = section(page, heading);
    expect(shown).not.toBe('');
    expect(count(shown, /badge proven/g)).toBeLessThanOrEqual(may(bounds.values(), 'mayBeProven'));
    expect(count(shown, /badge resolved-step/g)).toBeLessThanOrEqual(may(bounds.values(), 'mayBeResolved'));
  }
}

describe('the isolation that is shown', () => {
  async function printed(snapshot: ClusterSnapshot, format: 'table' | 'json'): Promise<string> {
    const here = someSurroundings();
    const inForce = { policy: DEFAULT_POLICY, hash: '', source: 'built-in' };
    await printReport(here, { clusters: [auditSnapshot(snapshot, [], DEFAULT_POLICY)], notListed: [] }, [{ format }], inForce, {
      failOn: 'info',
    });
    return here.out();
  }
  const auditJson = async (snapshot: ClusterSnapshot): Promise<unknown> => JSON.parse(await printed(snapshot, 'json'));

  it('is never a step above the evidence, in the API, on the page of the cluster, and in the document of an audit', async () => {
    await fc.assert(
      fc.asyncProperty(anyEvidence, async (snapshot) => {
        const app = anApp(snapshot);
        expectReportWithin((await ask(app, PATH)).json, snapshot);
        expectPageWithin((await ask(app, `/dashboard/cluster?id=${encodeURIComponent(summary.cluster.id)}`)).text, snapshot);
        expectReportWithin(await auditJson(snapshot), snapshot);
      }),
      { numRuns: rounds(150, 50) },
    );
  });

  it('contains every sandboxed workload and every Kata pool, each with its step and reason', async () => {
    const snapshot = aSnapshot();
    const steps = [{ nodePool: 'kata1', step: 'resolved', reason: 'Not probed: The isolation probe is off.' }];
    const workloads = [{ ownerName: 'cart', step: 'resolved', reason: 'Not probed: The isolation probe is off.' }];
    expect((await ask(anApp(snapshot), PATH)).json).toMatchObject({ isolation: { nodePools: steps, workloads, moreWorkloads: 0 } });
    expect(await auditJson(snapshot)).toMatchObject({ isolation: { nodePools: steps, workloads } });
    const page = (await ask(anApp(snapshot), `/dashboard/cluster?id=${encodeURIComponent(summary.cluster.id)}`)).text;
    for (const heading of ['Workloads', 'Kata pools']) expect(section(page, heading)).toContain('badge resolved-step');
  });

  it('is also in the table of an audit', async () => {
    const text = await printed(aSnapshot(), 'table');
    expect(text).toMatch(/^pool kata1 +resolved +Not probed/m);
    expect(text).toMatch(/^shop\/Deployment\/cart +resolved +Not probed/m);
  });

  it('begins with the least isolated of many workloads, and says how many are not shown', async () => {
    const many = Array.from({ length: 1_001 }, (_, at) => aPodGroup({ ownerName: `web${at}` }));
    const lost = aPodGroup({ ownerName: 'lost', runtimeClassName: 'gone' });
    const { isolation } = Report.parse((await ask(anApp(aSnapshot({ workloads: observed([...many, lost], FULL) })), PATH)).json);
    expect(isolation.workloads[0]).toMatchObject({ ownerName: 'lost', step: 'declared' });
    expect(isolation.workloads).toHaveLength(1_000);
    expect(isolation.moreWorkloads).toBe(2);
  });

  it('is absent for a cluster that was never scanned', async () => {
    const { json } = await ask(anEstate({ summaries: [summary] }), PATH);
    expect(json).not.toHaveProperty('isolation');
  });
});
