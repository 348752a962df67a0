import type { Policy } from '../../domain/policy/policy.ts';
import { RULES } from '../../rules/index.ts';
import { policyFromText } from '../container/policy.ts';

/** Reads a policy, and takes a rule that is none for a mistake; throws one `Fault` that lists them all. */
export async function readPolicy(text: string | undefined, source: string): Promise<Policy> {
  return (await policyFromText(text, source)).policy;
}

/** Ids of the rules that there are. */
export function knownRules(): ReadonlySet<string> {
  return new Set(RULES.map(({ id }) => id));
}

/** The JSON Schema of the policy file, as text. */
export async function policySchemaText(): Promise<string> {
  const { policyJsonSchema } = await import('../../config/policy-schema.ts');
  return `${JSON.stringify(policyJsonSchema(), null, 2)}\n`;
}
