import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { vulnerabilityData } from '../../../shared/azure/vulnerability-data.ts';
import { DEFAULT_POLICY } from '../../../shared/domain/policy/policy.ts';
import { isRuleOn } from '../../../shared/domain/policy/rule-setting.ts';
import { RULES } from '../../../shared/rules/index.ts';
import { assessmentName } from '../../../shared/usecases/publish/defender-publisher.ts';
import { startVulnerabilityServer } from '../../azure/support/vulnerability-server.ts';
import { smallEstate } from '../../faults/small-estate.ts';
import { PUBLIC_URL, PublishingWorld } from './world.ts';

const ON = RULES.filter((rule) => isRuleOn(rule, DEFAULT_POLICY)).map(({ id }) => id);
const [IMAGE, PRIVILEGED] = ['node-image-current', 'sandboxed-pod-privileged'];
/** The findings of the small estate in each of its clusters. */
const FAILING = [IMAGE, PRIVILEGED, 'sandboxed-pod-host-namespaces', 'workload-sandboxed'].sort();

let world: PublishingWorld;
beforeAll(async () => {
  world = await PublishingWorld.start();
});
beforeEach(async () => {
  await world.reset();
});
afterAll(() => world.running.stop());

/** Everything that was published, except its dates and its evidence. */
function undated(): unknown {
  return [...world.told].map(([id, properties]) => {
    const { assessmentDate: _a, expiresOn: _e, evidence: _v, metadata: _m, additionalData, ...said } = properties;
    const { observedAt: _o, ...facts } = (additionalData ?? {}) as Record<string, string>;
    return [id, said, facts];
  });
}

const kinds = () => Map.groupBy(world.told.keys(), (id) => id.split('/').at(-2) ?? '');
const asked = (method: string, kind: string) =>
  world.running.requests.filter(({ method: one, path }) => one === method && path.includes(`/${kind}/`)).length;

describe('a published audit', () => {
  it('leaves exactly one assessment type per rule and subscription, one assessment per rule and cluster, and one attestation per cluster', async () => {
    await world.audit();
    await world.publish();
    const { subscriptions } = world.running.estate;
    const clusters = subscriptions.flatMap((one) => one.clusters.map(({ name }) => name));
    const names = ON.map(assessmentName).sort();
    expect(world.parked).toEqual([]);
    for (const { id } of subscriptions)
      expect(world.namesUnder(`/subscriptions/${id}/providers/microsoft.security/assessmentmetadata`)).toEqual(names);
    for (const name of clusters) expect(world.assessmentsOf(name).map(([one]) => one)).toEqual(names);
    expect(Object.fromEntries([...kinds()].map(([kind, ids]) => [kind, ids.length]))).toEqual({
      assessmentmetadata: ON.length * subscriptions.length,
      assessments: ON.length * clusters.length,
      attestations: clusters.length,
    });
  });

  it('contains the result of each rule, and links to the app', async () => {
    await world.audit();
    await world.publish();
    for (const name of ['beside', 'ill', 'well-2', 'well-3']) {
      const unhealthy = world.assessmentsOf(name).filter(([, { status }]) => status.code === 'Unhealthy');
      expect(unhealthy.map(([, { additionalData }]) => additionalData.ruleId).sort()).toEqual(FAILING);
    }
    const ill = new Map(world.assessmentsOf('ill'));
    expect(ill.get(assessmentName(PRIVILEGED))).toEqual({
      resourceDetails: { source: 'Azure' },
      status: { code: 'Unhealthy', cause: 'OpenFindings', description: '1 open finding.' },
      additionalData: {
        ruleId: PRIVILEGED,
        openFindings: '1',
        exemptedFindings: '0',
        worstSeverity: 'medium',
        observedAt: '2026-09-01T12:00:00.000Z',
        report: expect.stringMatching(
          /^https:\/\/kataudit\.example\/api\/dashboard\/findings\?cluster=%2Fsubscriptions%2F.*%2Fill&rule=sandboxed-pod-privileged$/,
        ),
      },
    });
    expect(ill.get(assessmentName('kata-pool-present'))?.status.code).toBe('Healthy');
    expect(ill.get(assessmentName('isolation-proven'))?.status).toMatchObject({ code: 'NotApplicable', cause: 'NothingToJudge' });
    expect(JSON.stringify([...world.told])).not.toContain('cart');
  });

  it('attests with the sealed bundle, until two audits should have renewed it', async () => {
    await world.audit();
    await world.publish();
    expect(world.attestationOf('ill')).toEqual({
      policyAssignmentId: `/subscriptions/${world.subscriptionOf('ill')}/providers/Microsoft.Authorization/policyAssignments/kataudit`,
      complianceState: 'NonCompliant',
      assessmentDate: '2026-09-01T12:00:00.000Z',
      expiresOn: '2026-09-02T02:00:00.000Z',
      comments: `4 of ${ON.length} rules fail.`,
      evidence: [
        {
          description: `Kataudit evidence bundle 1, SHA-256 of its manifest ${'1'.repeat(64)}, sealed 2026-09-01T12:01:00.000Z.`,
          sourceUri: `${PUBLIC_URL}/api/exports/bundle?number=1`,
        },
      ],
      metadata: {
        auditId: 'audit-1',
        bundleSequence: '1',
        bundleSha256: '1'.repeat(64),
        rulesFailed: '4',
        rulesUnknown: '0',
        rulesExempted: '0',
      },
    });
  });

  it('is published again a day later with only other dates and evidence', async () => {
    await world.audit();
    await world.publish();
    const [before, described] = [undated(), asked('PUT', 'assessmentMetadata')];
    await world.audit();
    await world.publish();
    expect(undated()).toEqual(before);
    expect(asked('PUT', 'assessmentMetadata')).toBe(described);
    expect(world.assessmentsOf('ill')[0]?.[1].additionalData.observedAt).toBe('2026-09-02T12:00:00.000Z');
    expect(world.attestationOf('ill')).toMatchObject({
      assessmentDate: '2026-09-02T12:00:00.000Z',
      expiresOn: '2026-09-03T02:00:00.000Z',
      metadata: { bundleSequence: '2' },
    });
  });

  it('costs one call per cluster when nothing has changed six hours later', async () => {
    await world.audit();
    await world.publish();
    const [before, assessed, attested] = [undated(), asked('PUT', 'assessments'), asked('PUT', 'attestations')];
    await world.audit(0.25);
    await world.publish();
    expect(undated()).toEqual(before);
    expect([asked('PUT', 'assessments') - assessed, asked('PUT', 'attestations') - attested]).toEqual([0, 4]);
  });

  it('is queued once, however often the timer runs', async () => {
    await world.audit();
    await world.publish();
    const before = world.running.requests.length;
    await world.publish();
    expect(world.running.requests).toHaveLength(before);
    expect(world.lines.at(-1)).toBe('attestations: on audit-1 was queued already.');
  });
});

