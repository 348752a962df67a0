import { advice } from '../../../shared/cli/doctor.ts';
import { doctorCommands, remediationCommands } from '../../support/printed-commands.ts';
import { powershellWords } from '../../support/shell-words.ts';
import { clusterResources } from './clusters.ts';
import type { State } from './resources.ts';
import { OTHER } from './stand-in.ts';

/** An az command that the product prints, as its words, with the error of az when it cannot be run twice. */
export interface Printed {
  readonly line: string;
  readonly words: readonly string[];
  readonly again?: RegExp;
}

/** A command that creates or deletes something fails the second time, and changes nothing. */
const NOT_TWICE: readonly (readonly [pattern: RegExp, says: RegExp])[] = [
  [/ nodepool add /, /already exists/],
  [/ nodepool delete /, /doesnt exist/],
  [/ aks update .*--enable-aad/, /already enabled/],
];

/** Every form of az command that findings and the doctor print; the clusters and pools that they name are added to the state. */
export async function printedCommands(state: State): Promise<readonly Printed[]> {
  const doctored = { subscriptionId: OTHER, resourceGroup: 'aks', name: 'one' };
  const reasons = (['not-entra-integrated', 'stopped'] as const).map((code) => ({ code, message: '' }));
  const checks = reasons.map((reason) => ({
    permission: {
      plane: 'kubernetes',
      purpose: 'audit',
      action: '',
      why: '',
      attributes: { verb: 'get', group: '', resource: '' },
    } as const,
    state: 'unknown' as const,
    reason,
  }));
  const lines = [...(await remediationCommands()), ...doctorCommands(doctored), ...advice(checks, doctored)];
  // az is signed in to two subscriptions.
  const printed = lines.filter((line) => line.startsWith('az ')).map((line) => line.replace(/(?<=--subscription )[0-9a-f-]{36}/, OTHER));
  for (const line of printed) putCluster(state, line);
  return printed.map((line) => {
    const again = NOT_TWICE.find(([pattern]) => pattern.test(line))?.[1];
    return { line, words: powershellWords(line).slice(1), ...(again === undefined ? {} : { again }) };
  });
}

function putCluster(state: State, line: string): void {
  const option = (name: string) => new RegExp(` --${name} '?([^ ']+)`).exec(line)?.[1];
  const group = option('resource-group');
  const isPool = line.includes(' nodepool ');
  const name = option(isPool ? 'cluster-name' : 'name');
  if (group === undefined || name === undefined) return;
  const pool = isPool && !line.includes(' nodepool add ') ? [option('name') ?? ''] : [];
  const id = `/subscriptions/${OTHER}/resourceGroups/${group}/providers/Microsoft.ContainerService/managedClusters/${name}`;
  for (const one of clusterResources(id, ['system', ...pool])) {
    const key = String(one.id).toLowerCase();
    if (!state.has(key)) state.set(key, one);
  }
}
