import { adding, type Demonstration } from '../demonstration.ts';
import { failsClass } from '../plant.ts';
import { setClass } from '../repairs/workloads.ts';

/** A class declares no overhead for the pod VM. */
export const runtimeClassOverhead: Demonstration = {
  reads: 'kubernetes',
  plant: {
    'lab-classes-weu': adding({
      runtimeClasses: [{ name: 'kata-free', handler: 'kata', nodeSelector: { 'kubernetes.azure.com/kata-vm-isolation': 'true' } }],
      plantedFaults: [failsClass('runtime-class-overhead', 'kata-free')],
    }),
  },
  repair: setClass({ overheadMemory: '600Mi' }),
};
