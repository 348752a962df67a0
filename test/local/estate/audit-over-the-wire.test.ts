import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { staticToken } from '../../../shared/azure/client/credential.ts';
import type { AzureOptions } from '../../../shared/azure/client/options.ts';
import { createAzureEstate } from '../../../shared/azure/estate/azure-estate.ts';
import { clusterCredential } from '../../../shared/azure/estate/cluster-credential.ts';
import { DEFAULT_POLICY } from '../../../shared/domain/policy/policy.ts';
import { evaluate } from '../../../shared/domain/rule/evaluate.ts';
import type { ClusterSnapshot } from '../../../shared/domain/snapshot/snapshot.ts';
import { subjectKey } from '../../../shared/domain/snapshot/subject.ts';
import { accessFromAksCredential } from '../../../shared/kubernetes/client/access.ts';
import { openCluster } from '../../../shared/kubernetes/open-cluster.ts';
import { defaultEstate } from '../../../shared/local/estate/default-estate.ts';
import { plantedFaults } from '../../../shared/local/estate/planted-faults.ts';
import { repair } from '../../../shared/local/estate/repair.ts';
import { type RunningEstate, startEstate } from '../../../shared/local/estate/server.ts';
import { createMemoryStorage } from '../../../shared/memory/storage.ts';
import { RULES } from '../../../shared/rules/index.ts';
import { scanCluster } from '../../../shared/usecases/scan-cluster.ts';

const estate = defaultEstate('kataudit', new Date('2026-09-01T12:00:00.000Z'));
const clock = () => new Date(estate.now);
let running: RunningEstate;

beforeAll(async () => {
  running = await startEstate(estate);
});
afterAll(() => running.stop());

/** Looks at every cluster of the running estate as the app does, with its own adapters. */
async function lookAtAll(): Promise<readonly ClusterSnapshot[]> {
  const { armEndpoint, token, caPem } = running;
  const options: AzureOptions = { credential: staticToken(token), armEndpoint, clock: () => new Date(), tlsOptions: { ca: caPem } };
  const azure = createAzureEstate(options);
  const credentialOf = clusterCredential(options);
  const signal = AbortSignal.timeout(60_000);
  const storage = createMemoryStorage();
  const deps = {
    azure,
    maintenance: azure,
    connect: async (listed: Parameters<typeof credentialOf>[0], abortSignal: AbortSignal) => {
      const { kubeconfig, token: own, hosts } = await credentialOf(listed, abortSignal);
      return openCluster(await accessFromAksCredential(kubeconfig, own, hosts), { clock: () => new Date() });
    },
    probe: { mode: 'off' as const, open: () => Promise.reject(new Error('The probe is off.')) },
    policy: async () => ({ policy: DEFAULT_POLICY, hash: '', source: 'a test' }),
    rules: RULES,
    clock,
    ...storage,
  };
  const listed = await Promise.all(running.estate.subscriptions.map(({ id }) => azure.listClusters(id, signal)));
  const snapshots: ClusterSnapshot[] = [];
  for (const { id: clusterId } of listed.flatMap(({ clusters }) => clusters)) {
    await scanCluster(deps, { clusterId, cause: 'a test', requestedAt: estate.now }, true, signal);
    const held = await storage.assessments.get(clusterId);
    if (held !== undefined) snapshots.push(held.snapshot);
  }
  return snapshots;
}

function verdicts(snapshots: readonly ClusterSnapshot[]): string[] {
  const lines = snapshots.flatMap((snapshot) =>
    evaluate(snapshot, RULES, DEFAULT_POLICY).flatMap((run): string[] => {
      const line = (verdict: string, subject: string) => `${snapshot.cluster.name} ${run.ruleId} ${verdict} ${subject}`;
      if (run.state === 'judged') {
        const telling = run.judgements.filter(({ verdict }) => verdict === 'fail' || verdict === 'unknown');
        return telling.map(({ verdict, subject }) => line(verdict, subjectKey(subject)));
      }
      return run.state === 'unavailable' ? [line('unknown', 'cluster')] : [];
    }),
  );
  return lines.toSorted();
}

/** What the rules on node images say after the lag itself, by pool. */
function reasonsOfLag(snapshots: readonly ClusterSnapshot[]): string[] {
  const judged = snapshots.flatMap((snapshot) => evaluate(snapshot, RULES, DEFAULT_POLICY));
  const failures = judged.flatMap((run) => (run.state === 'judged' && run.ruleId.startsWith('node-image-') ? run.judgements : []));
  return failures.flatMap(({ verdict, subject, message = '' }) => {
    const reason = /\. ((?:It is|An upgrade|Security) .*)$/.exec(message)?.[1];
    return verdict === 'fail' && subject.kind === 'node-pool' && reason !== undefined ? [`${subject.name}: ${reason}`] : [];
  });
}

function planted(): string[] {
  const lines = plantedFaults(running.estate).map(
    ({ clusterName, ruleId, verdict, subject }) => `${clusterName} ${ruleId} ${verdict} ${subjectKey(subject)}`,
  );
  return lines.toSorted();
}

describe('an audit of the simulated estate with the real adapters', () => {
  test('finds exactly what was planted, and what a repair left', async () => {
    const snapshots = await lookAtAll();
    expect(verdicts(snapshots)).toEqual(planted());
    expect(reasonsOfLag(snapshots)).toEqual([
      'kata: An upgrade is planned in the maintenance window of 2026-09-06 01:00 to 2026-09-06 05:00 UTC (aksManagedNodeOSUpgradeSchedule, channel NodeImage).',
      'kataold: It is pinned to a node pool snapshot.',
      'kataold: It is pinned to a node pool snapshot.',
    ]);
    // Only of the cluster in which a window can be the reason.
    const asked = running.requests.filter(({ path }) => /maintenanceConfigurations/i.test(path)).map(({ path }) => path.split('?')[0]);
    expect(asked).toEqual([expect.stringMatching(/\/pay-prod-neu\/maintenanceConfigurations$/i)]);
    const pods = snapshots.flatMap(({ workloads }) => (workloads.state === 'observed' ? workloads.value : []));
    expect(pods.reduce((sum, group) => sum + group.pods, 0)).toBeGreaterThan(3_000);
    await running.setEstate(repair(running.estate, ({ clusterName }) => clusterName !== 'pay-prod-neu'));
    expect(planted()).toEqual(planted().filter((line) => line.startsWith('pay-prod-neu ')));
    expect(planted().length).toBeGreaterThan(3);
    expect(verdicts(await lookAtAll())).toEqual(planted());
  });
});
