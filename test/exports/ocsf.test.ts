import { describe, expect, it } from 'vitest';
import type { Finding } from '../../shared/domain/findings/finding.ts';
import { coverageText } from '../../shared/domain/findings/finding-text.ts';
import { FULL } from '../../shared/domain/snapshot/observation.ts';
import type { ExportedVerdict } from '../../shared/exports/export.ts';
import { writeOcsf } from '../../shared/exports/ocsf.ts';
import { verdictId } from '../../shared/exports/words.ts';
import { aFinding, clusterIdOf, SUBSCRIPTION } from '../http/estate.ts';
import { missingSchemas, ocsfSchema } from './official.ts';
import { aContext, exemption, FINDINGS, from, written } from './samples.ts';

const verdict = {
  clusterId: clusterIdOf('prod'),
  clusterName: 'prod',
  subscriptionId: SUBSCRIPTION,
  ruleId: 'node-image-current',
} as const;
const VERDICTS: readonly ExportedVerdict[] = [
  { ...verdict, subject: { kind: 'node-pool', name: 'a' }, verdict: 'pass', coverage: FULL, observedAt: '2026-11-23T06:00:00.000Z' },
  { ...verdict, verdict: 'unknown', message: '403 from ARM', coverage: FULL, observedAt: '2026-11-23T06:00:00.000Z' },
];

const events = async (context = aContext()) =>
  (await written(writeOcsf, FINDINGS, context))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('OCSF', () => {
  it.skipIf(missingSchemas)('is valid by the official schema of Compliance Finding 1.8.0', async () => {
    const valid = ocsfSchema();
    for (const event of await events(aContext({ verdicts: () => from(VERDICTS) }))) {
      valid(event);
      expect(valid.errors ?? []).toEqual([]);
    }
  });

  it('contains the life cycle as activity, and times in milliseconds', async () => {
    const [fresh, seen, stale, complies, gone, exempted] = await events();
    expect(fresh).toMatchObject({
      activity_id: 1,
      type_uid: 200301,
      class_uid: 2003,
      status_id: 1,
      time: Date.UTC(2026, 10, 23, 6, 0, 0, 250),
    });
    expect(seen).toMatchObject({ activity_id: 2, type_uid: 200302, severity_id: 5, compliance: { status_id: 3 } });
    expect(complies).toMatchObject({ activity_id: 3, type_uid: 200303, status_id: 4, compliance: { status_id: 1 } });
    expect(gone).toMatchObject({ activity_id: 3, status_id: 6, compliance: { status_id: 0 } });
    expect(exempted).toMatchObject({ status_id: 3, compliance: { status_id: 3 }, unmapped: { exemption: { id: 'e1' } } });
    expect(stale.compliance.status_details).toContain('The newest scan could not judge this rule.');
  });

  it('states the error bound of a sample', async () => {
    expect((await events())[1].compliance.status_details[1]).toContain('at most 13.1 % of the nodes at 95 % confidence');
  });

  it('names the subscription as account type 13, and no account outside Azure', async () => {
    const all = await events();
    expect(all[0].cloud).toEqual({ provider: 'Azure', account: { uid: SUBSCRIPTION, type_id: 13, type: 'Azure Subscription' } });
    expect(all.at(-1)).not.toHaveProperty('cloud');
  });

  it('contains passes and unknowns only on request, and an unknown is never a pass', async () => {
    expect(await events()).toHaveLength(FINDINGS.length);
    const all = await events(aContext({ verdicts: () => from(VERDICTS) }));
    const [passed, unknown] = all.slice(FINDINGS.length);
    const id = clusterIdOf('prod');
    expect(passed).toMatchObject({
      activity_id: 2,
      severity_id: 1,
      time: Date.UTC(2026, 10, 23, 6),
      finding_info: { uid: verdictId(id, verdict.ruleId, { kind: 'node-pool', name: 'a' }), title: 'Node pools run a current node image' },
      compliance: { status_id: 1, control: verdict.ruleId, status_details: [coverageText(FULL)] },
      resources: [{ uid: `${id}/node-pool/a` }],
      unmapped: { coverage: FULL },
    });
    expect(unknown).toMatchObject({
      finding_info: { uid: verdictId(id, verdict.ruleId, undefined) },
      compliance: { status_id: 0, status_details: ['403 from ARM', coverageText(FULL)] },
      resources: [{ uid: id, type: 'cluster' }],
    });
  });
});

