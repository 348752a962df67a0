import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY, type Policy } from '../../shared/domain/policy/policy.ts';
import { Fault } from '../../shared/domain/snapshot/fault.ts';
import { evidenceGaps } from '../../shared/domain/snapshot/gaps.ts';
import { type Observation, observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import type { PodGroup } from '../../shared/domain/snapshot/pod-group.ts';
import type { PodTemplate, TemplateOwner } from '../../shared/domain/snapshot/pod-template.ts';
import type { ClusterReader } from '../../shared/ports/cluster-reader.ts';
import { readKubernetes } from '../../shared/usecases/collect-snapshot.ts';
import {
  aCluster,
  aKataNode,
  aNamespace,
  aPlainPodGroup,
  aPodGroup,
  aRuntimeClass,
  aSnapshot,
  NOW,
  someSettings,
} from '../support/a-snapshot.ts';

const labels = { 'kataudit.io/sandbox': 'required' };

/** Reads a cluster with some pods; returns the templates and which were requested. */
async function look(groups: readonly PodGroup[], over: Partial<ClusterReader> = {}, policy: Policy = DEFAULT_POLICY) {
  const asked: TemplateOwner[][] = [];
  const reader: ClusterReader = {
    nodes: async () => [aKataNode()],
    runtimeClasses: async () => [aRuntimeClass()],
    namespaces: async () => [aNamespace('shop')],
    volumes: async () => [],
    workloads: async () => observed(groups),
    templates: async (owners) => {
      asked.push([...owners]);
      return observed([]);
    },
    guardrails: async () => [],
    close: () => undefined,
    ...over,
  };
  const listed = { cluster: aCluster(), settings: someSettings(), nodePools: observed([]) };
  const attempt = { policy, observedAt: NOW, isLast: true, abortSignal: new AbortController().signal };
  return { asked, parts: await readKubernetes(async () => reader, listed, attempt) };
}

describe('pod templates', () => {
  it('are read for workloads whose pods run outside a sandbox although they must not, each once, and for no others', async () => {
    const finished = { pending: 0, running: 0, succeeded: 2, failed: 0, unknown: 0 };
    const { asked } = await look([
      aPlainPodGroup({ labels }),
      aPlainPodGroup({ labels: { ...labels, tier: 'b' } }),
      aPlainPodGroup({ labels, ownerKind: 'StatefulSet', ownerName: 'db' }),
      aPlainPodGroup({ ownerName: 'free' }),
      aPodGroup({ labels, ownerName: 'good' }),
      aPlainPodGroup({ labels, ownerName: 'ended', phases: finished }),
      aPlainPodGroup({ labels, ownerKind: 'Pod', ownerName: 'bare' }),
      aPlainPodGroup({ labels, ownerKind: 'StatefulSet', ownerName: 'kruise', ownerGroup: 'apps.kruise.io' }),
    ]);
    expect(asked).toEqual([
      [
        { namespace: 'shop', ownerKind: 'Deployment', ownerName: 'cart' },
        { namespace: 'shop', ownerKind: 'StatefulSet', ownerName: 'db' },
      ],
    ]);
  });

  it('are read where the policy asks for one thing alone', async () => {
    const policy = { ...DEFAULT_POLICY, workloads: [{ name: 'shop', podLabels: labels }] };
    expect((await look([aPlainPodGroup({ labels })], {}, policy)).asked).toHaveLength(1);
  });

  it.each<[string, Partial<ClusterReader>, Policy]>([
    ['when nothing must be sandboxed', {}, { ...DEFAULT_POLICY, workloads: [] }],
    ['when the rule that uses them is off', {}, { ...DEFAULT_POLICY, rules: { 'workload-sandboxed': 'off' } }],
    ['when no pod was read', { workloads: () => Promise.reject(new Fault('denied', 'Forbidden.')) }, DEFAULT_POLICY],
    ['when no class was read', { runtimeClasses: () => Promise.reject(new Fault('denied', 'Forbidden.')) }, DEFAULT_POLICY],
  ])('are not read %s', async (_, over, policy) => {
    const { asked, parts } = await look([aPlainPodGroup({ labels })], over, policy);
    expect(asked).toEqual([]);
    expect(parts.templates).toMatchObject({ state: 'unavailable', reason: { code: 'not-asked' } });
  });

  it.each<[string, () => Promise<Observation<readonly PodTemplate[]>>, number]>([
    ['no gap when the optional permission is missing', () => Promise.reject(new Fault('denied', 'Forbidden.')), 0],
    ['a gap when they could not be read for another reason', () => Promise.reject(new Fault('unreachable', 'Reset.')), 1],
    ['a gap when not all were kept', async () => observed([], { kind: 'truncated', message: 'Too many.' }), 1],
    ['no gap when the sender of a snapshot had no permission for them', async () => unavailable('denied', 'Forbidden.'), 0],
  ])('are %s', async (_, templates, gaps) => {
    const { parts } = await look([], { templates });
    expect(evidenceGaps(aSnapshot({ templates: parts.templates })).filter(({ evidence }) => evidence === 'templates')).toHaveLength(gaps);
  });
});
