import { Command } from '@commander-js/extra-typings';
import { act, type CliCommand } from '../frame/command.ts';
import { formatOption } from '../frame/destinations.ts';
import { gather, OUTPUT, wordOption } from '../frame/options.ts';

/** `kataudit doctor`. */
export const doctorCommand: CliCommand = {
  path: 'doctor',
  group: 'Inspect clusters',
  command: new Command()
    .description('Check what the signed-in identity can and cannot do with clusters, and show how to grant what is missing.')
    .option('--kubeconfig <file>', 'check the cluster of a kubeconfig, without Azure')
    .option('--context <name>', 'with --kubeconfig: context to use; default: the current context')
    .option('--cluster <id>', 'ARM id of a cluster; repeatable', gather)
    .option('--subscription <id>', 'check every cluster of a subscription; repeatable', gather)
    .addOption(wordOption('--probe <kind>', 'also check the permissions of a probe', ['off', 'exec', 'canary']).default('off' as const))
    .option('--volumes', 'also check the optional permission to read persistent volumes')
    .option('--templates', 'also check the optional permission to read pod templates')
    .option('--guardrail', 'also check the permissions of the rule admission-guardrail')
    .option('--canary-namespace <name>', 'namespace in which canaries would run', 'kataudit-canary')
    .option('--principal <id>', 'object id, or with --kubeconfig the user, that the printed commands name; default: your own')
    .addOption(formatOption(['table', 'json']))
    .addOption(OUTPUT)
    .action(
      act(async (here, options) => {
        const [{ doctor }, { openDoctor }] = await Promise.all([import('../doctor.ts'), import('../../compose/command-line/doctor.ts')]);
        return doctor(here, options, await openDoctor(here.env));
      }),
    ),
  examples: [
    ['kataudit doctor --subscription GUID', 'checks every cluster of a subscription, with a summary by permission'],
    ['kataudit doctor --kubeconfig ~/.kube/config', 'checks one cluster without Azure'],
    ['kataudit doctor --cluster RESOURCE_ID --probe exec', 'checks one cluster, with the permissions of a probe'],
  ],
  exitCodes: { 0: 'nothing is missing', 1: 'a permission is missing', 2: 'unknown, or the command line is wrong' },
};
