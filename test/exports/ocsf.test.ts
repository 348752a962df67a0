import { describe, expect, it } from 'vitest';
import { FULL } from '../../shared/domain/snapshot/observation.ts';
import type { ExportedVerdict } from '../../shared/exports/export.ts';
import { writeOcsf } from '../../shared/exports/ocsf.ts';
import { clusterIdOf, SUBSCRIPTION } from '../http/estate.ts';
import { missingSchemas, ocsfSchema } from './official.ts';
import { aContext, FINDINGS, from, written } from './samples.ts';

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
    expect(all.slice(FINDINGS.length)).toMatchObject([{ compliance: { status_id: 1 } }, { compliance: { status_id: 0 } }]);
  });
});
