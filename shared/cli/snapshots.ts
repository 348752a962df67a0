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

/** The options of `kataudit collect` as typed. */
export interface CollectOptions extends AppOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly cluster?: string;
  readonly policy?: string;
  readonly output?: string;
  /** The older name of `output`. */
  readonly out?: string;
  /** The ARM id that the app knows the cluster by; `true`: that of `cluster`. */
  readonly push?: string | true;
  /** A saved snapshot to push, instead of a new look. */
  readonly snapshot?: string;
  /** Seconds for the whole look. */
  readonly timeout: number;
}

/** `kataudit collect`: saves what was seen of a cluster, so that it can be judged again offline, or has a running app judge it. */
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
  if (target === undefined) throw new UsageError('There is no cluster to look at.');
  here.terminal.progress(`Looking at ${target.cluster.name} …`);
  const snapshot = await target.look();
  here.terminal.progress('');
  if (pushed === undefined || output !== undefined) await writeText(destination?.file, printSnapshot(snapshot));
  if (pushed === undefined) return isWhole(snapshot) ? 0 : 2;
  const { pushSnapshot } = await import('./client/snapshots.ts');
  return pushSnapshot(here, pushed, snapshot, options);
}

/** Sends a snapshot that was saved earlier; nothing is looked at. */
async function pushSaved(here: Surroundings, file: string, options: CollectOptions): Promise<number> {
  const { push, kubeconfig, context, cluster, output, out } = options;
  if (push === undefined)
    throw new UsageError('--snapshot goes with --push: it is sent to a running app. `kataudit evaluate` judges it here.');
  if ([kubeconfig, context, cluster, output, out].some((one) => one !== undefined)) {
    throw new UsageError(
      '--snapshot is a look that was taken already: it goes with neither --kubeconfig, --context, --cluster nor --output.',
    );
  }
  const snapshot = parseSnapshot(await readText(file), sourceName(file));
  const id = push === true ? snapshot.cluster.id : push;
  const parts = parseClusterId(id);
  if (parts === undefined && push === true) {
    throw new UsageError('--push takes the ARM id of the cluster: the snapshot was taken without Azure and does not name it.');
  }
  if (parts === undefined) throw new UsageError(`--push is the ARM id of an AKS cluster, not ${JSON.stringify(id)}.`);
  const { pushSnapshot } = await import('./client/snapshots.ts');
  return pushSnapshot(here, parts, snapshot, options);
}

/** Which cluster the app is sent a look at; `undefined` where nothing is sent. Asked before anything is looked at. */
function pushedId({ push, cluster }: CollectOptions): ClusterIdParts | undefined {
  if (push === undefined) return undefined;
  const id = push === true ? cluster : push;
  if (id === undefined) throw new UsageError('--push takes the ARM id of the cluster when --cluster does not name it.');
  const parts = parseClusterId(id);
  if (parts === undefined) throw new UsageError(`--push is the ARM id of an AKS cluster, not ${JSON.stringify(id)}.`);
  return parts;
}

/** `kataudit evaluate`: judges a saved snapshot; the same file and policy give the same verdicts. */
export async function evaluateFile(here: Surroundings, file: string, options: PrintOptions): Promise<number> {
  const destinations = await destinationsOf(options.format, 'table', options.output);
  const inForce = await policyOf(options.policy);
  if (file === '-' && options.images === '-') throw new UsageError('Standard input is one thing: the snapshot, or the image file.');
  const told = await imagesOf(options.images);
  const result = await auditSaved(await readText(file), sourceName(file), inForce.policy, told);
  return printReport(here, { clusters: [result], notListed: [] }, destinations, inForce, options);
}