describe('an audit with every service on', () => {
  it('contains the vulnerabilities of the lagging images, and publishes the same as without them', async () => {
    const images = smallEstate().subscriptions.flatMap(({ clusters }) => clusters.flatMap(({ nodePools }) => nodePools));
    const kata = images.find(({ name }) => name === 'kata');
    const served = [kata?.nodeImageVersion, kata?.latestNodeImageVersion].map((image, at) => ({
      path: 'AKSAzureLinuxV3-gen2kata',
      distro: 'AKSAzureLinuxV3/gen2kata',
      release: image?.split('-').at(-1) ?? '',
      ids: at === 0 ? ['CVE-2026-1001', 'CVE-2026-1002'] : ['CVE-2026-1002'],
    }));
    const server = await startVulnerabilityServer(served);
    try {
      await world.audit();
      await world.publish();
      const without = undated();
      await world.reset();
      world.vulnerabilities = vulnerabilityData({ clock: () => world.now, address: server.address });
      await world.audit();
      await world.publish();
      const { value } = await world.storage.findings.list({ rule: [IMAGE], status: ['open'] }, 100);
      expect(value).toHaveLength(4);
      for (const { facts } of value) expect(facts).toMatchObject({ vulnerabilitiesClosed: 1, vulnerabilityIds: ['CVE-2026-1001'] });
      expect(undated()).toEqual(without);
      // The index and two reports, however many clusters run the image; once per cluster only because this source caches nothing.
      expect(new Set(server.asked).size).toBe(3);
    } finally {
      await server.stop();
    }
  });
});

describe('an unknown result', () => {
  it('is never healthy, and never compliant', async () => {
    world.running.faults.inject({ server: 'ill', path: /\/pods\?/, action: { kind: 'status', status: 403 } });
    world.mend();
    await world.audit();
    world.running.faults.clear();
    await world.publish();
    const ill = new Map(world.assessmentsOf('ill'));
    for (const rule of ['sandboxed-pod-starts', 'sandboxed-pod-host-path', 'kata-pool-used'])
      expect(ill.get(assessmentName(rule))?.status, rule).toMatchObject({ code: 'NotApplicable', cause: 'NotAssessed' });
    expect(ill.get(assessmentName('cluster-assessed'))?.status.code).toBe('Unhealthy');
    expect(world.attestationOf('ill')?.complianceState).not.toBe('Compliant');
    expect(world.attestationOf('beside')?.complianceState).toBe('Compliant');
  });

  it('is not attested without a sealed bundle, and health reports it', async () => {
    world.signs = false;
    await world.audit();
    await world.publish();
    expect(kinds().has('attestations')).toBe(false);
    const problem = { code: 'unsupported', message: 'No key signs evidence: set KATAUDIT_SIGNING_KEY.' };
    expect(await world.status()).toMatchObject([
      { service: 'defender', failures: 0 },
      { service: 'attestations', problem },
    ]);
  });
});

