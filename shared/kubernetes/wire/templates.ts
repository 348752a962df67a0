import { z } from 'zod';

const text = z.string().nullish();
const flag = z.boolean().nullish();
const labels = z.record(z.string(), z.string()).nullish();

const template = z
  .object({
    metadata: z.object({ labels }).nullish(),
    spec: z.object({ runtimeClassName: text, nodeSelector: labels, hostNetwork: flag, hostPID: flag, hostIPC: flag }).nullish(),
  })
  .nullish();
const updateStrategy = z.object({ type: text, rollingUpdate: z.object({ partition: z.number().nullish() }).nullish() }).nullish();
const conditions = z.array(z.object({ type: text, status: text, reason: text, message: text })).nullish();

/** A Deployment, StatefulSet, DaemonSet or CronJob in JSON: its pod template, and the fields that can prevent its pods. */
export const templateOwnerJson = z.object({
  metadata: z.object({ name: text, namespace: text }),
  spec: z
    .object({
      paused: flag,
      suspend: flag,
      updateStrategy,
      template,
      jobTemplate: z.object({ spec: z.object({ template }).nullish() }).nullish(),
    })
    .nullish(),
  status: z.object({ conditions }).nullish(),
});
export type WireTemplateOwner = z.infer<typeof templateOwnerJson>;
