import { adding, type Demonstration } from '../demonstration.ts';
import type { EstateCluster } from '../model.ts';
import { unguarded } from '../plant.ts';
import { nothingElse } from '../repairs/repairing.ts';

/** The admission policy is missing, only warns, was generated from another policy, or is bound to only some namespaces. */
export const admissionGuardrail: Demonstration = {
  reads: 'kubernetes',
  isOptIn: true,
  plant: {
    'lab-pools-weu': guardrail('absent'),
    'lab-classes-weu': guardrail('warning'),
    'lab-gone-weu': guardrail('of-another-policy'),
    'lab-pods-weu': guardrail('narrowed'),
  },
  repair: ({ guardrail: _, ...cluster }) => ({ cluster, alsoGone: nothingElse }),
};

function guardrail(state: EstateCluster['guardrail']) {
  return adding({ guardrail: state, plantedFaults: [unguarded()] });
}
