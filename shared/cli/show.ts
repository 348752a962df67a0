import { openKubeconfigCluster } from '../compose/command-line/kubeconfig.ts';
import { imageAgeDays, parseNodeImage } from '../domain/images/node-image.ts';
import { type IsolationRow, isolationTable } from '../domain/isolation/isolation-table.ts';
import { isKataNode } from '../domain/isolation/kata-evidence.ts';
import type { Policy } from '../domain/policy/policy.ts';
import { given } from '../domain/snapshot/given.ts';
import type { Observation } from '../domain/snapshot/observation.ts';
import type { ClusterSnapshot, KubernetesNode, NodePool, RuntimeClass } from '../domain/snapshot/snapshot.ts';
import { counted } from '../domain/text/counted.ts';
import { deliver, destinationsOf, type Wanted } from './frame/destinations.ts';
import type { Surroundings } from './frame/surroundings.ts';
import { plain, table } from './frame/table.ts';
import type { Page } from './frame/terminal.ts';
import { UsageError } from './frame/usage-error.ts';
import { policyOf } from './policy-option.ts';
import { type ClusterOptions, kubeconfigChoice, targetsOf } from './targets.ts';

/** The options of `kataudit show`. */
export interface ShowOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly cluster?: string;
  readonly policy?: string;
  readonly probe?: boolean;
  readonly timeout: number;
  readonly format?: readonly Wanted<'table' | 'json'>[];
  readonly output?: string;
}

/** `kataudit show`: prints the Kata parts of a cluster without judging them; returns 2 if a part could not be read. */
export async function show(here: Surroundings, options: ShowOptions): Promise<number> {
  const destinations = await destinationsOf(options.format, 'table', options.output);
  const { policy } = await policyOf(options.policy);
  here.terminal.progress('Reading the cluster …');
  const snapshot = options.probe === true ? await probed(here, options, policy) : await looked(here, options, policy);
  here.terminal.progress('');
  const rows = isolationTable(snapshot);
  await deliver(here.terminal, destinations, (format, page) => (format === 'json' ? document(snapshot, rows) : text(snapshot, rows, page)));
  const { nodePools, nodes, runtimeClasses, isolationProofs } = snapshot;
  const asked = [
    nodes,
    runtimeClasses,
    ...(options.cluster === undefined ? [] : [nodePools]),
    ...(options.probe === true ? [isolationProofs] : []),
  ];
  return asked.every(({ state }) => state === 'observed') ? 0 : 2;
}

async function looked(
  here: Surroundings,
  { kubeconfig, context, cluster, timeout }: ShowOptions,
  policy: Policy,
): Promise<ClusterSnapshot> {
  const named: ClusterOptions = {
    timeout,
    ...given({ kubeconfig }),
    ...(context === undefined ? {} : { context: [context] }),
    ...(cluster === undefined ? {} : { cluster: [cluster] }),
  };
  const [target] = (await targetsOf(named, policy, here)).targets;
  if (target === undefined) throw new UsageError('There is no cluster to read.');
  return target.look();
}

/** Reads boot ids and kernels in running sandboxed pods. This acts on the cluster, and the command announces it. */
async function probed(
  here: Surroundings,
  { kubeconfig, context, cluster, timeout }: ShowOptions,
  policy: Policy,
): Promise<ClusterSnapshot> {
  if (cluster !== undefined) throw new UsageError('--probe needs a kubeconfig and cannot be combined with --cluster.');
  const opened = await openKubeconfigCluster(kubeconfigChoice(kubeconfig, context, timeout, here));
  here.terminal.say(
    `This runs a command that reads two files of /proc in running sandboxed pods of ${plain(opened.name)}. It changes nothing.`,
  );
  return opened.probe({ mode: 'exec', policy }, here.now(), AbortSignal.timeout(timeout * 1_000));
}

function document(
  { cluster, observedAt, nodePools, latestImages, runtimeClasses, nodes, isolationProofs }: ClusterSnapshot,
  kernels: readonly IsolationRow[],
) {
  return JSON.stringify({ cluster, observedAt, nodePools, latestImages, runtimeClasses, nodes, isolationProofs, kernels }, null, 2);
}

