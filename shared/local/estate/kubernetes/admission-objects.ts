import { GUARDED_RULES } from '../../../domain/guardrail/checks.ts';
import { validatingObjects } from '../../../domain/guardrail/objects.ts';
import { withAksClasses } from '../../../domain/isolation/aks-classes.ts';
import { DEFAULT_POLICY, type Policy } from '../../../domain/policy/policy.ts';
import type { EstateCluster } from '../model.ts';

const OTHER_POLICY: Pick<Policy, 'workloads'> = { workloads: [{ name: 'pods of another time', podLabels: { lane: 'guest' } }] };

/** The admission policy of a cluster and its binding, as `kataudit policy guardrail` writes them; `undefined` where it has none. */
export function admissionObjects({ guardrail, runtimeClasses }: Pick<EstateCluster, 'guardrail' | 'runtimeClasses'>) {
  if (guardrail === 'absent') return undefined;
  const policy = guardrail === 'of-another-policy' ? OTHER_POLICY : DEFAULT_POLICY;
  const classes = withAksClasses(runtimeClasses.map(({ name, handler }) => ({ name, handler, nodeSelector: {} })));
  const terms = { policy, classes, rules: GUARDED_RULES, daemonSets: false };
  const messageOf = (ruleId: string) => `Kataudit ${ruleId}: refused.`;
  const [validating, binding] = validatingObjects(terms, { enforce: guardrail !== 'warning', messageOf });
  const matchResources = { namespaceSelector: { matchLabels: { guarded: 'yes' } } };
  return {
    policy: validating,
    binding: guardrail === 'narrowed' ? { ...binding, spec: { ...binding.spec, matchResources } } : binding,
  };
}
