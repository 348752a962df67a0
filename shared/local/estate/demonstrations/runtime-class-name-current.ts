import { LEGACY_KATA_CLASS, sandboxed } from '../build.ts';
import { adding, type Demonstration } from '../demonstration.ts';
import { failsClass } from '../plant.ts';
import { moveToCurrentClass } from '../repairs/pools.ts';
import { nothingElse } from '../repairs/repairing.ts';

/** Workloads name the class of the preview, which has no overhead either. */
export const runtimeClassNameCurrent: Demonstration = {
  reads: 'kubernetes',
  plant: {
    'data-prod-eus': adding({
      runtimeClasses: [LEGACY_KATA_CLASS],
      workloads: [sandboxed({ namespace: 'notebooks', name: 'jupyter', replicas: 50, runtimeClassName: LEGACY_KATA_CLASS.name })],
      plantedFaults: [
        failsClass('runtime-class-name-current', LEGACY_KATA_CLASS.name),
        failsClass('runtime-class-overhead', LEGACY_KATA_CLASS.name),
      ],
    }),
  },
  repair: (cluster) => ({ cluster: moveToCurrentClass(cluster), alsoGone: nothingElse }),
};
