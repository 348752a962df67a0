import { parseNodeImage } from '../domain/images/node-image.ts';
import { isKataPool } from '../domain/isolation/kata-evidence.ts';
import { replacePoolCommands } from '../domain/rule/commands.ts';
import { defineRule, type Judgement } from '../domain/rule/rule.ts';
import type { NodePool } from '../domain/snapshot/snapshot.ts';

/** A Kata pool claims nothing that Kata on AKS cannot do. */
export const kataPoolFeatures = defineRule({
  id: 'kata-pool-features',
  title: 'Kata node pools claim no feature that AKS cannot combine with Kata',
  severity: 'medium',
  rationale:
    'FIPS, Trusted Launch, confidential VMs and Arm64 do not combine with Kata; a pool that claims one was made before AKS refused it, and the feature may not be in force.',
  remediation: 'Add a Kata pool without the feature, move the workloads there, and delete this pool.',
  references: ['https://learn.microsoft.com/azure/aks/node-images', 'https://github.com/Azure/AKS/blob/master/CHANGELOG.md'],
  requires: ['nodePools'],
  evaluate({ cluster, nodePools }) {
    const names = nodePools.map(({ name }) => name);
    return nodePools.filter(isKataPool).map((pool): Judgement => {
      const subject = { kind: 'node-pool', name: pool.name } as const;
      const claims = claimsOf(pool);
      if (claims.length === 0) return { verdict: 'pass', subject };
      const message = `The pool claims ${claims.join(' and ')}, which AKS does not combine with Kata.`;
      const commands = isArm64(pool.vmSize) ? [] : replacePoolCommands(cluster, pool, names);
      const remediation = `Add a Kata pool without the feature, move the workloads there, and delete ${pool.name} last.`;
      return { verdict: 'fail', subject, message, facts: { claims }, remediation, commands };
    });
  },
});

function claimsOf({ enableFips, secureBoot, vtpm, vmSize, nodeImageVersion = '' }: NodePool): readonly string[] {
  const features = parseNodeImage(nodeImageVersion)?.features;
  return [
    ...(enableFips || features?.fips === true ? ['FIPS'] : []),
    ...(secureBoot || vtpm || features?.trustedLaunch === true ? ['Trusted Launch'] : []),
    ...(isArm64(vmSize) || features?.arm64 === true ? ['Arm64'] : []),
    ...(features?.confidentialVm === true ? ['a confidential VM'] : []),
  ];
}

/** The letter p among the additive features of a size means an Arm processor: `Standard_D4ps_v5`. */
function isArm64(vmSize: string): boolean {
  return /^Standard_[A-Z]+\d+(-\d+)?[a-z]*p[a-z]*(_|$)/.test(vmSize);
}
