import { Command } from '@commander-js/extra-typings';
import { AUDIT_FORMATS } from '../audit-formats.ts';
import { act, type CliCommand } from '../frame/command.ts';
import { formatOption } from '../frame/destinations.ts';
import { FAIL_ON, OUTPUT, POLICY, QUIET } from '../frame/options.ts';
import { CLUSTER, CONTEXT, KUBECONFIG } from './cluster-options.ts';
import { JUDGED } from './exit-codes.ts';

/** `kataudit audit`, which is also `kataudit` alone. */
export const auditCommand: CliCommand = {
  path: 'audit',
  group: 'Look at clusters',
  command: new Command()
    .description('Audit a cluster: from a kubeconfig without Azure, or through Azure by its ARM id.')
    .addOption(KUBECONFIG)
    .addOption(CONTEXT)
    .addOption(CLUSTER)
    .addOption(POLICY)
    .addOption(formatOption(AUDIT_FORMATS))
    .addOption(OUTPUT)
    .addOption(QUIET)
    .addOption(FAIL_ON)
    .action(act(async (here, options) => (await import('../audit.ts')).audit(here, options))),
  examples: [
    ['kataudit audit --kubeconfig ~/.kube/config --context my-cluster', 'audits the cluster of a context'],
    ['kataudit audit --cluster RESOURCE_ID --fail-on high', 'audits through Azure; only critical and high findings end with 1'],
    ['kataudit audit --kubeconfig FILE -o table -o sarif=report.sarif', 'prints a table, and writes SARIF from the same look'],
  ],
  exitCodes: JUDGED,
};
