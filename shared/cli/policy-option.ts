import { policyFromText } from '../compose/container/policy.ts';
import type { PolicyInForce } from '../ports/policy-source.ts';
import { readText, sourceName } from './frame/files.ts';

/** The policy of `--policy`, or the built-in one. Throws one error that names the file and lists every mistake. */
export async function policyOf(file: string | undefined): Promise<PolicyInForce> {
  return file === undefined ? policyFromText(undefined, 'built-in') : policyFromText(await readText(file), sourceName(file));
}
