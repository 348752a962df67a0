import { Command } from '@commander-js/extra-typings';
import { act, type CliCommand } from '../frame/command.ts';
import { gather, POLICY } from '../frame/options.ts';
import { DONE } from './exit-codes.ts';

/** `kataudit policy explain`. */
export const policyExplainCommand: CliCommand = {
  path: 'policy explain',
  group: 'Policy',
  command: new Command()
    .description('Show which entries of the policy apply to a cluster and a namespace, and why.')
    .requiredOption('--cluster <name>', 'name of the cluster')
    .option('-n, --namespace <name>', 'name of the namespace')
    .addOption(POLICY)
    .option('--tag <name=value>', 'tag of the cluster; repeatable', gather)
    .option('--namespace-label <name=value>', 'label of the namespace; repeatable', gather)
    .option('--pod-label <name=value>', 'label of the pod; repeatable', gather)
    .action(act(async (here, options) => (await import('../policy.ts')).policyExplain(options, here.now(), here.terminal.print))),
  examples: [
    ['kataudit policy explain --cluster pay-prod --namespace checkout', 'shows which pods of a namespace must be sandboxed'],
    ['kataudit policy explain --cluster pay-prod --tag env=prod --policy policy.yaml', 'shows which entries apply to a tagged cluster'],
  ],
  exitCodes: DONE,
};
