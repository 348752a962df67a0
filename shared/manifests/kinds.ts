import { groupOf, type ManifestObject } from './objects.ts';
import { at, isObject, isRecord, type Path } from './path.ts';

/**
 * Where kinds have their pod templates; `*` stands for every item or key. The template holds `metadata` and `spec` of its pods.
 * Sources: kubernetes.io/docs/reference/kubernetes-api, and the CRDs of the projects named by the group.
 */
const TEMPLATES: Readonly<Record<string, readonly string[]>> = {
  '/Pod': [''],
  '/PodTemplate': ['template'],
  '/ReplicationController': ['spec.template'],
  'apps/Deployment': ['spec.template'],
  'apps/StatefulSet': ['spec.template'],
  'apps/DaemonSet': ['spec.template'],
  'apps/ReplicaSet': ['spec.template'],
  'batch/Job': ['spec.template'],
  'batch/CronJob': ['spec.jobTemplate.spec.template'],
  'extensions/Deployment': ['spec.template'],
  'extensions/DaemonSet': ['spec.template'],
  'extensions/ReplicaSet': ['spec.template'],
  'apps.openshift.io/DeploymentConfig': ['spec.template'],
  'argoproj.io/Rollout': ['spec.template'],
  'apps.kruise.io/CloneSet': ['spec.template'],
  'apps.kruise.io/StatefulSet': ['spec.template'],
  'apps.kruise.io/DaemonSet': ['spec.template'],
  'apps.kruise.io/BroadcastJob': ['spec.template'],
  'apps.kruise.io/AdvancedCronJob': ['spec.template.jobTemplate.spec.template', 'spec.template.broadcastJobTemplate.spec.template'],
  'apps.kruise.io/UnitedDeployment': ['spec.template.*.spec.template'],
  'serving.knative.dev/Service': ['spec.template'],
  'serving.knative.dev/Configuration': ['spec.template'],
  'serving.knative.dev/Revision': [''],
  'batch.volcano.sh/Job': ['spec.tasks.*.template'],
  'batch.volcano.sh/CronJob': ['spec.jobTemplate.spec.tasks.*.template'],
  'flow.volcano.sh/JobTemplate': ['spec.tasks.*.template'],
  'jobset.x-k8s.io/JobSet': ['spec.replicatedJobs.*.template.spec.template'],
  'leaderworkerset.x-k8s.io/LeaderWorkerSet': ['spec.leaderWorkerTemplate.leaderTemplate', 'spec.leaderWorkerTemplate.workerTemplate'],
  'agents.x-k8s.io/Sandbox': ['spec.podTemplate'],
  'extensions.agents.x-k8s.io/SandboxTemplate': ['spec.podTemplate'],
  'sparkoperator.k8s.io/SparkApplication': ['spec.driver.template', 'spec.executor.template'],
  'sparkoperator.k8s.io/ScheduledSparkApplication': ['spec.template.driver.template', 'spec.template.executor.template'],
  'keda.sh/ScaledJob': ['spec.jobTargetRef.template'],
  'kubeflow.org/PyTorchJob': ['spec.pytorchReplicaSpecs.*.template'],
  'kubeflow.org/TFJob': ['spec.tfReplicaSpecs.*.template'],
  'kubeflow.org/MPIJob': ['spec.mpiReplicaSpecs.*.template'],
  'kubeflow.org/XGBoostJob': ['spec.xgbReplicaSpecs.*.template'],
  'kubeflow.org/PaddleJob': ['spec.paddleReplicaSpecs.*.template'],
  'kubeflow.org/JAXJob': ['spec.jaxReplicaSpecs.*.template'],
  'kubeflow.org/Notebook': ['spec.template'],
  'ray.io/RayCluster': ['spec.headGroupSpec.template', 'spec.workerGroupSpecs.*.template'],
  'ray.io/RayJob': ['spec.rayClusterSpec.headGroupSpec.template', 'spec.rayClusterSpec.workerGroupSpecs.*.template'],
  'ray.io/RayService': ['spec.rayClusterConfig.headGroupSpec.template', 'spec.rayClusterConfig.workerGroupSpecs.*.template'],
  'actions.github.com/AutoscalingRunnerSet': ['spec.template'],
  'actions.github.com/EphemeralRunnerSet': ['spec.ephemeralRunnerSpec'],
  'actions.github.com/EphemeralRunner': [''],
  'agones.dev/GameServer': ['spec.template'],
  'agones.dev/GameServerSet': ['spec.template.spec.template'],
  'agones.dev/Fleet': ['spec.template.spec.template'],
};

/** Versions that Kubernetes no longer serves. Source: kubernetes.io/docs/reference/using-api/deprecation-guide. */
const GONE = /^(?:extensions\/v1beta1|apps\/v1beta[12]|batch\/v(?:1beta1|2alpha1)|node\.k8s\.io\/v1(?:alpha1|beta1))$/;

