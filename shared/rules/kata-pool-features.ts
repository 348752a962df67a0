import { parseNodeImage } from '../domain/images/node-image.ts';
import { replacePoolCommands } from '../domain/rule/commands.ts';
import { eachKataPool } from '../domain/rule/each-pool.ts';
import { defineRule, type Judgement } from '../domain/rule/rule.ts';
import type { NodePool } from '../domain/snapshot/snapshot.ts';
import { unreadAmong } from '../domain/snapshot/unread.ts';

/** A Kata pool has no feature that AKS does not support with Kata. */
export const kataPoolFeatures = defineRule({
  id: 'kata-pool-features',
  title: 'Kata node pools claim no feature that AKS cannot combine with Kata',
  severity: 'medium',
  rationale:
    'FIPS, Trusted Launch, confidential VMs and Arm64 do not combine with Kata. A pool with one of them was created before AKS refused the combination, and the feature may not be in effect.',
  remediation: 'Add a Kata pool without the feature, move the workloads there, and delete this pool.',
  references: ['https://learn.microsoft.com/azure/aks/node-images', 'https://github.com/Azure/AKS/blob/master/CHANGELOG.md'],
  requires: ['nodePools'],
  evaluate({ cluster, nodePools }) {
    const names = nodePools.map(({ name }) => name);
    return eachKataPool(nodePools, { restsOn: [], mentions: [...CLAIMS, 'count'] }, (pool): Judgement => {
      const subject = { kind: 'node-pool', name: pool.name } as const;
      const claims = claimsOf(pool);
      const unread = unreadAmong(pool, CLAIMS);
      // A feature that was read counts. That there is none is certain only if every field that could set one was readable.
      if (claims.length === 0 && unread !== undefined) return { verdict: 'unknown', subject, message: unread };
      if (claims.length === 0) return { verdict: 'pass', subject };
      const message = `The pool has ${claims.join(' and ')}, which AKS does not support with Kata.`;
      const commands = isArm64(pool.vmSize ?? '') ? [] : replacePoolCommands(cluster, pool, names);
      const remediation = `Add a Kata pool without the feature, move the workloads there, and delete ${pool.name} last.`;
      return { verdict: 'fail', subject, message, facts: { claims }, remediation, commands };
    });
  },
});

const CLAIMS = ['enableFips', 'secureBoot', 'vtpm', 'vmSize', 'vmSizes', 'nodeImageVersion'] as const;

function claimsOf(pool: Pick<NodePool, (typeof CLAIMS)[number]>): readonly string[] {
  const { enableFips, secureBoot, vtpm, nodeImageVersion = '' } = pool;
  const features = parseNodeImage(nodeImageVersion)?.features;
  return [
    ...(enableFips === true || features?.fips === true ? ['FIPS'] : []),
    ...(secureBoot === true || vtpm === true || features?.trustedLaunch === true ? ['Trusted Launch'] : []),
    ...(sizesOf(pool).some(isArm64) || features?.arm64 === true ? ['Arm64'] : []),
    ...(features?.confidentialVm === true ? ['a confidential VM'] : []),
  ];
}

function sizesOf({ vmSize, vmSizes = [] }: Pick<NodePool, 'vmSize' | 'vmSizes'>): readonly string[] {
  return vmSize === undefined ? vmSizes : [vmSize];
}

/** The letter p among the additive features of a VM size means an Arm processor: `Standard_D4ps_v5`. */
function isArm64(vmSize: string): boolean {
  return /^Standard_[A-Z]+\d+(-\d+)?[a-z]*p[a-z]*(_|$)/.test(vmSize);
}
