import { z } from 'zod';

const selector = z
  .object({ matchLabels: z.record(z.string(), z.string()).nullish(), matchExpressions: z.array(z.unknown()).nullish() })
  .nullish();
const rules = z.array(z.unknown()).nullish();

/** An admission policy of either kind. */
export const admissionPolicyJson = z.object({
  metadata: z.object({ name: z.string(), annotations: z.record(z.string(), z.string()).nullish() }),
  spec: z.record(z.string(), z.json()),
});
export type AdmissionPolicy = z.infer<typeof admissionPolicyJson>;

/** The binding of an admission policy of either kind. */
export const admissionBindingJson = z.object({
  metadata: z.object({ name: z.string() }),
  spec: z.object({
    policyName: z.string(),
    validationActions: z.array(z.string()).nullish(),
    paramRef: z.unknown().nullish(),
    matchResources: z
      .object({
        matchPolicy: z.string().nullish(),
        namespaceSelector: selector,
        objectSelector: selector,
        resourceRules: rules,
        excludeResourceRules: rules,
      })
      .nullish(),
  }),
});
export type AdmissionBinding = z.infer<typeof admissionBindingJson>;
