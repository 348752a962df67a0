import { adding, type Demonstration } from '../demonstration.ts';
import { failsCluster } from '../plant.ts';
import { setCluster } from '../repairs/clusters.ts';

/** A cluster too old for Kata, and for its nodes to list their handlers. */
export const kataKubernetesVersion: Demonstration = {
  reads: 'azure',
  plant: { 'hub-old-weu': adding({ kubernetesVersion: '1.26.12', plantedFaults: [failsCluster('kata-kubernetes-version')] }) },
  repair: setCluster({ kubernetesVersion: '1.34.2' }),
  needed: { subject: 'cluster', pool: ['kubernetesVersion'], settings: ['kubernetesVersion'] },
};
