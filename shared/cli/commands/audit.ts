import { Command } from '@commander-js/extra-typings';
import { AUDIT_FORMATS } from '../audit-formats.ts';
import { act, type CliCommand } from '../frame/command.ts';
import { formatOption } from '../frame/destinations.ts';
import { FAIL_ON, gather, IMAGES, OUTPUT, POLICY, QUIET, STRICT, TIMEOUT, VERBOSE, WATCH } from '../frame/options.ts';
import { ALL_CONTEXTS, CLUSTERS, CONTEXTS, KUBECONFIG, MANAGEMENT_GROUPS, SUBSCRIPTIONS } from './cluster-options.ts';
import { JUDGED } from './exit-codes.ts';

/** `kataudit audit`, the default command. */
export const auditCommand: CliCommand = {
  path: 'audit',
  group: 'Inspect clusters',
  command: new Command()
    .summary('Audit clusters from a kubeconfig or through Azure.')
    .description(
      'Audit clusters. Without options this is the cluster of the current kubectl context; what only Azure knows is then unknown. With --cluster, --subscription or --management-group it reads clusters through Azure with the identity of `az login`.',
    )
    .addOption(KUBECONFIG)
    .addOption(CONTEXTS)
    .addOption(ALL_CONTEXTS)
    .addOption(CLUSTERS)
    .addOption(SUBSCRIPTIONS)
    .addOption(MANAGEMENT_GROUPS)
    .option('-n, --namespace <name>', 'report only workloads of this namespace; repeatable', gather)
    .addOption(POLICY)
    .addOption(IMAGES)
    .option('--baseline <file>', 'report, snapshot or list of known findings; other findings are marked as new')
    .option('--fail-on-new', 'with --baseline: exit with 1 only for new findings')
    .addOption(formatOption(AUDIT_FORMATS))
    .addOption(OUTPUT)
    .option('--output-dir <dir>', 'folder for a report (HTML and JSON unless --format says otherwise) and the snapshot of each cluster')
    .addOption(TIMEOUT)
    .addOption(QUIET)
    .addOption(WATCH)
    .addOption(VERBOSE)
    .addOption(FAIL_ON)
    .addOption(STRICT)
    .action(act(async (here, options) => (await import('../audit.ts')).audit(here, options))),
  examples: [
    ['kataudit audit', 'audits the cluster of the current kubectl context; `kataudit` alone does the same'],
    ['kataudit audit --context blue --context green', 'audits two clusters side by side, in one report'],
    ['kataudit audit -n payments', 'reports the workloads of one namespace'],
    ['kataudit audit --baseline report.json --fail-on-new', 'fails only for findings that are not in an earlier report of `audit -o json`'],
    [
      'kataudit audit --management-group NAME --output-dir report',
      'audits an estate from this machine: one report and the snapshot of each cluster',
    ],
    ['kataudit audit --subscription GUID', 'audits every cluster of a subscription'],
    ['kataudit audit --cluster RESOURCE_ID --fail-on high', 'audits through Azure; exits with 1 only for critical and high findings'],
    ['kataudit audit -o table -o sarif=report.sarif', 'prints a table and writes SARIF from the same audit'],
  ],
  exitCodes: JUDGED,
};