describe('an exempted finding', () => {
  it('is not applicable with its cause, and does not count against the cluster', async () => {
    const exemption = { category: 'waiver', reason: 'r', approvedBy: 'ciso', expiresOn: '2026-12-31T00:00:00Z' } as const;
    world.policy = { ...DEFAULT_POLICY, exemptions: FAILING.map((rule) => ({ id: rule, rule, ...exemption })) };
    await world.audit();
    await world.publish();
    const status = { code: 'NotApplicable', cause: 'Exempted', description: 'Every open finding is exempted: 1.' };
    expect(new Map(world.assessmentsOf('ill')).get(assessmentName(IMAGE))?.status).toEqual(status);
    expect(world.attestationOf('ill')).toMatchObject({ complianceState: 'Compliant', metadata: { rulesExempted: '4' } });
    expect(world.attestationOf('ill')?.comments).toContain('4 rules are exempted.');
  });
});

describe('withdrawal', () => {
  const without = (rule: string) => ({ ...DEFAULT_POLICY, rules: { [rule]: 'off' as const } });
  const DENIED = {
    kind: 'status',
    status: 403,
    body: '{"error":{"code":"AuthorizationFailed","message":"No."}}',
    isRefusal: true,
  } as const;

  it('deletes only the assessments of a rule that is turned off', async () => {
    await world.audit();
    await world.publish();
    const before = new Map(world.told);
    world.policy = without(IMAGE);
    await world.audit(0.25);
    await world.publish();
    const gone = [...before.keys()].filter((id) => !world.told.has(id));
    expect(gone).toEqual([...before.keys()].filter((id) => id.endsWith(assessmentName(IMAGE))));
    expect(gone).toHaveLength(3 + 4);
  });

  it('marks an assessment as not applicable when Azure refuses its deletion, and reports it until it is deleted', async () => {
    await world.audit();
    await world.publish();
    const denied = world.running.faults.inject({ server: 'arm', method: 'DELETE', path: /assessment/i, action: DENIED });
    world.policy = without(IMAGE);
    await world.audit(0.25);
    await world.publish();
    expect(new Map(world.assessmentsOf('ill')).get(assessmentName(IMAGE))?.status).toEqual({
      code: 'NotApplicable',
      cause: 'Withdrawn',
      description: 'Kataudit no longer assesses this, and may not delete it.',
    });
    expect(await world.status()).toMatchObject([{ service: 'defender', failures: 0, leftBehind: 3 + 4 }, {}]);
    denied.remove();
    await world.audit(2);
    await world.publish();
    expect([...world.told.keys()].filter((id) => id.endsWith(assessmentName(IMAGE)))).toEqual([]);
    expect(await world.status()).toMatchObject([{ leftBehind: 0 }, {}]);
  });

  it('forgets a deleted cluster, and withdraws the resources of one that is out of scope', async () => {
    await world.audit();
    await world.publish();
    const { estate } = world.running;
    await world.running.setEstate({
      ...estate,
      subscriptions: estate.subscriptions.map((one) => ({ ...one, clusters: one.clusters.filter(({ name }) => name !== 'ill') })),
    });
    world.policy = { ...DEFAULT_POLICY, scope: { ...DEFAULT_POLICY.scope, exclude: ['well-3'] } };
    await world.audit(0.25);
    await world.publish();
    expect(world.parked).toEqual([]);
    const left = [...world.told.keys()].filter(
      (id) => /managedclusters\/(ill|well-3)\//.test(id) || id.includes(world.subscriptionOf('well-3')),
    );
    expect(left).toEqual([]);
    expect(world.assessmentsOf('beside')).toHaveLength(ON.length);
    const scopes = (await world.storage.publications.list('defender')).map(({ scope }) => scope);
    expect(scopes.filter((scope) => /(ill|well-3)$/.test(scope))).toEqual([]);
  });

  it.each(['defender', 'attestations'] as const)(
    'of %s leaves nothing behind, in Azure and in the app, and does not change the other service',
    async (service) => {
      await world.audit();
      await world.publish();
      const isOther = (id: string) => id.includes('/attestations/') === (service === 'defender');
      const others = [...world.told].filter(([id]) => isOther(id));
      world.mode[service] = 'withdraw';
      await world.publish();
      expect([...world.told]).toEqual(others);
      expect(await world.storage.publications.list(service)).toEqual([]);
      expect((await world.status()).find((one) => one.service === service)).toMatchObject({ mode: 'withdraw', leftBehind: 0, failures: 0 });
      world.mode[service] = 'off';
      expect((await world.status()).map((one) => one.service)).not.toContain(service);
    },
  );

  it('that was omitted before turning off is reported by health, and causes no calls', async () => {
    await world.audit();
    await world.publish();
    const [before, told] = [world.running.requests.length, world.told.size];
    world.mode = { defender: 'off', attestations: 'off' };
    await world.publish();
    expect([world.running.requests.length, world.told.size]).toEqual([before, told]);
    const leftBehind = [ON.length * (3 + 4), 4];
    expect((await world.status()).map((one) => [one.mode, one.leftBehind])).toEqual(leftBehind.map((count) => ['off', count]));
  });
});
