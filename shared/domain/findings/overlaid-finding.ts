import { isLive, overlayOf } from '../policy/exemption.ts';
import type { Exemption } from '../policy/policy.ts';
import type { Finding } from './finding.ts';

/** A finding with the live exemption that covers it, if any; the finding itself is unchanged. */
export interface OverlaidFinding {
  readonly finding: Finding;
  readonly exemption?: Exemption;
}

/** Applies the exemptions that are live at a time to some findings. */
export function exempt(findings: readonly Finding[], exemptions: readonly Exemption[], now: Date): readonly OverlaidFinding[] {
  const exemptionOf = overlayOf(exemptions.filter((one) => isLive(one, now)));
  return findings.map((finding) => {
    const exemption = exemptionOf(finding);
    return exemption === undefined ? { finding } : { finding, exemption };
  });
}
