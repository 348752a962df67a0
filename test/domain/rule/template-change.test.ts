import { observed, unavailable } from '../../../shared/domain/snapshot/observation.ts';
import type { PodGroup } from '../../../shared/domain/snapshot/pod-group.ts';
import type { PodTemplate } from '../../../shared/domain/snapshot/pod-template.ts';
import { workloadSandboxed } from '../../../shared/rules/workload-sandboxed.ts';
import { aKataNode, aNamespace, aPlainPodGroup, aPodGroup, aRuntimeClass } from '../../support/a-snapshot.ts';
import { testRule } from '../../support/test-rule.ts';

const REQUIRED = { 'kataudit.io/sandbox': 'required' };
const LABELLED = 'pods labelled kataudit.io/sandbox=required';
const NO_CLASS = "no RuntimeClass, so the node's default runtime";
const KATA = 'kata-vm-isolation';
const CART = 'workload/shop/Deployment/cart';
const NIGHTLY = 'workload/shop/CronJob/nightly';
const outside = (over = {}) => aPlainPodGroup({ labels: REQUIRED, newestCreatedAt: '2026-08-01T00:00:00Z', ...over });
const template = (over: Partial<PodTemplate> = {}) =>
  observed<readonly PodTemplate[]>([
    { namespace: 'shop', ownerKind: 'Deployment', ownerName: 'cart', labels: REQUIRED, runtimeClassName: KATA, ...over },
  ]);
const cronJob = ({ runtimeClassName, ...over }: Partial<PodTemplate> = {}) =>
  observed<readonly PodTemplate[]>([
    {
      namespace: 'shop',
      ownerKind: 'CronJob',
      ownerName: 'nightly',
      labels: REQUIRED,
      ...(runtimeClassName === undefined ? {} : { runtimeClassName }),
      ...over,
    },
  ]);
const lastRun = {
  ownerKind: 'CronJob',
  ownerName: 'nightly',
  phases: { pending: 0, running: 0, succeeded: 2, failed: 0, unknown: 0 },
  lastRunAt: '2026-09-01T03:00:00.000Z',
  lastEnded: { at: '2026-09-01T03:01:00.000Z', phase: 'succeeded' },
} as const;
const none = { workloads: observed([]) };
const NO_PATCH = (words: string) => new RegExp(`^(?![^]*runtimeClassName: )[^]*${words}`);

const KRUISE = { ownerKind: 'DaemonSet', ownerGroup: 'apps.kruise.io' };
const newPods = (over: Partial<PodGroup>) => aPodGroup({ labels: REQUIRED, pods: 1, newestCreatedAt: '2026-09-01T11:00:00Z', ...over });