/** Groups whose objects contain rules about pods or generate manifests, and create no pods themselves. */
const NO_PODS =
  /(?:^|\.)(?:kyverno\.io|gatekeeper\.sh|kustomize\.config\.k8s\.io|toolkit\.fluxcd\.io|helm\.cattle\.io)$|^(?:admissionregistration|apiextensions)\.k8s\.io$/;

/** The same for groups with other kinds that do create pods. */
const KINDS_WITHOUT_PODS: ReadonlySet<string> = new Set(['argoproj.io/Application', 'argoproj.io/ApplicationSet']);

/** Parts of objects that contain no templates of their own. */
const NO_TEMPLATES: ReadonlySet<string> = new Set(['metadata', 'status', 'data', 'stringData']);

/** Kubernetes' own kinds that create pods. */
const OWN = new Map(
  Object.keys(TEMPLATES)
    .filter((name) => /^(?:|apps|batch)\//.test(name))
    .map((name) => [name.slice(name.indexOf('/') + 1).toLowerCase(), name.slice(name.indexOf('/') + 1)]),
);

/** Whether a kind is Kubernetes' own, so that its fields are known. */
export function isOwnKind(object: ManifestObject): boolean {
  return /^(?:|apps|batch)$/.test(groupOf(object));
}

/** Paths of the pod templates of an object; `undefined` for a kind that is not known to create pods. */
export function templatePaths(object: ManifestObject): readonly Path[] | undefined {
  const patterns = TEMPLATES[`${groupOf(object)}/${object.kind}`];
  return patterns?.flatMap((pattern) => spread(object.value, pattern === '' ? [] : pattern.split('.')));
}

/** Why kubectl finds no kind for an object that looks like a built-in one; `undefined` when it does, or when that is unknown. */
export function kindProblem({ apiVersion, kind }: ManifestObject): string | undefined {
  const own = OWN.get(kind.toLowerCase());
  const group = groupOf({ apiVersion });
  if (own === undefined || !/^(?:|apps|batch|extensions)$/.test(group)) return undefined;
  if (own !== kind) return `kubectl finds no kind ${JSON.stringify(kind)}: it is written ${own}.`;
  return `${group}/${kind}` in TEMPLATES ? undefined : `kubectl finds no kind ${kind} in ${apiVersion}.`;
}

/** A message about a version that Kubernetes no longer serves. */
export function versionProblem({ apiVersion, kind }: ManifestObject): string | undefined {
  const group = groupOf({ apiVersion });
  if (!GONE.test(apiVersion)) {
    const isServed = !OWN.has(kind.toLowerCase()) || !/^(?:|apps|batch)$/.test(group) || /^(?:\/?|apps\/|batch\/)v1$/.test(apiVersion);
    return isServed ? undefined : `kubectl finds no kind ${kind} in ${JSON.stringify(apiVersion)}. It was judged as one of v1 would be.`;
  }
  return `Kubernetes no longer serves ${kind} in ${apiVersion}: kubectl refuses it. It was judged as its successor would be.`;
}

/** The first pod template inside an object of an unknown kind; `undefined` when it has none. */
export function hiddenTemplate(object: ManifestObject): Path | undefined {
  const group = groupOf(object);
  if (NO_PODS.test(group) || KINDS_WITHOUT_PODS.has(`${group}/${object.kind}`)) return undefined;
  const parts = Object.entries(object.value).filter(([key]) => !NO_TEMPLATES.has(key));
  return parts.map(([key, value]) => findTemplate(value, [key])).find((path) => path !== undefined);
}

function findTemplate(value: unknown, path: Path): Path | undefined {
  if (!isObject(value)) return undefined;
  if (isRecord(value) && isContainers(value.containers)) return path;
  for (const [key, child] of Object.entries(value)) {
    const below = [...path, Array.isArray(value) ? Number(key) : key];
    const found = /^podTemplate(?:Spec)?$/.test(key) && isRecord(child) ? below : findTemplate(child, below);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isContainers(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((one) => isRecord(one) && typeof one.image === 'string');
}

function spread(root: unknown, steps: readonly string[], path: Path = []): readonly Path[] {
  const [step, ...rest] = steps;
  if (step === undefined) return isRecord(at(root, path)) ? [path] : [];
  if (step !== '*') return spread(root, rest, [...path, step]);
  const parent = at(root, path);
  if (Array.isArray(parent)) return parent.flatMap((_, index) => spread(root, rest, [...path, index]));
  return isRecord(parent) ? Object.keys(parent).flatMap((key) => spread(root, rest, [...path, key])) : [];
}
