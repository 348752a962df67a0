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
import type { Estate } from '../../../shared/local/estate/model.ts';
import { plantedFaults } from '../../../shared/local/estate/planted-faults.ts';
import type { RunningEstate } from '../../../shared/local/estate/server.ts';
import { createMemoryStorage } from '../../../shared/memory/storage.ts';
import type { AzureEstate } from '../../../shared/ports/azure-estate.ts';
import { RULES } from '../../../shared/rules/index.ts';
import { scanCluster } from '../../../shared/usecases/scan-cluster.ts';
import { DEMONSTRATED } from './verdicts.ts';

export function optionsOf({ armEndpoint, token, caPem }: RunningEstate): AzureOptions {
  return { credential: staticToken(token), armEndpoint, clock: () => new Date(), tlsOptions: { ca: caPem } };
}

/** Azure as the running estate simulates it. */
export function azureOf(running: RunningEstate): AzureEstate {
  return createAzureEstate(optionsOf(running));
}

/** Scans every cluster of the running estate like the app, with its own adapters. */
export async function lookAtAll(
  running: RunningEstate,
  storage = createMemoryStorage(),
  now = new Date(running.estate.now),
): Promise<readonly ClusterSnapshot[]> {
  const options = optionsOf(running);
  const azure = createAzureEstate(options);
  const credentialOf = clusterCredential(options);
  const signal = AbortSignal.timeout(60_000);
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
    clock: () => now,
    ...storage,
  };
  const listed = await Promise.all(running.estate.subscriptions.map(({ id }) => azure.listClusters(id, signal)));
  const snapshots: ClusterSnapshot[] = [];
  for (const { id: clusterId } of listed.flatMap(({ clusters }) => clusters)) {
    await scanCluster(deps, { clusterId, cause: 'a test', requestedAt: running.estate.now }, true, signal);
    const held = await storage.assessments.get(clusterId);
    if (held !== undefined) snapshots.push(held.snapshot);
  }
  return snapshots;
}

/** Every verdict that is not a pass, one per line. */
export function verdictLines(snapshots: readonly ClusterSnapshot[]): string[] {
  const lines = snapshots.flatMap((snapshot) =>
    evaluate(snapshot, DEMONSTRATED, DEFAULT_POLICY).flatMap((run): string[] => {
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

/** The planted faults of an estate, one verdict per line. */
export function plantedLines(estate: Estate): string[] {
  const lines = plantedFaults(estate).map(
    ({ clusterName, ruleId, verdict, subject }) => `${clusterName} ${ruleId} ${verdict} ${subjectKey(subject)}`,
  );
  return lines.toSorted();
}
