import { auditSaved } from '../compose/command-line/kubeconfig.ts';
import { printSnapshot } from '../domain/snapshot/snapshot-file.ts';
import { type PrintOptions, printReport } from './audit.ts';
import { isWhole } from './exit-code.ts';
import { destinationsOf } from './frame/destinations.ts';
import { readText, writeText } from './frame/files.ts';
import type { Surroundings } from './frame/surroundings.ts';
import { UsageError } from './frame/usage-error.ts';
import { policyOf } from './policy-option.ts';
import { targetsOf } from './targets.ts';

/** The options of `kataudit collect` as typed. */
export interface CollectOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly cluster?: string;
  readonly policy?: string;
  readonly output?: string;
  /** The older name of `output`. */
  readonly out?: string;
  /** Seconds for the whole look. */
  readonly timeout: number;
}

/** `kataudit collect`: saves what was seen of a cluster, so that it can be judged again offline. */
export async function collect(here: Surroundings, options: CollectOptions): Promise<number> {
  const { kubeconfig, context, cluster, timeout } = options;
  const named = {
    timeout,
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context: [context] }),
    ...(cluster === undefined ? {} : { cluster: [cluster] }),
  };
  const [destination] = await destinationsOf(undefined, 'json', options.output ?? options.out);
  const { policy } = await policyOf(options.policy);
  const { targets } = await targetsOf(named, policy, here);
  const [target] = targets;
  if (target === undefined) throw new UsageError('There is no cluster to look at.');
  here.terminal.progress(`Looking at ${target.cluster.name} …`);
  const snapshot = await target.look();
  here.terminal.progress('');
  await writeText(destination?.file, printSnapshot(snapshot));
  return isWhole(snapshot) ? 0 : 2;
}

/** `kataudit evaluate`: judges a saved snapshot; the same file and policy give the same verdicts. */
export async function evaluateFile(here: Surroundings, file: string, options: PrintOptions): Promise<number> {
  const destinations = await destinationsOf(options.format, 'table', options.output);
  const inForce = await policyOf(options.policy);
  const result = await auditSaved(await readText(file), file, inForce.policy);
  return printReport(here, { clusters: [result], notListed: [] }, destinations, inForce, options);
}
