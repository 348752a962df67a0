import { grantCommands } from '../../shared/domain/access/grants.ts';
import { PERMISSIONS } from '../../shared/domain/access/permissions.ts';
import { DEFAULT_POLICY } from '../../shared/domain/policy/policy.ts';
import { evaluate } from '../../shared/domain/rule/evaluate.ts';
import { defaultEstate } from '../../shared/local/estate/default-estate.ts';
import { startEstate } from '../../shared/local/estate/server.ts';
import { lookAtAll } from '../local/estate/look-at-all.ts';
import { DEMONSTRATED } from '../local/estate/verdicts.ts';

/** One command of each form in the findings of the simulated estate: different names are the same form. */
export async function remediationCommands(): Promise<readonly string[]> {
  const running = await startEstate(defaultEstate('printed commands', new Date()));
  try {
    const snapshots = await lookAtAll(running);
    const runs = snapshots.flatMap((snapshot) => evaluate(snapshot, DEMONSTRATED, DEFAULT_POLICY));
    const judgements = runs.flatMap((run) => (run.state === 'judged' ? run.judgements : []));
    const commands = judgements.flatMap((judgement) => ('commands' in judgement ? (judgement.commands ?? []) : []));
    const byForm = new Map(commands.map(({ run }) => [formOf(run), run]));
    return [...byForm.values()].sort();
  } finally {
    await running.stop();
  }
}

/** The output of `kataudit doctor` without any permission, on clusters with and without Azure RBAC for Kubernetes. */
export function doctorCommands(cluster: { readonly subscriptionId: string; readonly resourceGroup: string; readonly name: string }) {
  const principal = '22222222-2222-4222-8222-222222222222';
  const commands = [true, false].flatMap((azureRbac) =>
    grantCommands({ place: { cluster, azureRbac }, principal, missing: PERMISSIONS, canaryNamespace: 'kataudit-canary' }),
  );
  return [...new Set(commands)];
}

function formOf(command: string): string {
  return command.replaceAll(/(--[a-z-]+) (?:'[^']*'|[^\s-]\S*)/g, '$1 _').replace(/ -- .*/, ' -- _');
}
