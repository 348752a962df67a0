import type { ExemptionState } from '../../domain/policy/exemption.ts';
import type { HeldExemption } from '../../ports/exemption-store.ts';

/**
 * Returns the ETag of an exemption: the store's version in valid characters, a dot, and the exemption's state. Readers are notified of a
 * change of either; writes compare only the version.
 */
export function exemptionTag(
  { version }: Pick<HeldExemption, 'version'>,
  used?: { readonly state: ExemptionState; readonly findings: number },
): string {
  const standing = used === undefined ? '' : `.${used.state}-${used.findings}`;
  return `"${Buffer.from(version, 'utf8').toString('base64url')}${standing}"`;
}
