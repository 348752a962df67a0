import { type KubeconfigCluster, openKubeconfigCluster, type ProbeWanted } from '../compose/command-line/kubeconfig.ts';
import { type IsolationRow, isolationTable } from '../domain/isolation/isolation-table.ts';
import { Fault } from '../domain/snapshot/fault.ts';
import { given } from '../domain/snapshot/given.ts';
import type { ClusterSnapshot } from '../domain/snapshot/snapshot.ts';
import { deliver, destinationsOf, type Wanted } from './frame/destinations.ts';
import type { Surroundings } from './frame/surroundings.ts';
import { plain, table } from './frame/table.ts';
import type { Page } from './frame/terminal.ts';
import { UsageError } from './frame/usage-error.ts';
import { policyOf } from './policy-option.ts';
import { kubeconfigChoice } from './targets.ts';

/** The options of `kataudit probe`. */
export interface ProbeOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly mode: ProbeWanted['mode'];
  readonly policy?: string;
  readonly namespace?: string;
  readonly format?: readonly Wanted<'table' | 'json'>[];
  readonly output?: string;
  /** Time limit of the whole probe, in seconds. */
  readonly timeout: number;
}

interface Checked extends ProbeWanted {
  readonly cluster: KubeconfigCluster;
}

/**
 * Probes one cluster and prints the comparison. Returns 0 if all probed pods are proven isolated, 1 if isolation is disproved, 2
 * if it is unknown.
 */
export async function probe(here: Surroundings, options: ProbeOptions): Promise<number> {
  const destinations = await destinationsOf(options.format, 'table', options.output);
  const checked = await check(options, here);
  const { say } = here.terminal;
  say(aboutToProbe(checked));
  const interrupt = onInterrupt(checked, say);
  let snapshot: ClusterSnapshot;
  try {
    snapshot = await checked.cluster.probe(checked, here.now(), interrupt.signal);
  } finally {
    interrupt.forget();
  }
  const rows = isolationTable(snapshot);
  await deliver(here.terminal, destinations, (format, page) =>
    format === 'json' ? asDocument(snapshot, rows, checked) : asTable(snapshot, rows, page),
  );
  if (interrupt.signal.aborted) say('Interrupted: what is not in the table was not probed.');
  return interrupt.signal.aborted ? 2 : probeExitCode(snapshot, rows);
}

/** Reports every wrong option in one error. */
async function check(options: ProbeOptions, here: Surroundings): Promise<Checked> {
  const wrong: string[] = [];
  const note = (error: unknown) => {
    if (!(error instanceof Fault || error instanceof UsageError)) throw error;
    wrong.push(error.message);
    return undefined;
  };
  const { mode, namespace } = options;
  if (namespace !== undefined && !/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(namespace))
    wrong.push(`--namespace must be the name of a namespace, not ${JSON.stringify(namespace)}.`);
  const policy = (await policyOf(options.policy).catch(note))?.policy;
  if (mode === 'canary' && policy?.probe.image === '')
    wrong.push('--mode canary needs an image: set probe.image in the policy to an image that has cat.');
  const cluster = await openKubeconfigCluster(kubeconfigChoice(options.kubeconfig, options.context, options.timeout, here)).catch(note);
  if (wrong.length > 0 || cluster === undefined || policy === undefined) {
    throw new UsageError(wrong.join('\nkataudit: '));
  }
  if (mode === 'exec') return { cluster, mode, policy, ...given({ onlyNamespace: namespace }) };
  return { cluster, mode, policy: namespace === undefined ? policy : { ...policy, probe: { ...policy.probe, namespace } } };
}

/** Announces what will be done in the cluster: every other command only reads. */
function aboutToProbe({ cluster, mode, policy, onlyNamespace }: Checked): string {
  const where = `${plain(cluster.name)} (${plain(cluster.server)})`;
  const { podsPerPool, namespace, image } = policy.probe;
  if (mode === 'exec') {
    const of = onlyNamespace === undefined ? '' : ` of the namespace ${onlyNamespace}`;
    return `This runs a command that reads two files of /proc in running sandboxed pods${of} of ${where}, at most ${podsPerPool} for each node pool. It creates and changes nothing.`;
  }
  return `This creates short-lived pods with the image ${plain(image)} in the namespace ${namespace} of ${where}: two for each Kata pool and one on a plain node, one after another. It deletes each of them, and canaries that an earlier probe left there.`;
}

