import { auditSaved } from '../compose/command-line/kubeconfig.ts';
import { given } from '../domain/snapshot/given.ts';
import { type ClusterIdParts, parseClusterId } from '../domain/snapshot/resource-id.ts';
import { parseSnapshot, printSnapshot } from '../domain/snapshot/snapshot-file.ts';
import { type PrintOptions, printReport } from './audit.ts';
import type { AppOptions } from './client/connection.ts';
import { isWhole } from './exit-code.ts';
import { destinationsOf } from './frame/destinations.ts';
import { readText, sourceName, writeText } from './frame/files.ts';
import type { Surroundings } from './frame/surroundings.ts';
import { UsageError } from './frame/usage-error.ts';
import { imagesOf } from './images-option.ts';
import { policyOf } from './policy-option.ts';
import { targetsOf } from './targets.ts';

/** The options of `kataudit collect`. */
export interface CollectOptions extends AppOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly cluster?: string;
  readonly policy?: string;
  readonly output?: string;
  /** The former name of `output`. */
  readonly out?: string;
  /** The ARM id under which the app knows the cluster; `true` means the id of `cluster`. */
  readonly push?: string | true;
  /** A saved snapshot to push instead of a new one. */
  readonly snapshot?: string;
  /** Time limit of the whole collection, in seconds. */
  readonly timeout: number;
}

/** `kataudit collect`: saves a snapshot of a cluster, so that it can be judged offline, or has a running app judge it. */
export async function collect(here: Surroundings, options: CollectOptions): Promise<number> {
  const { kubeconfig, context, cluster, timeout } = options;
  if (options.snapshot !== undefined) return pushSaved(here, options.snapshot, options);
  const pushed = pushedId(options);
  const named = {
    timeout,
    ...given({ kubeconfig }),
    ...(context === undefined ? {} : { context: [context] }),
    ...(cluster === undefined ? {} : { cluster: [cluster] }),
  };
  const output = options.output ?? options.out;
  const [destination] = await destinationsOf(undefined, 'json', output);
  const { policy } = await policyOf(options.policy);
  const { targets } = await targetsOf(named, policy, here);
  const [target] = targets;
  if (target === undefined) throw new UsageError('There is no cluster to read.');
  here.terminal.progress(`Scanning ${target.cluster.name} …`);
  const snapshot = await target.look();
  here.terminal.progress('');
  if (pushed === undefined || output !== undefined) await writeText(destination?.file, printSnapshot(snapshot));
  if (pushed === undefined) return isWhole(snapshot) ? 0 : 2;
  const { pushSnapshot } = await import('./client/snapshots.ts');
  return pushSnapshot(here, pushed, snapshot, options);
}

/** Sends a snapshot that was saved earlier; no cluster is read. */
async function pushSaved(here: Surroundings, file: string, options: CollectOptions): Promise<number> {
  const { push, kubeconfig, context, cluster, output, out } = options;
  if (push === undefined)
    throw new UsageError('--snapshot needs --push, which sends it to a running app. Use `kataudit evaluate` to judge it here.');
  if ([kubeconfig, context, cluster, output, out].some((one) => one !== undefined)) {
    throw new UsageError('--snapshot sends a saved snapshot. It cannot be combined with --kubeconfig, --context, --cluster or --output.');
  }
  const snapshot = parseSnapshot(await readText(file), sourceName(file));
  const id = push === true ? snapshot.cluster.id : push;
  const parts = parseClusterId(id);
  if (parts === undefined && push === true) {
    throw new UsageError('--push needs the ARM id of the cluster: the snapshot was collected without Azure and does not contain it.');
  }
  if (parts === undefined) throw new UsageError(`--push must be the ARM id of an AKS cluster, not ${JSON.stringify(id)}.`);
  const { pushSnapshot } = await import('./client/snapshots.ts');
  return pushSnapshot(here, parts, snapshot, options);
}

/** The cluster whose snapshot is sent to the app; `undefined` if nothing is sent. Checked before the cluster is read. */
function pushedId({ push, cluster }: CollectOptions): ClusterIdParts | undefined {
  if (push === undefined) return undefined;
  const id = push === true ? cluster : push;
  if (id === undefined) throw new UsageError('--push needs the ARM id of the cluster if --cluster does not give it.');
  const parts = parseClusterId(id);
  if (parts === undefined) throw new UsageError(`--push must be the ARM id of an AKS cluster, not ${JSON.stringify(id)}.`);
  return parts;
}

/** `kataudit evaluate`: judges a saved snapshot; the same file and policy give the same verdicts. */
export async function evaluateFile(here: Surroundings, file: string, options: PrintOptions): Promise<number> {
  const destinations = await destinationsOf(options.format, 'table', options.output);
  const inForce = await policyOf(options.policy);
  if (file === '-' && options.images === '-') throw new UsageError('Standard input can be the snapshot or the image file, but not both.');
  const told = await imagesOf(options.images);
  const result = await auditSaved(await readText(file), sourceName(file), inForce.policy, told);
  return printReport(here, { clusters: [result], notListed: [] }, destinations, inForce, options);
}
