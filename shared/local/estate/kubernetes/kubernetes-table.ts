import { z } from 'zod';
import type { Question } from '../server/answer.ts';
import type { ResourceKind, StoredObject } from './kubernetes-resources.ts';
import type { KubernetesObject } from './pod-object.ts';

/** Whether the client prefers a table to print, as kubectl does. */
export function wantsTable({ headers }: Question): boolean {
  const [first = ''] = (headers.accept ?? '').split(',');
  return /^application\/json;.*as=Table/i.test(first.trim()) && /v=v1(;|$)/.test(first.trim());
}

interface Column {
  readonly name: string;
  /** Shown only with `-o wide` when above 0. */
  readonly priority?: number;
  readonly cell: (object: Shown, now: Date) => string | number;
}

const ShownSchema = z.object({
  metadata: z.looseObject({ name: z.string(), creationTimestamp: z.string() }),
  handler: z.string().optional(),
  spec: z.object({ nodeName: z.string().optional(), unschedulable: z.boolean().optional() }).optional(),
  status: z
    .object({
      phase: z.string().optional(),
      podIP: z.string().optional(),
      conditions: z.array(z.object({ type: z.string(), status: z.string() })).optional(),
      containerStatuses: z
        .array(
          z.object({
            ready: z.boolean(),
            restartCount: z.number(),
            state: z.object({ waiting: z.object({ reason: z.string() }).optional() }),
          }),
        )
        .optional(),
      nodeInfo: z.object({ kubeletVersion: z.string(), kernelVersion: z.string(), osImage: z.string() }).optional(),
    })
    .optional(),
});
type Shown = z.infer<typeof ShownSchema>;

const NAME: Column = { name: 'Name', cell: ({ metadata }) => metadata.name };
const AGE: Column = { name: 'Age', cell: ({ metadata }, now) => age(now.getTime() - Date.parse(metadata.creationTimestamp)) };

const COLUMNS: Readonly<Record<ResourceKind['plural'], readonly Column[]>> = {
  pods: [
    NAME,
    {
      name: 'Ready',
      cell: ({ status }) => `${statusesOf(status).filter(({ ready }) => ready).length}/${Math.max(1, statusesOf(status).length)}`,
    },
    { name: 'Status', cell: ({ status }) => statusesOf(status)[0]?.state.waiting?.reason ?? status?.phase ?? '' },
    { name: 'Restarts', cell: ({ status }) => statusesOf(status).reduce((sum, { restartCount }) => sum + restartCount, 0) },
    AGE,
    { name: 'IP', priority: 1, cell: ({ status }) => status?.podIP ?? '<none>' },
    { name: 'Node', priority: 1, cell: ({ spec }) => spec?.nodeName ?? '<none>' },
  ],
  nodes: [
    NAME,
    { name: 'Status', cell: nodeStatus },
    { name: 'Roles', cell: () => '<none>' },
    AGE,
    { name: 'Version', cell: ({ status }) => status?.nodeInfo?.kubeletVersion ?? '' },
    { name: 'OS-Image', priority: 1, cell: ({ status }) => status?.nodeInfo?.osImage ?? '' },
    { name: 'Kernel-Version', priority: 1, cell: ({ status }) => status?.nodeInfo?.kernelVersion ?? '' },
  ],
  namespaces: [NAME, { name: 'Status', cell: ({ status }) => status?.phase ?? '' }, AGE],
  persistentvolumes: [NAME, { name: 'Status', cell: ({ status }) => status?.phase ?? '' }, AGE],
  deployments: [NAME, AGE],
  statefulsets: [NAME, AGE],
  daemonsets: [NAME, AGE],
  cronjobs: [NAME, AGE],
  validatingadmissionpolicies: [NAME, AGE],
  validatingadmissionpolicybindings: [NAME, AGE],
  runtimeclasses: [NAME, { name: 'Handler', cell: ({ handler = '' }) => handler }, AGE],
};

/** Objects as the table that kubectl prints. */
export function tableOf(kind: ResourceKind, objects: readonly StoredObject[], listMetadata: KubernetesObject, now: Date): KubernetesObject {
  const columns = COLUMNS[kind.plural];
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: listMetadata,
    columnDefinitions: columns.map(({ name, priority = 0 }) => ({
      name,
      type: 'string',
      format: name === 'Name' ? 'name' : '',
      description: '',
      priority,
    })),
    rows: objects.map((stored) => {
      const shown = ShownSchema.parse(stored.json());
      return {
        cells: columns.map(({ cell }) => cell(shown, now)),
        object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: shown.metadata },
      };
    }),
  };
}

function statusesOf(status: Shown['status']) {
  return status?.containerStatuses ?? [];
}

function nodeStatus({ status, spec }: Shown): string {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
  return `${ready ? 'Ready' : 'NotReady'}${spec?.unschedulable === true ? ',SchedulingDisabled' : ''}`;
}

/** An age in the format of kubectl: `45s`, `12m`, `7h`, `24h`, `30d`. */
function age(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1_000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3_600)}h` : `${Math.floor(seconds / 86_400)}d`;
}
