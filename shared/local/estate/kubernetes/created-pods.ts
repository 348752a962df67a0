import { z } from 'zod';
import { given } from '../../../domain/snapshot/given.ts';
import type { EstateCluster, EstateNode, EstateRuntimeClass } from '../model.ts';
import { guid } from '../random.ts';
import type { ObjectFields } from './kubernetes-resources.ts';
import { kataLabels } from './placement.ts';
import type { KubernetesObject } from './pod-object.ts';

const Strings = z.record(z.string(), z.string());

/** The parts of a created pod that are read; the rest is stored unchanged. */
const PodSchema = z.looseObject({
  metadata: z.looseObject({ name: z.string().min(1).max(253), labels: Strings.optional() }),
  spec: z.looseObject({
    runtimeClassName: z.string().optional(),
    nodeName: z.string().optional(),
    nodeSelector: Strings.optional(),
    affinity: z.unknown().optional(),
    containers: z.array(z.looseObject({ name: z.string(), image: z.string().optional(), command: z.array(z.string()).optional() })).min(1),
  }),
});

/** A pod as the client requested it. */
export type PodRequest = z.infer<typeof PodSchema>;

/** Reads the body of a create request; throws a `ZodError` if it is not a pod. */
export function parsePod(body: string): PodRequest {
  return PodSchema.parse(JSON.parse(body));
}

/** A pod that a client created; it is not part of the estate and ends with the server. */
export interface CreatedPod {
  readonly namespace: string;
  readonly request: PodRequest;
  readonly createdAt: Date;
  readonly node?: EstateNode;
  readonly runtimeClass?: EstateRuntimeClass;
  /** The output of its first container. */
  readonly output: string;
  /** How its first container ended; absent while it runs, or waits for a node. */
  readonly exitCode?: number;
}

const AffinitySchema = z.object({
  nodeAffinity: z.object({
    requiredDuringSchedulingIgnoredDuringExecution: z.object({
      nodeSelectorTerms: z.array(
        z.object({
          matchFields: z.array(z.object({ key: z.literal('metadata.name'), operator: z.literal('In'), values: z.array(z.string()) })),
        }),
      ),
    }),
  }),
});

/** The node that the scheduler assigns to a created pod, if one fits. */
export function schedule(
  cluster: EstateCluster,
  { spec }: PodRequest,
  runtimeClass: EstateRuntimeClass | undefined,
): EstateNode | undefined {
  if (cluster.canaries === 'unschedulable') return undefined;
  const selector = Object.entries({ ...spec.nodeSelector, ...runtimeClass?.nodeSelector });
  const wanted = wantedNodes(spec.affinity);
  return cluster.nodes.find((node) => {
    if (!node.ready || node.unschedulable === true) return false;
    if (spec.nodeName !== undefined && spec.nodeName !== node.name) return false;
    if (wanted !== undefined && !wanted.includes(node.name)) return false;
    const labels: Record<string, string> = { ...kataLabels(cluster, node), agentpool: node.nodePool ?? '' };
    return selector.every(([key, value]) => labels[key] === value);
  });
}

function wantedNodes(affinity: unknown): readonly string[] | undefined {
  const read = AffinitySchema.safeParse(affinity);
  if (!read.success) return undefined;
  const terms = read.data.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms;
  return terms.flatMap(({ matchFields }) => matchFields.flatMap(({ values }) => values));
}

/** A created pod as the API server shows it. */
export function createdPodObject(
  { namespace, request, createdAt, node, runtimeClass, exitCode }: CreatedPod,
  seed: string,
): KubernetesObject {
  const at = createdAt.toISOString().replace(/\.\d+Z$/, 'Z');
  const { metadata, spec } = request;
  return {
    ...request,
    metadata: { ...metadata, namespace, uid: guid(seed, namespace, metadata.name, at), creationTimestamp: at },
    spec: {
      ...spec,
      ...given({ nodeName: node?.name }),
      nodeSelector: { ...spec.nodeSelector, ...runtimeClass?.nodeSelector },
      ...(runtimeClass?.overheadMemory === undefined ? {} : { overhead: { memory: runtimeClass.overheadMemory } }),
    },
    status: node === undefined ? unscheduled(at) : scheduled(spec.containers, exitCode, at),
  };
}

function unscheduled(at: string): KubernetesObject {
  const message = "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.";
  return {
    phase: 'Pending',
    conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message, lastTransitionTime: at }],
  };
}

function scheduled(containers: PodRequest['spec']['containers'], exitCode: number | undefined, at: string): KubernetesObject {
  const running = exitCode === undefined;
  const reason = exitCode === 0 ? 'Completed' : 'Error';
  return {
    phase: running ? 'Running' : exitCode === 0 ? 'Succeeded' : 'Failed',
    conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime: at }],
    startTime: at,
    containerStatuses: containers.map(({ name, image = '' }) => ({
      name,
      image,
      imageID: '',
      ready: running,
      restartCount: 0,
      state: running ? { running: { startedAt: at } } : { terminated: { exitCode, reason, startedAt: at, finishedAt: at } },
    })),
  };
}

/** The fields by which lists select it. */
export function createdPodFields({ namespace, request, node, exitCode }: CreatedPod): ObjectFields {
  const phase = node === undefined ? 'Pending' : exitCode === undefined ? 'Running' : exitCode === 0 ? 'Succeeded' : 'Failed';
  return {
    'metadata.name': request.metadata.name,
    'metadata.namespace': namespace,
    'spec.nodeName': node?.name ?? '',
    'status.phase': phase,
  };
}
