import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Settings } from '../config/settings.ts';
import { Fault } from '../domain/fault.ts';
import { DEFAULT_POLICY, type Policy } from '../domain/policy.ts';
import type { PolicyInForce, PolicySource } from '../ports/policy-source.ts';
import type { ReadTextBlob } from '../storage/text-blobs.ts';

/** The policy in a text, or the built-in one when there is none; throws an error that lists every mistake. */
export async function policyFromText(text: string | undefined, source: string): Promise<PolicyInForce> {
  if (text === undefined) return inForce(DEFAULT_POLICY, 'built-in');
  const [{ parsePolicy }, { RULES }] = await Promise.all([import('../config/policy-file.ts'), import('../rules/index.ts')]);
  const known = RULES.map(({ id }) => id);
  return inForce(parsePolicy(text, source, known), source);
}

/** Where the policy lies when nobody says: nothing there is no mistake, the built-in policy holds. */
const USUAL_PLACE = 'policy/policy.yaml';

/**
 * The policy that the settings name: a file, or else a blob as `container/name`. The last good one stays
 * in force, with the problem, when a new one is bad or cannot be read. Before there is a good one, failing
 * to read is thrown: to judge by another policy than the operator's could close findings.
 */
export function policySource({ KATAUDIT_POLICY: path }: Pick<Settings, 'KATAUDIT_POLICY'>, readBlob: ReadTextBlob): PolicySource {
  let good: PolicyInForce | undefined;
  let seen: { readonly etag: string; readonly problem: string | undefined } | undefined;

  const inForceWith = async (problem: string | undefined): Promise<PolicyInForce> => {
    const policy = good ?? (await policyFromText(undefined, ''));
    return problem === undefined ? policy : { ...policy, problem };
  };
  const take = async (text: string | undefined, etag?: string): Promise<PolicyInForce> => {
    let problem: string | undefined;
    try {
      good = await policyFromText(text, path);
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
    }
    seen = etag === undefined ? undefined : { etag, problem };
    return inForceWith(problem);
  };
  return async () => {
    const file = await readIfThere(path);
    if (file !== undefined) return take(file);
    let blob: Awaited<ReturnType<ReadTextBlob>>;
    try {
      blob = await readBlob(path, seen?.etag);
    } catch (error) {
      if (good === undefined || !(error instanceof Fault)) throw error;
      return inForceWith(error.message);
    }
    if (blob === 'unchanged') return inForceWith(seen?.problem);
    if (blob !== undefined) return take(blob.text, blob.etag);
    return path === USUAL_PLACE
      ? take(undefined)
      : inForceWith(`There is no policy ${path}: neither a file nor a blob of the storage account.`);
  };
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function inForce(policy: Policy, source: string): PolicyInForce {
  return { policy, hash: createHash('sha256').update(JSON.stringify(policy)).digest('hex'), source };
}
