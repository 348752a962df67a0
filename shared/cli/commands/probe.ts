import { Command } from '@commander-js/extra-typings';
import { act, type CliCommand } from '../frame/command.ts';
import { formatOption } from '../frame/destinations.ts';
import { OUTPUT, POLICY, QUIET, TIMEOUT, VERBOSE, wordOption } from '../frame/options.ts';
import { CONTEXT, KUBECONFIG } from './cluster-options.ts';

/** `kataudit probe`. */
export const probeCommand: CliCommand = {
  path: 'probe',
  group: 'Look at clusters',
  command: new Command()
    .description(
      'Compare the kernels of pods and nodes, and print how strong the evidence of isolation is. Unlike an audit this touches the cluster; see docs/probe.md.',
    )
    .addOption(KUBECONFIG)
    .addOption(CONTEXT)
    .addOption(
      wordOption('--mode <mode>', 'read in running pods, or in short-lived pods of its own', ['exec', 'canary']).default('exec' as const),
    )
    .addOption(POLICY)
    .option('--namespace <name>', "exec: only pods of this namespace; canary: where canaries run, instead of the policy's")
    .addOption(formatOption(['table', 'json']))
    .addOption(OUTPUT)
    .addOption(TIMEOUT)
    .addOption(QUIET)
    .addOption(VERBOSE)
    .action(act(async (here, options) => (await import('../probe.ts')).probe(here, options))),
  examples: [
    ['kataudit probe --kubeconfig FILE --namespace payments', 'reads boot ids in running sandboxed pods of a namespace'],
    ['kataudit probe --kubeconfig FILE --mode canary --policy policy.yaml', "compares pods of its own, made of the policy's image"],
  ],
  exitCodes: {
    0: 'everything that was probed has a kernel of its own',
    1: 'a pod shares the kernel of its node',
    2: 'it is not known, or the command line is wrong',
  },
};
