import { Command } from '@commander-js/extra-typings';
import { AUDIT_FORMATS } from '../audit-formats.ts';
import { act, type CliCommand } from '../frame/command.ts';
import { formatOption } from '../frame/destinations.ts';
import { FAIL_ON, gather, IMAGES, OUTPUT, POLICY, QUIET, STRICT, TIMEOUT, VERBOSE, WATCH } from '../frame/options.ts';
import { ALL_CONTEXTS, CLUSTERS, CONTEXTS, KUBECONFIG, MANAGEMENT_GROUPS, SUBSCRIPTIONS } from './cluster-options.ts';
import { JUDGED } from './exit-codes.ts';

/** `kataudit audit`, which is also `kataudit` alone. */
export const auditCommand: CliCommand = {
  path: 'audit',
  group: 'Look at clusters',
  command: new Command()
    .summary('Audit clusters: of a kubeconfig, or through Azure.')
    .description(
      'Audit clusters. Without options it is the one of the current kubectl context; what only Azure could tell is unknown then. With --cluster, --subscription or --management-group it looks through Azure, as `az login` has signed you in.',
    )
    .addOption(KUBECONFIG)
    .addOption(CONTEXTS)
    .addOption(ALL_CONTEXTS)
    .addOption(CLUSTERS)
    .addOption(SUBSCRIPTIONS)
    .addOption(MANAGEMENT_GROUPS)
    .option('-n, --namespace <name>', 'report only workloads of this namespace; may be given again', gather)
    .addOption(POLICY)
    .addOption(IMAGES)
    .option('--baseline <file>', 'report, snapshot or list of findings that are known: the others are marked as new')
    .option('--fail-on-new', 'with --baseline: only new findings end with 1')
    .addOption(formatOption(AUDIT_FORMATS))
    .addOption(OUTPUT)
    .option('--output-dir <dir>', 'folder for a report (HTML and JSON unless --format says else) and the snapshot of each cluster')
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
    ['kataudit audit -n payments', 'tells of the workloads of a namespace'],
    ['kataudit audit --baseline report.json --fail-on-new', 'fails only for what is new since a report of `audit -o json`'],
    [
      'kataudit audit --management-group NAME --output-dir report',
      'audits an estate from here: one report, and what was seen of each cluster',
    ],
    ['kataudit audit --subscription GUID', 'audits every cluster of a subscription'],
    ['kataudit audit --cluster RESOURCE_ID --fail-on high', 'audits through Azure; only critical and high findings end with 1'],
    ['kataudit audit -o table -o sarif=report.sarif', 'prints a table, and writes SARIF from the same look'],
  ],
  exitCodes: JUDGED,
};
