import type { MaintenanceConfiguration } from '../../shared/domain/maintenance/planned-upgrade.ts';
import { DEFAULT_POLICY, type Policy } from '../../shared/domain/policy/policy.ts';
import { Fault } from '../../shared/domain/snapshot/fault.ts';
import { observed } from '../../shared/domain/snapshot/observation.ts';
import type { PodGroup } from '../../shared/domain/snapshot/pod-group.ts';
import { TEMPLATES_NOT_ASKED } from '../../shared/domain/snapshot/pod-template.ts';
import type { RuntimeClass } from '../../shared/domain/snapshot/snapshot.ts';
import { createMemoryStorage } from '../../shared/memory/storage.ts';
import type { ListedCluster } from '../../shared/ports/azure-estate.ts';
import type { ClusterReader, PodReading } from '../../shared/ports/cluster-reader.ts';
import { nodeImageCurrent } from '../../shared/rules/node-image-current.ts';
import { workloadSandboxed } from '../../shared/rules/workload-sandboxed.ts';
import {
  aCluster,
  aKataNode,
  aKataPool,
  aNamespace,
  aPlainPodGroup,
  aPlainPool,
  aRuntimeClass,
  KATA_IMAGE,
  PLAIN_IMAGE,
  someSettings,
} from '../support/a-snapshot.ts';

/** A Deployment that must be sandboxed and is not. */
export const BAD: PodGroup = aPlainPodGroup({ ownerName: 'bad', labels: { 'kataudit.io/sandbox': 'required' } });

/** The dependencies of a scan of one cluster, which a test can change. */
export class ScanWorld {
  readonly storage = createMemoryStorage();
  listed: ListedCluster | Fault = {
    cluster: aCluster(),
    settings: someSettings(),
    nodePools: observed([aPlainPool(), aKataPool()]),
  };
  workloads: readonly PodGroup[] | Fault = [];
  /** Read only for a cluster with a lagging pool. */
  maintenance: () => Promise<readonly MaintenanceConfiguration[]> = async () => [];
  connectFault: Fault | undefined;
  now = '2026-09-01T12:00:00.000Z';
  policy: Policy = DEFAULT_POLICY;
  connections = 0;
  /** How each reading of pods was asked for. */
  readonly readings: PodReading[] = [];
  classes: readonly RuntimeClass[] = [aRuntimeClass()];
  volumesAsked = 0;
  /** Pools whose newest image was asked for. */
  readonly imagesAsked: string[] = [];

  get deps() {
    const { storage } = this;
    return {
      azure: {
        getCluster: async () => {
          if (this.listed instanceof Fault) throw this.listed;
          return this.listed;
        },
        latestNodeImage: async (_: ListedCluster, pool: string) => {
          this.imagesAsked.push(pool);
          return pool === 'kata1' ? KATA_IMAGE : PLAIN_IMAGE;
        },
      },
      maintenance: { maintenanceConfigurations: () => this.maintenance() },
      connect: async () => this.#reader(),
      probe: { mode: 'off' as const, open: () => Promise.reject(new Error('The probe is off.')) },
      findings: storage.findings,
      assessments: storage.assessments,
      audits: storage.audits,
      events: storage.events,
      policy: async () => ({ policy: this.policy, hash: 'h', source: 'test' }),
      rules: [nodeImageCurrent, workloadSandboxed],
      clock: () => new Date(this.now),
    };
  }

  #reader(): ClusterReader {
    if (this.connectFault !== undefined) throw this.connectFault;
    this.connections += 1;
    return {
      nodes: async () => [aKataNode()],
      runtimeClasses: async () => this.classes,
      namespaces: async () => [aNamespace('shop')],
      volumes: async () => {
        this.volumesAsked += 1;
        return [];
      },
      workloads: async (reading) => {
        this.readings.push(reading);
        if (this.workloads instanceof Fault) throw this.workloads;
        return observed(this.workloads);
      },
      templates: async () => TEMPLATES_NOT_ASKED,
      guardrails: async () => [],
      close: () => {
        this.connections -= 1;
      },
    };
  }
}
