import type { ManifestObject } from './objects.ts';
import { at, isRecord, type Path, pathText } from './path.ts';
import type { FieldProblem } from './pod-template.ts';

/** Top-level fields of Kubernetes' own kinds. */
const TOP: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata', 'spec', 'status']);

/** The fields of a pod's spec in Kubernetes 1.36. Source: its OpenAPI document, io.k8s.api.core.v1.PodSpec. */
const POD_SPEC: ReadonlySet<string> = new Set(
  `activeDeadlineSeconds affinity automountServiceAccountToken containers dnsConfig dnsPolicy enableServiceLinks ephemeralContainers
  hostAliases hostIPC hostNetwork hostPID hostUsers hostname hostnameOverride imagePullSecrets initContainers nodeName nodeSelector os
  overhead preemptionPolicy priority priorityClassName readinessGates resourceClaims resources restartPolicy runtimeClassName
  schedulerName schedulingGates schedulingGroup securityContext serviceAccount serviceAccountName setHostnameAsFQDN
  shareProcessNamespace subdomain terminationGracePeriodSeconds tolerations topologySpreadConstraints volumes`.split(/\s+/),
);

/** Unknown fields at the top level of an object and in its pod specs, where a typo changes the pod. */
export function unknownFields({ kind, value }: ManifestObject, templates: readonly Path[]): readonly FieldProblem[] {
  const top = Object.keys(value).filter((key) => !TOP.has(key) && !(kind === 'PodTemplate' && key === 'template'));
  const inSpecs = templates.flatMap((template): readonly Path[] => {
    const spec = at(value, [...template, 'spec']);
    return isRecord(spec) ? Object.keys(spec).flatMap((key) => (POD_SPEC.has(key) ? [] : [[...template, 'spec', key]])) : [];
  });
  return [...top.map((key): Path => [key]), ...inSpecs].map((path) => ({
    path,
    message: `kubectl refuses ${pathText(path)}: Kubernetes 1.36 has no such field. It was not taken into account.`,
  }));
}
