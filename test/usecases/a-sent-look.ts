import { observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import type { ClusterSnapshot } from '../../shared/domain/snapshot/snapshot.ts';
import { aKataNode, aNamespace, aRuntimeClass } from '../support/a-snapshot.ts';
import { BAD } from './a-scan.ts';

/** The time of the snapshot that the tests send. */
export const SEEN = '2026-09-01T11:00:00.000Z';
const NO_AZURE = unavailable('no-azure-access', 'Read from a kubeconfig: no Azure access.');

/** A snapshot that was collected with a kubeconfig, with a workload that must be sandboxed and is not. */
export const aSentLook = (over: Partial<ClusterSnapshot> = {}): ClusterSnapshot => ({
  schemaVersion: 1,
  cluster: { id: 'kubeconfig:shop', name: 'shop', subscriptionId: '', resourceGroup: '', location: '', tags: {} },
  observedAt: SEEN,
  settings: NO_AZURE,
  nodePools: NO_AZURE,
  latestImages: NO_AZURE,
  nodes: observed([aKataNode()]),
  runtimeClasses: observed([aRuntimeClass()]),
  namespaces: observed([aNamespace('shop')]),
  workloads: observed([BAD]),
  isolationProofs: unavailable('not-asked', 'The isolation probe is off.'),
  templates: observed([]),
  guardrails: observed([]),
  ...over,
});
