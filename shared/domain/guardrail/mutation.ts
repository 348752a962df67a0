import { KATA_CLASS } from '../isolation/aks-classes.ts';
import type { WorkloadRequirement } from '../policy/policy.ts';
import { all, any, text } from './cel.ts';
import { acceptedBy, coverOf } from './checks.ts';
import { exceptions, MATCHES_EVERYTHING } from './conditions.ts';
import type { GuardrailTerms } from './terms.ts';

/** The name of the first policy that sets a class; the others have a number appended. */
export const MUTATION_NAME = 'kataudit-runtime-class';

/**
 * Sets the class of pods that must have one and have none. One policy for each class and each namespace selector:
 * in Kubernetes 1.36 a mutating policy sees no `namespaceObject` in its conditions, so its labels are selected outside of CEL.
 */
export function mutationsOf(terms: GuardrailTerms) {
  const byTarget = Map.groupBy(terms.policy.workloads, (one) => JSON.stringify([classFor(one, terms), one.namespaceLabels ?? {}]));
  return [...byTarget.values()].flatMap((requirements, index) => {
    const [first] = requirements;
    const className = first && classFor(first, terms);
    if (first === undefined || className === undefined) return [];
    const name = index === 0 ? MUTATION_NAME : `${MUTATION_NAME}-${index + 1}`;
    return [{ name, spec: mutationOf(className, first.namespaceLabels ?? {}, requirements, terms) }];
  });
}

/** The class for the pods of a statement; `undefined` if it accepts none. */
function classFor(requirement: WorkloadRequirement, { classes }: GuardrailTerms): string | undefined {
  const names = acceptedBy([requirement], classes);
  return names.find((name) => name === KATA_CLASS) ?? names[0];
}

function mutationOf(
  className: string,
  namespaceLabels: NonNullable<WorkloadRequirement['namespaceLabels']>,
  requirements: readonly WorkloadRequirement[],
  terms: GuardrailTerms,
) {
  const template = { spec: 'object.spec', labels: 'object.metadata.?labels.orValue({})', className: '' };
  return {
    failurePolicy: 'Fail',
    reinvocationPolicy: 'IfNeeded',
    matchConstraints: {
      ...MATCHES_EVERYTHING,
      ...(Object.keys(namespaceLabels).length === 0 ? {} : { namespaceSelector: { matchLabels: namespaceLabels } }),
      resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'], scope: '*' }],
    },
    matchConditions: [
      { name: 'names-no-class', expression: 'object.spec.?runtimeClassName.orValue("") == ""' },
      ...exceptions(terms),
      { name: 'must-be-sandboxed', expression: any(requirements.map((one) => all(coverOf({ ...one, namespaceLabels: {} }, template)))) },
    ],
    mutations: [
      {
        patchType: 'ApplyConfiguration',
        applyConfiguration: { expression: `Object{spec: Object.spec{runtimeClassName: ${text(className)}}}` },
      },
    ],
  };
}
