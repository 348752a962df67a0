import { auditSaved } from '../compose/command-line/kubeconfig.ts';
import { printSnapshot } from '../domain/snapshot/snapshot-file.ts';
import { auditResult, type PrintOptions } from './audit.ts';
import { destinationsOf } from './frame/destinations.ts';
import { readText, writeText } from './frame/files.ts';
import type { Surroundings } from './frame/surroundings.ts';
import { checkOneCluster, lookAt, type OneCluster } from './one-cluster.ts';
import { policyOf } from './policy-option.ts';

/** The options of `kataudit collect` as typed. */
export interface CollectOptions extends OneCluster {
  readonly policy?: string;
  readonly output?: string;
}

/** `kataudit collect`: saves what was seen of a cluster, so that it can be judged again offline. */
export async function collect(here: Surroundings, options: CollectOptions): Promise<number> {
  checkOneCluster(options);
  const [destination] = await destinationsOf(undefined, 'json', options.output);
  const { policy } = await policyOf(options.policy);
  const snapshot = await lookAt(options, policy, here);
  await writeText(destination?.file, printSnapshot(snapshot));
  return snapshot.workloads.state === 'observed' && snapshot.nodes.state === 'observed' ? 0 : 2;
}

/** `kataudit evaluate`: judges a saved snapshot; the same file and policy give the same verdicts. */
export async function evaluateFile(here: Surroundings, file: string, options: PrintOptions): Promise<number> {
  const destinations = await destinationsOf(options.format, 'table', options.output);
  const inForce = await policyOf(options.policy);
  const result = await auditSaved(await readText(file), file, inForce.policy);
  return auditResult(here, result, destinations, inForce, options.failOn);
}
