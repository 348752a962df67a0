import type { Rule } from '../domain/rule/rule.ts';
import { admissionGuardrail } from './admission-guardrail.ts';
import { clusterAssessed } from './cluster-assessed.ts';
import { confidentialPoolSupported } from './confidential-pool-supported.ts';
import { isolationProven } from './isolation-proven.ts';
import { kataKubernetesVersion } from './kata-kubernetes-version.ts';
import { kataNodeTenancy } from './kata-node-tenancy.ts';
import { kataPoolFeatures } from './kata-pool-features.ts';
import { kataPoolHealthy } from './kata-pool-healthy.ts';
import { kataPoolImage } from './kata-pool-image.ts';
import { kataPoolPresent } from './kata-pool-present.ts';
import { kataPoolUsed } from './kata-pool-used.ts';
import { nodeImageConsistent } from './node-image-consistent.ts';
import { nodeImageCurrent } from './node-image-current.ts';
import { nodeImageSupported } from './node-image-supported.ts';
import { nodeOsPatching } from './node-os-patching.ts';
import { runtimeClassExists } from './runtime-class-exists.ts';
import { runtimeClassHandler } from './runtime-class-handler.ts';
import { runtimeClassNameCurrent } from './runtime-class-name-current.ts';
import { runtimeClassOverhead } from './runtime-class-overhead.ts';
import { runtimeClassPresent } from './runtime-class-present.ts';
import { runtimeClassSchedulable } from './runtime-class-schedulable.ts';
import { sandboxedPodHostNamespaces } from './sandboxed-pod-host-namespaces.ts';
import { sandboxedPodHostPath } from './sandboxed-pod-host-path.ts';
import { sandboxedPodMemoryLimit } from './sandboxed-pod-memory-limit.ts';
import { sandboxedPodOnKataNode } from './sandboxed-pod-on-kata-node.ts';
import { sandboxedPodPrivileged } from './sandboxed-pod-privileged.ts';
import { sandboxedPodStarts } from './sandboxed-pod-starts.ts';
import { workloadRuntimeNameCurrent } from './workload-runtime-name-current.ts';
import { workloadSandboxed } from './workload-sandboxed.ts';

/** All rules, in the order of reports. */
export const RULES: readonly Rule[] = [
  kataPoolPresent,
  kataPoolHealthy,
  kataPoolImage,
  nodeImageCurrent,
  nodeImageSupported,
  nodeImageConsistent,
  nodeOsPatching,
  workloadRuntimeNameCurrent,
  kataPoolFeatures,
  confidentialPoolSupported,
  kataKubernetesVersion,
  kataPoolUsed,
  runtimeClassPresent,
  runtimeClassExists,
  runtimeClassHandler,
  runtimeClassSchedulable,
  runtimeClassNameCurrent,
  runtimeClassOverhead,
  workloadSandboxed,
  sandboxedPodOnKataNode,
  sandboxedPodHostPath,
  sandboxedPodHostNamespaces,
  sandboxedPodPrivileged,
  sandboxedPodMemoryLimit,
  sandboxedPodStarts,
  kataNodeTenancy,
  isolationProven,
  admissionGuardrail,
  clusterAssessed,
];
