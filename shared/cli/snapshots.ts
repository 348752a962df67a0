import { auditSaved } from '../compose/command-line/kubeconfig.ts';
import { printSnapshot } from '../domain/snapshot/snapshot-file.ts';
import { auditResult, type PrintOptions } from './audit.ts';
import { readText, writeText } from './files.ts';
import { lookAt, type OneCluster } from './one-cluster.ts';

/** `kataudit collect`: saves what was seen of a cluster, so that it can be judged again offline. */
export async function collect(options: OneCluster & { readonly policy?: string; readonly out?: string }): Promise<number> {
  const policyText = options.policy === undefined ? undefined : await readText(options.policy);
  const snapshot = await lookAt(options, policyText, new Date());
  await writeText(options.out, printSnapshot(snapshot));
  return snapshot.workloads.state === 'observed' && snapshot.nodes.state === 'observed' ? 0 : 2;
}

/** `kataudit evaluate`: judges a saved snapshot; the same file and policy give the same verdicts. */
export async function evaluateFile(file: string, options: PrintOptions): Promise<number> {
  const policyText = options.policy === undefined ? undefined : await readText(options.policy);
  return auditResult(await auditSaved(await readText(file), file, policyText), options, policyText);
}
