import { sandboxed } from '../build.ts';
import { adding, type Demonstration } from '../demonstration.ts';
import { failsClass, failsWorkload, probed } from '../plant.ts';
import { setClass } from '../repairs/workloads.ts';

/** A class selects nodes that do not exist, so its pods wait. */
export const runtimeClassSchedulable: Demonstration = {
  reads: 'kubernetes',
  plant: {
    'lab-classes-weu': adding({
      runtimeClasses: [{ name: 'kata-gpu', handler: 'kata', nodeSelector: { 'example.com/gpu': 'true' }, overheadMemory: '600Mi' }],
      workloads: [sandboxed({ namespace: 'lab', name: 'gpu-tenant', replicas: 3, runtimeClassName: 'kata-gpu' })],
      plantedFaults: [
        failsClass('runtime-class-schedulable', 'kata-gpu'),
        failsWorkload('sandboxed-pod-starts', 'lab', 'Deployment/gpu-tenant'),
        probed('unknown', 'lab', 'Deployment/gpu-tenant'),
      ],
    }),
  },
  repair: setClass({ nodeSelector: { 'kubernetes.azure.com/kata-vm-isolation': 'true' } }, 'sandboxed-pod-starts', 'isolation-proven'),
};