describe('one event of OCSF', () => {
  const eventOf = async (finding: Finding) => JSON.parse(await written(writeOcsf, [{ finding }]));

  it.each([
    ['critical', 5],
    ['high', 4],
    ['medium', 3],
    ['low', 2],
    ['info', 1],
  ] as const)('of the severity %s has the id %i', async (severity, id) => {
    expect(await eventOf(aFinding({ severity }))).toMatchObject({ severity, severity_id: id });
  });

  it('says what was seen, what it is measured by, and what to do', async () => {
    const finding = aFinding();
    const event = await eventOf(finding);
    expect(event).toMatchObject({
      metadata: { profiles: ['cloud'] },
      compliance: {
        desc: 'An old image keeps flaws.',
        requirements: ['Node pools run a current node image'],
        status_details: [finding.message, coverageText(FULL)],
      },
      remediation: { references: ['https://learn.microsoft.com/azure/aks/node-image-upgrade'] },
      unmapped: { facts: finding.facts, commands: finding.commands, coverage: FULL },
    });
    expect(event.compliance.status_details).toHaveLength(2);
    const { commands: _, ...bare } = finding;
    expect((await eventOf(bare)).unmapped.commands).toEqual([]);
  });

  it('is closed by its resolution, even if it was exempted', async () => {
    const closed = { status: 'resolved', resolvedAt: '2026-11-23T06:00:00.000Z' } as const;
    const statusOf = async (over: Partial<Finding>, more = {}) =>
      JSON.parse(await written(writeOcsf, [{ finding: aFinding({ ...closed, ...over }), ...more }])).status;
    expect(await statusOf({ resolution: 'cluster-deleted' })).toBe('Deleted');
    expect(await statusOf({ resolution: 'complies' }, { exemption })).toBe('Resolved');
  });

  it('has the times of its finding, each in its member', async () => {
    const at = (hour: number) => `2026-11-23T0${hour}:00:00.000Z`;
    const times = { firstSeenAt: at(1), lastSeenAt: at(2), observedAt: at(3) };
    const ms = (hour: number) => Date.UTC(2026, 10, 23, hour);
    const info = { first_seen_time: ms(1), created_time: ms(1), last_seen_time: ms(2) };
    expect(await eventOf(aFinding(times))).toMatchObject({ time: ms(3), finding_info: { ...info, modified_time: ms(3) } });
    const closed = aFinding({ ...times, status: 'resolved', resolution: 'rule-off', resolvedAt: at(4), reopenCount: 2 });
    expect(await eventOf(closed)).toMatchObject({
      time: ms(4),
      status_id: 4,
      finding_info: { ...info, modified_time: ms(4) },
      compliance: { status_id: 0 },
      unmapped: { reopen_count: 2, resolution: 'rule-off' },
    });
  });

  it.each<[Finding['subject'], object]>([
    [{ kind: 'cluster' }, { uid: clusterIdOf('prod'), name: 'prod', type: 'cluster' }],
    [
      { kind: 'node', name: 'n1' },
      { uid: `${clusterIdOf('prod')}/node/n1`, name: 'prod: node n1', type: 'node' },
    ],
    [
      { kind: 'workload', namespace: 'shop', ownerKind: 'Deployment', ownerName: 'cart' },
      {
        uid: `${clusterIdOf('prod')}/workload/shop/Deployment/cart`,
        name: 'prod: Deployment shop/cart',
        type: 'workload',
        namespace: 'shop',
      },
    ],
  ])('names %o as its resource', async (subject, resource) => {
    expect((await eventOf(aFinding({ subject }))).resources).toEqual([resource]);
  });
});
