import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../../shared/domain/policy/policy.ts';
import { evaluate } from '../../../shared/domain/rule/evaluate.ts';
import type { ClusterSnapshot } from '../../../shared/domain/snapshot/snapshot.ts';
import { defaultEstate } from '../../../shared/local/estate/default-estate.ts';
import { repair } from '../../../shared/local/estate/repair.ts';
import { type RunningEstate, startEstate } from '../../../shared/local/estate/server.ts';
import { RULES } from '../../../shared/rules/index.ts';
import { lookAtAll, plantedLines, verdictLines } from './look-at-all.ts';

const estate = defaultEstate('kataudit', new Date('2026-09-01T12:00:00.000Z'));
let running: RunningEstate;

beforeAll(async () => {
  running = await startEstate(estate);
});
afterAll(() => running.stop());

/** The text of the rules on node images after the lag, by pool. */
function reasonsOfLag(snapshots: readonly ClusterSnapshot[]): string[] {
  const judged = snapshots.flatMap((snapshot) => evaluate(snapshot, RULES, DEFAULT_POLICY));
  const failures = judged.flatMap((run) => (run.state === 'judged' && run.ruleId.startsWith('node-image-') ? run.judgements : []));
  return failures.flatMap(({ verdict, subject, message = '' }) => {
    const reason = /\. ((?:It is|An upgrade|Security) .*)$/.exec(message)?.[1];
    return verdict === 'fail' && subject.kind === 'node-pool' && reason !== undefined ? [`${subject.name}: ${reason}`] : [];
  });
}

const planted = () => plantedLines(running.estate);

describe('an audit of the simulated estate with the real adapters', () => {
  test('finds exactly what was planted, and what a repair left', async () => {
    const snapshots = await lookAtAll(running);
    expect(verdictLines(snapshots)).toEqual(planted());
    expect(reasonsOfLag(snapshots)).toEqual([
      'kata: An upgrade is planned in the maintenance window of 2026-09-06 01:00 to 2026-09-06 05:00 UTC (aksManagedNodeOSUpgradeSchedule, channel NodeImage).',
      'kataold: It is pinned to a node pool snapshot.',
      'kataold: It is pinned to a node pool snapshot.',
    ]);
    // Only for the cluster in which a window can be the reason.
    const asked = running.requests.filter(({ path }) => /maintenanceConfigurations/i.test(path)).map(({ path }) => path.split('?')[0]);
    expect(asked).toEqual([expect.stringMatching(/\/pay-prod-neu\/maintenanceConfigurations$/i)]);
    const pods = snapshots.flatMap(({ workloads }) => (workloads.state === 'observed' ? workloads.value : []));
    expect(pods.reduce((sum, group) => sum + group.pods, 0)).toBeGreaterThan(3_000);
    await running.setEstate(repair(running.estate, ({ clusterName }) => clusterName !== 'pay-prod-neu'));
    expect(planted()).toEqual(planted().filter((line) => line.startsWith('pay-prod-neu ')));
    expect(planted().length).toBeGreaterThan(3);
    expect(verdictLines(await lookAtAll(running))).toEqual(planted());
  });
});
