import { DELIBERATE } from '../domain/policy/policy.ts';
import { defineRule, type Judgement } from '../domain/rule/rule.ts';
import { gapAdvice } from '../domain/snapshot/gap-advice.ts';
import { evidenceGaps } from '../domain/snapshot/gaps.ts';
import { EVIDENCE_KEYS } from '../domain/snapshot/snapshot.ts';

/** Every part of a cluster in scope could be read completely. */
export const clusterAssessed = defineRule({
  id: 'cluster-assessed',
  title: 'Clusters in scope are assessed completely',
  severity: 'high',
  rationale: 'What could not be checked does not count as passed, and no other rule reports it.',
  remediation: 'Grant the identity the permission that the message names, or take the cluster out of scope in the policy.',
  references: ['https://learn.microsoft.com/azure/aks/manage-azure-rbac', 'https://learn.microsoft.com/azure/aks/private-clusters'],
  requires: [],
  consults: EVIDENCE_KEYS,
  evaluate(evidence): readonly Judgement[] {
    const subject = { kind: 'cluster' } as const;
    const gaps = evidenceGaps(evidence);
    const serious = gaps.filter(({ reason }) => reason.code !== 'no-azure-access' && !DELIBERATE.has(reason.code));
    const [first] = serious;
    if (first !== undefined) {
      const parts = [...new Set(serious.map((gap) => gap.evidence))];
      return [
        {
          verdict: 'fail',
          subject,
          message: `Could not read ${parts.join(', ')}: ${first.reason.message}`,
          remediation: gapAdvice(first.reason.code),
          facts: { parts, reason: first.reason.code },
        },
      ];
    }
    const deliberate = gaps.find(({ reason }) => DELIBERATE.has(reason.code));
    if (deliberate !== undefined) return [{ verdict: 'not-applicable', subject, message: deliberate.reason.message }];
    const [partial] = gaps;
    if (partial !== undefined) return [{ verdict: 'unknown', subject, message: partial.reason.message, reason: partial.reason.code }];
    return [{ verdict: 'pass', subject }];
  },
});
