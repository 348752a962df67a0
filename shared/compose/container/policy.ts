import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Settings } from '../../config/settings.ts';
import { DEFAULT_POLICY, type Policy } from '../../domain/policy/policy.ts';
import { Fault } from '../../domain/snapshot/fault.ts';
import type { PolicyInForce, PolicySource } from '../../ports/policy-source.ts';
import type { TextBlobs } from '../../storage/text-blobs.ts';

/** The policy in a text, or the built-in one when there is none; throws an error that lists every mistake. */
export async function policyFromText(text: string | undefined, source: string): Promise<PolicyInForce> {
  if (text === undefined) return inForce(DEFAULT_POLICY, 'built-in');
  const [{ parsePolicy }, { RULES }] = await Promise.all([import('../../config/policy-file.ts'), import('../../rules/index.ts')]);
  const known = RULES.map(({ id }) => id);
  return inForce(parsePolicy(text, source, known), source);
}

/** The default location of the policy; when it does not exist, the built-in policy applies. */
const USUAL_PLACE = 'policy/policy.yaml';

/**
 * Where the app keeps the newest valid policy: a process that starts
 * while the operator's file is invalid must judge by the last valid one too. Empty: the built-in one.
 */
const LAST_GOOD = 'policy/last-good.yaml';

/**
 * The policy from the settings: a file, or else a blob as `container/name`. The last valid one stays
 * in force, with the problem, when a new one is invalid, gone or cannot be read, because to judge by another policy
 * than the operator's could close findings. The built-in one applies only when there never was a valid one.
 */
export function policySource({ KATAUDIT_POLICY: path }: Pick<Settings, 'KATAUDIT_POLICY'>, texts: TextBlobs): PolicySource {
  let good: PolicyInForce | undefined;
  let seen: { readonly etag: string; readonly problem: string | undefined } | undefined;

  const lastGood = async (problem: string | undefined): Promise<PolicyInForce> => {
    good ??= await kept(texts);
    return problem === undefined ? good : { ...good, problem };
  };
  const take = async (text: string | undefined, etag?: string): Promise<PolicyInForce> => {
    const taken = await policyOrFault(text, path);
    const problem = taken instanceof Fault ? taken.message : undefined;
    if (!(taken instanceof Fault)) {
      if (taken.hash !== good?.hash) await keep(texts, text ?? '');
      good = taken;
    }
    seen = etag === undefined ? undefined : { etag, problem };
    return lastGood(problem);
  };
  return async () => {
    const file = await readIfThere(path);
    if (file !== undefined) return take(file);
    let blob: Awaited<ReturnType<TextBlobs['read']>>;
    try {
      blob = await texts.read(path, seen?.etag);
    } catch (error) {
      // Without a known policy, a transient failure is retried; a permanent one is the operator's mistake.
      if (!(error instanceof Fault) || (good === undefined && error.retryable)) throw error;
      return lastGood(error.message);
    }
    if (blob === 'unchanged') return lastGood(seen?.problem);
    if (blob !== undefined) return take(blob.text, blob.etag);
    return path === USUAL_PLACE
      ? take(undefined)
      : lastGood(`There is no policy ${path}: neither a file nor a blob of the storage account.`);
  };
}

async function policyOrFault(text: string | undefined, source: string): Promise<PolicyInForce | Fault> {
  try {
    return await policyFromText(text, source);
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
}

async function kept(texts: TextBlobs): Promise<PolicyInForce> {
  const held = await texts.read(LAST_GOOD);
  const text = held === undefined || held === 'unchanged' || held.text === '' ? undefined : held.text;
  return policyFromText(text, LAST_GOOD);
}

/** Stores a valid policy. If another process wrote at the same time, its policy is valid and as new. */
async function keep(texts: TextBlobs, text: string): Promise<void> {
  const held = await texts.read(LAST_GOOD);
  if (held === 'unchanged' || held?.text === text || (held === undefined && text === '')) return;
  await texts.write(LAST_GOOD, text, held?.etag);
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
