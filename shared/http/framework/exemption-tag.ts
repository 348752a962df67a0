import type { ExemptionState } from '../../domain/policy/exemption.ts';
import type { HeldExemption } from '../../ports/exemption-store.ts';

/**
 * The tag of an exemption: the store's version, in characters that a tag may have, and behind a dot how it
 * stands. A reader learns of both by it; a write is compared by the version alone.
 */
export function exemptionTag(
  { version }: Pick<HeldExemption, 'version'>,
  used?: { readonly state: ExemptionState; readonly findings: number },
): string {
  const standing = used === undefined ? '' : `.${used.state}-${used.findings}`;
  return `"${Buffer.from(version, 'utf8').toString('base64url')}${standing}"`;
}
