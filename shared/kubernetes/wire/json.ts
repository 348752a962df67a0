import { z } from 'zod';

/*
 * The same objects in JSON, reduced to the same types. Go writes `null` for unset fields, and a
 * newer server may add fields: both are treated as absent.
 */

const text = z.string().nullish();
const flag = z.boolean().nullish();
/** An object may have a key `__proto__`; `Object.fromEntries` keeps it as an ordinary key. */
const strings = z
  .custom<Record<string, string>>((value) => isRecord(value) && Object.values(value).every((one) => typeof one === 'string'))
  .nullish();
const quantities = z
  .custom<Record<string, string | number>>(
    (value) => isRecord(value) && Object.values(value).every((one) => typeof one === 'string' || typeof one === 'number'),
  )
  .transform((map) => Object.fromEntries(Object.entries(map).map(([key, value]) => [key, { string: String(value) }])))
  .nullish();
const time = z.iso
  .datetime({ offset: true })
  .transform((value) => ({ seconds: Math.floor(Date.parse(value) / 1000) }))
  .nullish();

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const metadata = z
  .object({
    name: text,
    namespace: text,
    creationTimestamp: time,
    labels: strings,
    ownerReferences: z.array(z.object({ apiVersion: text, kind: text, name: text, controller: flag })).nullish(),
  })
  .nullish();
const resources = z.object({ limits: quantities }).nullish();
const container = z.object({ resources, securityContext: z.object({ privileged: flag }).nullish(), restartPolicy: text });
const containers = z.array(container).nullish();
const state = z.object({
  waiting: z.object({ reason: text }).nullish(),
  terminated: z.object({ finishedAt: time }).nullish(),
});
const statuses = z.array(z.object({ state: state.nullish() })).nullish();
const taint = z.object({ key: text, value: text, effect: text });
const toleration = taint.extend({ operator: text });
const condition = z.object({ type: text, status: text, lastTransitionTime: time, reason: text, message: text });
const volume = z
  .object({
    name: text,
    hostPath: z.object({}).nullish(),
    persistentVolumeClaim: z.object({ claimName: text }).nullish(),
    ephemeral: z.object({}).nullish(),
  })
  .transform(({ name, ...volumeSource }) => ({ name, volumeSource }));

/** A pod in JSON. */
export const podJson = z.object({
  metadata,
  spec: z
    .object({
      volumes: z.array(volume).nullish(),
      containers,
      initContainers: containers,
      ephemeralContainers: z.array(container.transform((common) => ({ ephemeralContainerCommon: common }))).nullish(),
      nodeName: text,
      nodeSelector: strings,
      hostNetwork: flag,
      hostPID: flag,
      hostIPC: flag,
      tolerations: z.array(toleration).nullish(),
      schedulingGates: z.array(z.object({})).nullish(),
      runtimeClassName: text,
      overhead: quantities,
      resources,
    })
    .nullish(),
  status: z
    .object({ phase: text, conditions: z.array(condition).nullish(), containerStatuses: statuses, initContainerStatuses: statuses })
    .nullish(),
});

/** A node in JSON. */
export const nodeJson = z.object({
  metadata,
  spec: z.object({ unschedulable: flag, taints: z.array(taint).nullish() }).nullish(),
  status: z
    .object({
      conditions: z.array(z.object({ type: text, status: text })).nullish(),
      nodeInfo: z
        .object({ bootID: text, kernelVersion: text, osImage: text, containerRuntimeVersion: text, kubeletVersion: text })
        .nullish(),
      runtimeHandlers: z.array(z.object({ name: text })).nullish(),
    })
    .nullish(),
});

/** A persistent volume in JSON. */
export const persistentVolumeJson = z.object({
  spec: z
    .object({
      hostPath: z.object({}).nullish(),
      local: z.object({}).nullish(),
      claimRef: z.object({ namespace: text, name: text }).nullish(),
    })
    .transform(({ claimRef, ...persistentVolumeSource }) => ({ claimRef, persistentVolumeSource }))
    .nullish(),
  status: z.object({ phase: text }).nullish(),
});

/** A namespace in JSON. */
export const namespaceJson = z.object({ metadata });

/** A RuntimeClass in JSON. */
export const runtimeClassJson = z.object({
  metadata,
  handler: text,
  overhead: z.object({ podFixed: quantities }).nullish(),
  scheduling: z.object({ nodeSelector: strings, tolerations: z.array(toleration).nullish() }).nullish(),
});

/** A list in JSON; its items are not parsed. */
export const listJson = z.object({
  kind: z.string(),
  metadata: z.object({ resourceVersion: text, continue: text, remainingItemCount: z.number().nullish() }).nullish(),
  items: z.array(z.unknown()).nullish(),
});
