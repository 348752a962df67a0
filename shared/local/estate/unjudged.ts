import type { Demonstration } from './demonstration.ts';
import { DEMONSTRATIONS } from './demonstrations/index.ts';
import type { EstatePlantedFault } from './model.ts';
import { unknownOfPool } from './plant.ts';

/** Unknown results of a cluster for which Azure returns only the list entry: every rule that needs more. */
export function unknownWithoutAzure(): EstatePlantedFault[] {
  return [...unknownWithoutKubernetes(), ...unknownOfCluster('azure')];
}

/** What cannot be judged in a cluster whose API server cannot be read, including its Kata pools that should run. */
export function unknownWithoutKubernetes(...kataPools: readonly string[]): EstatePlantedFault[] {
  return [...unknownOfCluster('kubernetes'), ...kataPools.flatMap((name) => unknownOfPool(name, 'kata-pool-healthy'))];
}

function unknownOfCluster(unread: Demonstration['reads']): EstatePlantedFault[] {
  return Object.entries(DEMONSTRATIONS)
    .filter(([, { reads }]) => reads === unread)
    .map(([ruleId, { isOptIn }]) => ({
      ruleId,
      verdict: 'unknown',
      subject: { kind: 'cluster' },
      ...(isOptIn === true ? { when: 'opted-in' } : {}),
    }));
}