/** What the pods do not show: a template that is already correct, and a CronJob without pods; then what they show of a rollout. */
testRule(workloadSandboxed, [
  {
    name: 'sets a class that the template does not name',
    over: { workloads: observed([outside()]), templates: template({ runtimeClassName: 'runc' }) },
    says: { [CART]: 'fail' },
    remediation: /kubectl patch .*runtimeClassName: kata-vm-isolation/,
  },
  ...(
    [
      [
        'is paused',
        { held: 'paused' },
        /the Deployment is paused/,
        'rollout resume --context shop --namespace shop -- deployments\\.apps cart',
      ],
      [
        'runs into a quota',
        { refusal: 'exceeded quota: team' },
        /cannot be created: exceeded quota: team\.$/,
        'describe .* -- deployments\\.apps cart',
      ],
      ['waits for its controller', {}, /no new pod has been created yet\.$/, 'describe .* -- deployments\\.apps cart'],
    ] as const
  ).map(([what, over, message, command]) => ({
    name: `sets no class where the template names it already and the Deployment ${what}`,
    over: { workloads: observed([outside()]), templates: template(over) },
    says: { [CART]: 'fail' as const },
    message,
    remediation: NO_PATCH(command),
  })),
  ...(
    [
      ['DaemonSet', 'on-delete', /OnDelete keeps the older pods/, 'Delete the older pods one by one'],
      ['StatefulSet', 'on-delete', /OnDelete keeps the older pods/, 'Delete the older pods one by one'],
      ['StatefulSet', 'partition', /the partition of its update strategy keeps/, 'Set the partition of'],
    ] as const
  ).map(([ownerKind, held, message, words]) => ({
    name: `names what keeps the older pods of a ${ownerKind}: ${held}`,
    over: { workloads: observed([outside({ ownerKind })]), templates: template({ ownerKind, held }) },
    says: { [`workload/shop/${ownerKind}/cart`]: 'fail' as const },
    message,
    remediation: NO_PATCH(words),
  })),
  {
    name: 'resumes a Deployment whose template no longer selects the nodes that its older pods did',
    over: { workloads: observed([outside({ nodeSelector: { agentpool: 'system' } })]), templates: template({ held: 'paused' }) },
    says: { [CART]: 'fail' },
    remediation: /rollout resume/,
  },
  {
    name: 'sees to the selector first where a paused Deployment selects nodes without Kata',
    over: { workloads: observed([outside()]), templates: template({ held: 'paused', nodeSelector: { agentpool: 'system' } }) },
    says: { [CART]: 'fail' },
    remediation: /First change the node selector, then go on with the rollout/,
  },
  {
    name: 'sees to a node first where a paused Deployment would be resumed without one',
    over: {
      workloads: observed([outside()]),
      templates: template({ held: 'paused' }),
      nodes: observed([aKataNode({ unschedulable: true })]),
    },
    says: { [CART]: 'fail' },
    remediation: /^Its pods would find no node, because the Kata nodes are cordoned\. First uncordon one, then go on with the rollout/,
  },
  {
    name: 'speaks of the new pods where a rollout has begun, and of the pause where it was stopped halfway',
    over: {
      workloads: observed([outside(), aPodGroup({ labels: REQUIRED, pods: 1, newestCreatedAt: '2026-09-01T11:00:00Z' })]),
      templates: template({ held: 'paused' }),
    },
    says: { [CART]: 'fail' },
    message: /the Deployment is paused/,
  },
  {
    name: 'speaks of the new pods where a rollout goes on',
    over: {
      workloads: observed([outside(), aPodGroup({ labels: REQUIRED, pods: 1, newestCreatedAt: '2026-09-01T11:00:00Z' })]),
      templates: template(),
    },
    says: { [CART]: 'fail' },
    message: /A rollout is in progress: 1 newer pod names/,
  },
  {
    name: 'quotes the scheduler where new pods wait, and not the controller that waits for them',
    over: {
      workloads: observed([
        outside(),
        aPodGroup({
          labels: REQUIRED,
          pods: 1,
          newestCreatedAt: '2026-09-01T11:00:00Z',
          waiting: 1,
          waitingReason: '0/3 nodes are available',
        }),
        aPodGroup({
          labels: REQUIRED,
          pods: 1,
          newestCreatedAt: '2026-09-01T11:00:00Z',
          features: { ...aPodGroup().features, hostPath: 1 },
        }),
      ]),
      templates: template({ refusal: 'ReplicaSet has timed out progressing' }),
    },
    says: { [CART]: 'fail' },
    message: /1 of them waits to start: 0\/3 nodes are available\.$/,
  },
  {
    name: 'quotes the controller where a rollout stopped halfway and no new pod waits',
    over: {
      workloads: observed([outside(), aPodGroup({ labels: REQUIRED, pods: 1, newestCreatedAt: '2026-09-01T11:00:00Z' })]),
      templates: template({ refusal: 'exceeded quota: team' }),
    },
    says: { [CART]: 'fail' },
    message: /cannot be created: exceeded quota: team\.$/,
  },
  {
    name: 'takes newer pods for no rollout where the template was set back',
    over: {
      workloads: observed([outside(), aPodGroup({ labels: REQUIRED, pods: 1, newestCreatedAt: '2026-09-01T11:00:00Z' })]),
      templates: template({ runtimeClassName: 'runc' }),
      runtimeClasses: observed([aRuntimeClass(), aRuntimeClass({ name: 'runc', handler: 'runc' })]),
    },
    says: { [CART]: 'fail' },
    remediation: /kubectl patch .*runtimeClassName: kata-vm-isolation/,
  },
  {
    name: 'sets another class where the template names one that is not there',
    over: { workloads: observed([outside()]), templates: template({ runtimeClassName: 'gone' }) },
    says: { [CART]: 'fail' },
    remediation: /kubectl patch .*runtimeClassName: kata-vm-isolation/,
  },
  ...(
    [
      ['that has made no run since', {}, /it has not run since\.$/, 'resolves with the next run'],
      ['that is suspended', { held: 'suspended' }, /the CronJob is suspended and has not run since\.$/, 'resolves with the next run, or'],
    ] as const
  ).map(([what, over, message, words]) => ({
    name: `sets no class in the template of a CronJob ${what}`,
    over: { workloads: observed([outside(lastRun)]), templates: cronJob({ runtimeClassName: KATA, ...over }) },
    says: { [NIGHTLY]: 'fail' as const },
    message,
    remediation: NO_PATCH(words),
  })),
  {
    name: 'fails a CronJob without pods by its template, and says that it did',
    over: { ...none, templates: cronJob() },
    says: { [NIGHTLY]: 'fail' },
    severity: 'critical',
    message:
      /^Its next run must run in a pod VM \(pods labelled .*\) and would not: no RuntimeClass, .*It has no pod and is judged by its pod template\.$/,
    facts: { judgedBy: 'pod template', requirement: [LABELLED], runtime: [NO_CLASS] },
    remediation: /kubectl patch .*spec: \{jobTemplate: .*runtimeClassName: kata-vm-isolation.* -- cronjobs\.batch nightly/,
  },
  {
    name: 'fails a suspended CronJob without pods less severely',
    over: { ...none, templates: cronJob({ held: 'suspended' }) },
    says: { [NIGHTLY]: 'fail' },
    severity: 'medium',
    message: /It is suspended and does not run until it is resumed\.$/,
  },
  {
    name: 'takes host namespaces out of the template of a CronJob first',
    over: { ...none, templates: cronJob({ hostNamespaces: ['hostNetwork'] }) },
    says: { [NIGHTLY]: 'fail' },
    remediation: /^First remove hostNetwork from the pod template/,
  },
  {
    name: 'passes a CronJob without pods by its template',
    over: { ...none, templates: cronJob({ runtimeClassName: KATA }) },
    says: { [NIGHTLY]: 'pass' },
    message: /^It has no pod\. Its pod template names the RuntimeClass kata-vm-isolation\.$/,
    facts: { judgedBy: 'pod template', requirement: [LABELLED] },
  },
  {
    name: 'does not know a CronJob whose template names a class that is not there',
    over: { ...none, templates: cronJob({ runtimeClassName: 'gone' }) },
    says: { [NIGHTLY]: 'unknown' },
    message: /names the RuntimeClass gone, which does not exist: its next run cannot start/,
  },
  {
    name: 'says nothing of a CronJob of which nothing is required',
    over: { ...none, templates: cronJob({ labels: {} }) },
    says: {},
  },
  {
    name: 'does not know a CronJob whose namespace was not seen',
    over: { ...none, templates: cronJob({ labels: {} }), namespaces: unavailable('denied', 'Forbidden.') },
    says: { [NIGHTLY]: 'unknown' },
    message: /The labels of its namespace could not be read/,
    facts: { judgedBy: 'pod template' },
  },
  {
    name: 'says nothing of a CronJob whose class is right whatever its namespace says',
    over: { ...none, templates: cronJob({ labels: {}, runtimeClassName: KATA }), namespaces: unavailable('denied', 'Forbidden.') },
    says: {},
  },
  {
    name: 'tells of our label with a value that is not read, on a template',
    over: { ...none, templates: cronJob({ labels: { 'kataudit.io/sandbox': 'Required' } }) },
    says: { [NIGHTLY]: 'unknown' },
    message: /^Its pod template has the label kataudit\.io\/sandbox=Required, a value that the policy does not use/,
  },
  {
    name: 'tells of our label with a value that is not read, on the namespace of a template',
    over: {
      ...none,
      templates: cronJob({ labels: {} }),
      namespaces: observed([aNamespace('shop', { 'kataudit.io/sandbox': 'Required' })]),
    },
    says: { [NIGHTLY]: 'unknown' },
    message: /^Its namespace shop has the label kataudit\.io\/sandbox=Required/,
  },
  {
    name: 'requires a sandbox of a CronJob by its namespace',
    over: { ...none, templates: cronJob({ labels: {} }), namespaces: observed([aNamespace('shop', REQUIRED)]) },
    says: { [NIGHTLY]: 'fail' },
  },
  {
    name: 'judges a CronJob with pods by its pods alone',
    over: { workloads: observed([aPodGroup({ ...lastRun, labels: REQUIRED })]), templates: cronJob() },
    says: { [NIGHTLY]: 'pass' },
  },
  {
    name: 'says nothing of other workloads without pods',
    over: { ...none, templates: template() },
    says: {},
  },
  {
    name: 'describes the new pods when a rollout has begun',
    over: {
      workloads: observed([
        aPlainPodGroup({ labels: REQUIRED, newestCreatedAt: '2026-08-01T00:00:00Z' }),
        newPods({ waiting: 1, waitingReason: '0/3 nodes are available', marked: { waiting: ['cart-9'] } }),
      ]),
    },
    says: { [CART]: 'fail' },
    message:
      /A rollout is in progress: 1 newer pod names an accepted RuntimeClass, and 1 of them waits to start: 0\/3 nodes are available\.$/,
    remediation: /The pod template is already correct.*\n.*\n?.*-- pods cart-9/,
  },
  {
    name: 'counts the new pods that wait, and quotes the first that says why',
    over: {
      workloads: observed([
        aPlainPodGroup({ labels: REQUIRED, newestCreatedAt: '2026-08-01T00:00:00Z' }),
        newPods({ pods: 2, waiting: 2 }),
        newPods({ waiting: 1, waitingReason: '0/3 nodes are available', runtimeClassName: 'other' }),
      ]),
      runtimeClasses: observed([aRuntimeClass(), aRuntimeClass({ name: 'other' })]),
    },
    says: { [CART]: 'fail' },
    message: /3 newer pods name an accepted RuntimeClass, and 3 of them wait to start: 0\/3 nodes are available\.$/,
  },
  ...[{ newestCreatedAt: '2026-07-01T00:00:00Z' }, {}].map((time) => ({
    name: `does not take sandboxed pods that are older, or of an unknown age, for a rollout: ${Object.keys(time).join()}`,
    over: {
      workloads: observed([
        aPlainPodGroup({ labels: REQUIRED, newestCreatedAt: '2026-08-01T00:00:00Z' }),
        aPodGroup({ labels: REQUIRED, ...time }),
      ]),
    },
    says: { [CART]: 'fail' as const },
    remediation: /kubectl patch .*runtimeClassName: kata-vm-isolation/,
  })),
  {
    name: 'reports new pods that wait without a reason that is known',
    over: { workloads: observed([aPlainPodGroup({ labels: REQUIRED, newestCreatedAt: '2026-08-01T00:00:00Z' }), newPods({ waiting: 1 })]) },
    says: { [CART]: 'fail' },
    message: /and 1 of them waits to start\.$/,
  },
  {
    name: 'suggests to wait for a rollout in progress',
    over: { workloads: observed([aPlainPodGroup({ labels: REQUIRED, newestCreatedAt: '2026-08-01T00:00:00Z' }), newPods({})]) },
    says: { [CART]: 'fail' },
    message: /1 newer pod names an accepted RuntimeClass\.$/,
    remediation: /Wait for the rollout to end/,
  },
  {
    name: 'treats pods of the same second as a rollout',
    over: {
      workloads: observed([
        aPlainPodGroup({ labels: REQUIRED, newestCreatedAt: '2026-09-01T11:00:00Z' }),
        newPods({ waiting: 1, waitingReason: '0/3 nodes are available', marked: { waiting: ['cart-9'] } }),
      ]),
    },
    says: { [CART]: 'fail' },
    message: /A rollout is in progress: 1 newer pod names/,
  },
  ...(
    [
      ['StatefulSet', 'an update strategy of OnDelete, or a partition, keeps the older pods', 'statefulsets.apps'],
      ['DaemonSet', 'an update strategy of OnDelete keeps the older pods', 'daemonsets.apps'],
    ] as const
  ).map(([ownerKind, words, resource]) => ({
    name: `names what may keep the older pods of a ${ownerKind} for good`,
    over: {
      workloads: observed([
        aPlainPodGroup({ ownerKind, labels: REQUIRED, newestCreatedAt: '2026-08-01T00:00:00Z' }),
        newPods({ ownerKind }),
      ]),
    },
    says: { [`workload/shop/${ownerKind}/cart`]: 'fail' as const },
    remediation: new RegExp(`Wait for the rollout to end.*${words}[^]*get .* --output yaml -- ${resource} cart`),
  })),
  {
    name: 'does not know what keeps the pods of an owner of another group',
    over: {
      workloads: observed([
        aPlainPodGroup({ ...KRUISE, labels: REQUIRED, newestCreatedAt: '2026-08-01T00:00:00Z' }),
        newPods({ ...KRUISE, waiting: 1, marked: { waiting: ['cart-9'] } }),
      ]),
    },
    says: { 'workload/shop/DaemonSet.apps.kruise.io/cart': 'fail' },
    remediation: /what its new pods are waiting for[\s\S]* -- pods cart-9$/,
  },
  {
    name: 'does not expect a strategy of an owner of another group',
    over: {
      workloads: observed([aPlainPodGroup({ ...KRUISE, labels: REQUIRED, newestCreatedAt: '2026-08-01T00:00:00Z' }), newPods(KRUISE)]),
    },
    says: { 'workload/shop/DaemonSet.apps.kruise.io/cart': 'fail' },
    remediation: /Wait for the rollout to end, then audit again\.$/,
  },
  {
    name: 'names the node selector when a DaemonSet waits on nodes without Kata, also with maxSurge',
    over: {
      workloads: observed([
        aPlainPodGroup({ ownerKind: 'DaemonSet', labels: REQUIRED, newestCreatedAt: '2026-08-01T00:00:00Z' }),
        newPods({ ownerKind: 'DaemonSet', waiting: 1, marked: { waiting: ['cart-9'] } }),
      ]),
    },
    says: { 'workload/shop/DaemonSet/cart': 'fail' },
    remediation: /Add the node selector kubernetes\.azure\.com\/kata-vm-isolation: "true" to its pod template/,
  },
  {
    name: 'names the selector of the class of which new pods wait, where another class has none',
    over: {
      workloads: observed([
        aPlainPodGroup({ ownerKind: 'DaemonSet', labels: REQUIRED, newestCreatedAt: '2026-08-01T00:00:00Z' }),
        newPods({ ownerKind: 'DaemonSet', waiting: 1, runtimeClassName: 'bare' }),
        newPods({ ownerKind: 'DaemonSet', waiting: 1, runtimeClassName: 'mine' }),
      ]),
      runtimeClasses: observed([
        aRuntimeClass({ name: 'bare', nodeSelector: {} }),
        aRuntimeClass({ name: 'mine', nodeSelector: { my: 'node' } }),
      ]),
    },
    says: { 'workload/shop/DaemonSet/cart': 'fail' },
    remediation: /Add the node selector my: "node" to its pod template/,
  },
  {
    name: 'looks at a waiting pod of a DaemonSet whose class selects no nodes',
    over: {
      workloads: observed([
        aPlainPodGroup({ ownerKind: 'DaemonSet', labels: REQUIRED, newestCreatedAt: '2026-08-01T00:00:00Z' }),
        newPods({ ownerKind: 'DaemonSet', waiting: 1, runtimeClassName: 'bare', marked: { waiting: ['cart-9'] } }),
      ]),
      runtimeClasses: observed([aRuntimeClass(), aRuntimeClass({ name: 'bare', nodeSelector: {} })]),
    },
    says: { 'workload/shop/DaemonSet/cart': 'fail' },
    remediation: /what its new pods are waiting for[\s\S]* -- pods cart-9$/,
  },
  ...['2026-08-09T00:00:00Z', '2026-08-02T00:00:00Z'].map((newestCreatedAt) => ({
    name: `names a partition when a StatefulSet creates pods from its older template, also in the same second: ${newestCreatedAt}`,
    over: {
      workloads: observed([
        aPlainPodGroup({ ownerKind: 'StatefulSet', labels: REQUIRED, newestCreatedAt }),
        newPods({ ownerKind: 'StatefulSet', newestCreatedAt: '2026-08-02T00:00:00Z' }),
      ]),
    },
    says: { 'workload/shop/StatefulSet/cart': 'fail' as const },
    message: /Of the same StatefulSet, 1 pod names an accepted RuntimeClass\.$/,
    remediation: /partition.*set it to 0[\s\S]*kubectl get .* --output yaml -- statefulsets\.apps cart/,
  })),
  {
    name: 'counts the pods of a StatefulSet that name the class already',
    over: {
      workloads: observed([
        aPlainPodGroup({ ownerKind: 'StatefulSet', labels: REQUIRED, newestCreatedAt: '2026-08-09T00:00:00Z' }),
        newPods({ ownerKind: 'StatefulSet', pods: 2, newestCreatedAt: '2026-08-02T00:00:00Z' }),
      ]),
    },
    says: { 'workload/shop/StatefulSet/cart': 'fail' },
    message: /Of the same StatefulSet, 2 pods name an accepted RuntimeClass\.$/,
  },
  {
    name: 'names no partition of a DaemonSet, which has none',
    over: {
      workloads: observed([
        aPlainPodGroup({ ownerKind: 'DaemonSet', labels: REQUIRED, newestCreatedAt: '2026-08-09T00:00:00Z' }),
        newPods({ ownerKind: 'DaemonSet', newestCreatedAt: '2026-08-02T00:00:00Z' }),
      ]),
    },
    says: { 'workload/shop/DaemonSet/cart': 'fail' },
    message: /\(for example cart-1\)\.$/,
    remediation: /^With only the class, its pods would wait forever/,
  },
]);
