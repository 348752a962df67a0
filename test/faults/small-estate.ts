import { buildCluster, kataPool, SYSTEM_POOL, sandboxed } from '../../shared/local/estate/build.ts';
import { imageOfAge, VARIANTS } from '../../shared/local/estate/images.ts';
import type { Estate, EstateCluster } from '../../shared/local/estate/model.ts';
import { guid } from '../../shared/local/estate/random.ts';

/** The cluster that has the faults. */
export const ILL = 'ill';
/** The other cluster in its subscription. */
export const BESIDE = 'beside';

const NOW = new Date('2026-09-01T12:00:00.000Z');

/** Four clusters in three subscriptions, each with findings from Azure's and from Kubernetes' evidence. */
export function smallEstate(): Estate {
  const subscription = (name: string, clusters: readonly string[]) => ({
    id: guid('faults', name),
    name,
    managementGroup: 'faults',
    clusters: clusters.map(aCluster),
  });
  return {
    seed: 'faults',
    now: NOW.toISOString(),
    subscriptions: [subscription('first', [BESIDE, ILL]), subscription('second', ['well-2']), subscription('third', ['well-3'])],
  };
}

function aCluster(name: string): EstateCluster {
  const loose = { ...sandboxed({ namespace: 'shop', name: 'loose' }) };
  return buildCluster(
    {
      name,
      pools: [SYSTEM_POOL, kataPool('kata', 2, { nodeImageVersion: imageOfAge(VARIANTS.kata, 45, NOW) })],
      workloads: [
        { namespace: 'shop', name: 'loose', replicas: 3, labels: loose.labels ?? {} },
        { ...sandboxed({ namespace: 'team', name: 'cart', replicas: 8 }), privileged: true },
        { ...sandboxed({ namespace: 'zoo', name: 'late', replicas: 4 }), hostNetwork: true },
      ],
    },
    NOW,
  );
}
