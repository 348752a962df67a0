import { observed } from '../../shared/domain/snapshot/observation.ts';
import type { ClusterSnapshot } from '../../shared/domain/snapshot/snapshot.ts';
import { aKataNode, aKataPool, aNamespace, aPodGroup, aRuntimeClass, someSettings } from '../support/a-snapshot.ts';
import { aSummary } from './estate.ts';

/** A snapshot as `kataudit collect --push` sends it. */
export const PUSHED: ClusterSnapshot = {
  schemaVersion: 1,
  cluster: aSummary('prod', []).cluster,
  observedAt: '2026-11-23T11:00:00.000Z',
  settings: observed(someSettings()),
  nodePools: observed([aKataPool()]),
  latestImages: observed([]),
  nodes: observed([aKataNode()]),
  runtimeClasses: observed([aRuntimeClass()]),
  namespaces: observed([aNamespace('shop')]),
  workloads: observed([aPodGroup()]),
  isolationProofs: observed([]),
  templates: observed([]),
  guardrails: observed([]),
};
