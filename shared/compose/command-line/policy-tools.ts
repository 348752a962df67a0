import { RULES } from '../../rules/index.ts';

/** Ids of all rules. */
export function knownRules(): ReadonlySet<string> {
  return new Set(RULES.map(({ id }) => id));
}

/** The JSON Schema of the policy file, as text. */
export async function policySchemaText(): Promise<string> {
  const { policyJsonSchema } = await import('../../config/policy-schema.ts');
  return `${JSON.stringify(policyJsonSchema(), null, 2)}\n`;
}