/** The first Ctrl-C ends the probe in an orderly way and deletes its canary; a second one ends the process. */
function onInterrupt({ mode, policy }: Checked, say: (text: string) => void) {
  const controller = new AbortController();
  const end = () => {
    forget();
    const left = `a canary left in ${policy.probe.namespace} ends by itself within a minute, and the next probe deletes it`;
    say(mode === 'canary' ? `Deleting the canary. Press Ctrl-C again to end immediately: ${left}.` : 'Ending.');
    controller.abort();
  };
  const forget = () => {
    process.off('SIGINT', end);
    process.off('SIGTERM', end);
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  return { signal: controller.signal, forget };
}

/**
 * 1 if a pod shares its node's kernel, 0 if at least one pod was probed and all are proven, otherwise 2: what could not be
 * checked never counts as passed.
 */
export function probeExitCode({ isolationProofs, nodes, workloads }: ClusterSnapshot, rows: readonly IsolationRow[]): number {
  if (rows.some(({ step }) => step === 'disproved')) return 1;
  if (isolationProofs.state === 'unavailable' || nodes.state === 'unavailable' || workloads.state === 'unavailable') return 2;
  if (isolationProofs.value.some(({ result }) => result.state === 'unknown')) return 2;
  const probed = rows.filter(({ kind, bootIds }) => kind === 'sandboxed pod' && bootIds !== 'not read');
  return probed.length > 0 && probed.every(({ step }) => step === 'proven') ? 0 : 2;
}

function asTable(snapshot: ClusterSnapshot, rows: readonly IsolationRow[], page: Page): string {
  const cells = rows.map(({ kind, subject, nodeKernel, podKernel, runtime, bootIds, step, why }) => [
    kind,
    subject,
    nodeKernel ?? '–',
    podKernel ?? '–',
    runtime,
    bootIds,
    step,
    why,
  ]);
  const header = ['WHAT', 'WHERE', 'NODE KERNEL', 'POD KERNEL', 'RUNTIME', 'BOOT IDS', 'STEP', 'WHY'];
  const body = rows.length === 0 ? 'There was nothing to compare.' : table(header, cells, page);
  const missing = reasons(snapshot).map(plain).join('\n');
  return [`Cluster ${plain(snapshot.cluster.name)}: ${counts(rows)}`, body, ...(missing === '' ? [] : [missing])].join('\n\n');
}

function counts(rows: readonly IsolationRow[]): string {
  const sandboxed = rows.filter(({ kind }) => kind === 'sandboxed pod');
  const of = (step: IsolationRow['step']) => sandboxed.filter((row) => row.step === step).length;
  return `${of('proven')} proven, ${of('disproved')} disproved, ${of('resolved')} resolved, ${of('declared')} declared`;
}

/** Why evidence, or a part of it, is missing. */
function reasons({ nodes, runtimeClasses, workloads, isolationProofs }: ClusterSnapshot): readonly string[] {
  const parts = { nodes, runtimeClasses, workloads, 'isolation probe': isolationProofs };
  const missing = Object.entries(parts).flatMap(([name, part]) =>
    part.state === 'unavailable' ? [`Could not read ${name}: ${part.reason.message} (${part.reason.code})`] : [],
  );
  const nothing = isolationProofs.state === 'observed' && isolationProofs.value.length === 0;
  return nothing
    ? [...missing, 'Nothing was probed: there is no running sandboxed pod or Kata node that the policy allows to be probed.']
    : missing;
}

function asDocument({ cluster, observedAt, isolationProofs }: ClusterSnapshot, rows: readonly IsolationRow[], { mode }: Checked): string {
  return JSON.stringify({ cluster: cluster.name, observedAt, mode, rows, isolationProofs }, null, 2);
}
