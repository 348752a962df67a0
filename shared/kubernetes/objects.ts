import { given } from '../domain/snapshot/given.ts';
import type { KubernetesNode, Namespace, RuntimeClass, Taint } from '../domain/snapshot/snapshot.ts';
import type { ClaimedVolume } from '../ports/cluster-reader.ts';
import { boundedLabels, boundedName } from './bounds.ts';
import type { WireNamespace, WireNode, WirePersistentVolume, WireRuntimeClass, WireTaint } from './wire/messages.ts';

const POOL_LABELS = ['kubernetes.azure.com/agentpool', 'agentpool'];
/** Source: karpenter.sh/docs/concepts/nodepools; node auto provisioning is Karpenter. */
const KARPENTER_LABEL = 'karpenter.sh/nodepool';
const IMAGE_LABEL = 'kubernetes.azure.com/node-image-version';

/** Converts a node to the domain's type. */
export function toNode({ metadata, spec, status }: WireNode): KubernetesNode {
  const { labels } = boundedLabels(metadata?.labels);
  const info = status?.nodeInfo;
  const karpenter = labels[KARPENTER_LABEL];
  const pool = karpenter === undefined ? POOL_LABELS.map((label) => labels[label]).find((name) => name !== undefined) : undefined;
  const image = labels[IMAGE_LABEL];
  const handlers = status?.runtimeHandlers ?? [];
  const taints = spec?.taints ?? [];
  return {
    name: boundedName(metadata?.name),
    ...given({ nodePool: pool }),
    provisioner: karpenter !== undefined ? 'karpenter' : pool !== undefined ? 'agent-pool' : 'other',
    ready: status?.conditions?.some(({ type, status: met }) => type === 'Ready' && met === 'True') ?? false,
    // Old kubelets list no handlers; new ones list at least the default.
    ...(handlers.length === 0 ? {} : { runtimeHandlers: handlers.map(({ name }) => name ?? '') }),
    labels,
    ...given({ nodeImageVersion: image }),
    kernelVersion: info?.kernelVersion ?? '',
    bootId: info?.bootID ?? '',
    osImage: info?.osImage ?? '',
    containerRuntimeVersion: info?.containerRuntimeVersion ?? '',
    kubeletVersion: info?.kubeletVersion ?? '',
    unschedulable: spec?.unschedulable === true,
    ...(taints.length === 0 ? {} : { taints: taints.map(toTaint) }),
  };
}

/** Converts a RuntimeClass to the domain's type. */
export function toRuntimeClass({ metadata, handler, overhead, scheduling }: WireRuntimeClass): RuntimeClass {
  const memory = overhead?.podFixed?.memory?.string;
  const tolerations = scheduling?.tolerations ?? [];
  const seconds = metadata?.creationTimestamp?.seconds;
  return {
    name: boundedName(metadata?.name),
    handler: boundedName(handler),
    nodeSelector: { ...scheduling?.nodeSelector },
    ...given({ overheadMemory: memory }),
    ...(tolerations.length === 0 ? {} : { tolerations: tolerations.map((one) => ({ ...toTaint(one), operator: one.operator ?? '' })) }),
    ...(typeof seconds === 'number' ? { createdAt: new Date(seconds * 1000).toISOString() } : {}),
  };
}

function toTaint({ key, value, effect }: WireTaint): Taint {
  return { key: key ?? '', value: value ?? '', effect: effect ?? '' };
}

/** Returns the claim that a volume is bound to, and whether the volume is on the node; none for a volume that is not bound now. */
export function toClaimedVolumes({ spec, status }: WirePersistentVolume): readonly ClaimedVolume[] {
  if (status?.phase !== 'Bound') return [];
  const { hostPath, local } = spec?.persistentVolumeSource ?? {};
  const onNode = (hostPath ?? local ?? undefined) !== undefined;
  return [{ namespace: boundedName(spec?.claimRef?.namespace), claim: boundedName(spec?.claimRef?.name), onNode }];
}

/** Converts a namespace to the domain's type. */
export function toNamespace({ metadata }: WireNamespace): Namespace {
  return { name: boundedName(metadata?.name), ...boundedLabels(metadata?.labels) };
}
