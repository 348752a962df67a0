import { createHash } from 'node:crypto';
import { canonicalJson } from '../evidence/canonical-json.ts';

/** A digest of the effect of an admission policy: its spec without the texts of messages, which a new version may change. */
export function guardrailDigest(spec: Readonly<Record<string, unknown>>): string {
  const { validations } = spec;
  const silent = Array.isArray(validations) ? { ...spec, validations: validations.map(withoutMessage) } : spec;
  return createHash('sha256').update(canonicalJson(silent)).digest('hex');
}

function withoutMessage(validation: unknown): unknown {
  return typeof validation === 'object' && validation !== null ? { ...validation, message: undefined } : validation;
}
