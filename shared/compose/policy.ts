import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Settings } from '../config/settings.ts';
import { DEFAULT_POLICY, type Policy } from '../domain/policy.ts';
import type { PolicyInForce, PolicySource } from '../ports/policy-source.ts';

/** The policy in a text, or the built-in one when there is none; throws an error that lists every mistake. */
export async function policyFromText(text: string | undefined, source: string): Promise<PolicyInForce> {
  if (text === undefined) return inForce(DEFAULT_POLICY, 'built-in');
  const { parsePolicy } = await import('../config/policy-file.ts');
  return inForce(parsePolicy(text, source), source);
}

/** The policy that the settings name; the last good one stays in force, with the problem, when a new file is bad. */
export function policySource(settings: Settings): PolicySource {
  let lastGood: PolicyInForce | undefined;
  return async () => {
    try {
      lastGood = await policyFromText(await readIfThere(settings.KATAUDIT_POLICY), settings.KATAUDIT_POLICY);
      return lastGood;
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      return { ...(lastGood ?? (await policyFromText(undefined, ''))), problem };
    }
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