function text(
  { cluster, observedAt, nodePools, runtimeClasses, nodes }: ClusterSnapshot,
  kernels: readonly IsolationRow[],
  page: Page,
): string {
  return [
    page.paint('strong', `Cluster ${plain(cluster.name)}`),
    part('Node pools', nodePools, (pools) => poolTable(pools, observedAt, page)),
    part('RuntimeClasses', runtimeClasses, (classes) => classTable(classes, page)),
    part('Nodes', nodes, (seen) => nodeTable(seen, observedAt, page)),
    kernelTable(kernels, page),
  ].join('\n\n');
}

function part<T>(name: string, observed: Observation<readonly T[]>, draw: (values: readonly T[]) => string): string {
  if (observed.state === 'unavailable') return `${name}: not read. ${plain(observed.reason.message)}`;
  const { coverage, value } = observed;
  const bound = coverage.kind === 'truncated' ? ` Incomplete: ${plain(coverage.message)}` : coverage.kind === 'sample' ? ' A sample.' : '';
  return value.length === 0 ? `${name}: none.${bound}` : `${draw(value)}${bound === '' ? '' : `\n${bound.trim()}`}`;
}

function poolTable(pools: readonly NodePool[], now: string, page: Page): string {
  const rows = pools.map(({ name, workloadRuntime, nodeImageVersion, count, powerState }) => [
    name,
    workloadRuntime ?? 'unknown',
    nodeImageVersion ?? 'unknown',
    ageOf(nodeImageVersion, now),
    count === undefined ? 'unknown' : String(count),
    powerState ?? 'unknown',
  ]);
  return table(['NODE POOL', 'WORKLOAD RUNTIME', 'IMAGE', 'AGE', 'NODES', 'POWER'], rows, page);
}

function classTable(classes: readonly RuntimeClass[], page: Page): string {
  const rows = classes.map(({ name, handler, nodeSelector, overheadMemory }) => [
    name,
    handler,
    labels(nodeSelector),
    overheadMemory ?? 'none',
  ]);
  return table(['RUNTIMECLASS', 'HANDLER', 'NODE SELECTOR', 'OVERHEAD'], rows, page);
}

function nodeTable(nodes: readonly KubernetesNode[], now: string, page: Page): string {
  const rows = nodes.map((node) => [
    node.name,
    node.nodePool ?? node.provisioner,
    isKataNode(node) ? 'yes' : 'no',
    `${node.ready ? 'ready' : 'NOT READY'}${node.unschedulable ? ', cordoned' : ''}`,
    node.runtimeHandlers === undefined ? 'unknown' : node.runtimeHandlers.filter((name) => name !== '').join(', '),
    node.kernelVersion,
    node.nodeImageVersion ?? 'unknown',
    ageOf(node.nodeImageVersion, now),
  ]);
  return table(['NODE', 'POOL', 'KATA', 'STATE', 'HANDLERS', 'KERNEL', 'IMAGE', 'AGE'], rows, page);
}

/** The comparison that the AKS walkthrough makes by hand with `uname -r`. */
function kernelTable(rows: readonly IsolationRow[], page: Page): string {
  if (rows.length === 0) return 'Kernels: there was nothing to compare.';
  const cells = rows.map(({ kind, subject, nodeKernel, podKernel, runtime }) => [
    `${kind}: ${subject}`,
    nodeKernel ?? 'not read',
    podKernel ?? 'not read',
    runtime,
  ]);
  return table(['WHERE', 'NODE KERNEL', 'POD KERNEL', 'RUNTIME'], cells, page);
}

function ageOf(version: string | undefined, now: string): string {
  const image = version === undefined ? undefined : parseNodeImage(version);
  return image === undefined ? 'not known' : counted(imageAgeDays(image, now), 'day');
}

function labels(selector: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(selector).map(([name, value]) => `${name}=${value}`);
  return pairs.length === 0 ? 'none' : pairs.join(', ');
}
