import { Fault } from '../domain/snapshot/fault.ts';
import { unavailable } from '../domain/snapshot/observation.ts';
import { TEMPLATES_NOT_ASKED } from '../domain/snapshot/pod-template.ts';
import { parseClusterId } from '../domain/snapshot/resource-id.ts';
import type { Cluster, ClusterSnapshot } from '../domain/snapshot/snapshot.ts';

/** Returns the snapshot of a cluster of which only the id is known. */
export function unseen(clusterId: string, observedAt: string, fault: Fault): ClusterSnapshot {
  const part = unavailable(fault.code, fault.message);
  return {
    schemaVersion: 1,
    cluster: clusterFromId(clusterId),
    observedAt,
    settings: part,
    nodePools: part,
    latestImages: part,
    nodes: part,
    runtimeClasses: part,
    namespaces: part,
    workloads: part,
    templates: TEMPLATES_NOT_ASKED,
    isolationProofs: part,
    guardrails: part,
  };
}

function clusterFromId(id: string): Cluster {
  const parts = parseClusterId(id);
  if (parts === undefined) throw new Fault('malformed', `Not the id of an AKS cluster: ${id}`);
  return { id, name: parts.name, subscriptionId: parts.subscriptionId, resourceGroup: parts.resourceGroup, location: '', tags: {} };
}
