import { Command } from '@commander-js/extra-typings';
import { act, type CliCommand } from '../frame/command.ts';
import { formatOption } from '../frame/destinations.ts';
import { gather, OUTPUT, wordOption } from '../frame/options.ts';

/** `kataudit doctor`. */
export const doctorCommand: CliCommand = {
  path: 'doctor',
  group: 'Look at clusters',
  command: new Command()
    .description('Check what the signed-in identity can and cannot do with clusters, and show how to grant what is missing.')
    .option('--kubeconfig <file>', 'examine the cluster of a kubeconfig, without Azure')
    .option('--context <name>', "with --kubeconfig: context to use; default: the file's current one")
    .option('--cluster <id>', 'ARM id of a cluster; may be given again', gather)
    .option('--subscription <id>', 'examine every cluster of a subscription; may be given again', gather)
    .addOption(wordOption('--probe <kind>', 'examine the permissions of a probe too', ['off', 'exec', 'canary']).default('off' as const))
    .option('--volumes', 'examine the optional permission to read persistent volumes too')
    .option('--guardrail', 'examine the permissions of the rule admission-guardrail too')
    .option('--canary-namespace <name>', 'where canaries would run', 'kataudit-canary')
    .option('--principal <id>', "object id that the printed commands name; default: the identity's own")
    .addOption(formatOption(['table', 'json']))
    .addOption(OUTPUT)
    .action(
      act(async (here, options) => {
        const [{ doctor }, { openDoctor }] = await Promise.all([import('../doctor.ts'), import('../../compose/command-line/doctor.ts')]);
        return doctor(here, options, await openDoctor(here.env));
      }),
    ),
  examples: [
    ['kataudit doctor --subscription GUID', 'examines every cluster of a subscription, and adds them up by permission'],
    ['kataudit doctor --kubeconfig ~/.kube/config', 'examines one cluster without Azure'],
    ['kataudit doctor --cluster RESOURCE_ID --probe exec', 'examines one, with what a probe needs'],
  ],
  exitCodes: { 0: 'nothing is missing', 1: 'a permission is missing', 2: 'it is not known, or the command line is wrong' },
};
