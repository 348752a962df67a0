import { Command } from '@commander-js/extra-typings';
import { CHECK_FORMATS } from '../check-formats.ts';
import { act, type CliCommand } from '../frame/command.ts';
import { formatOption } from '../frame/destinations.ts';
import { FAIL_ON, OUTPUT, POLICY } from '../frame/options.ts';

/** `kataudit check`. */
export const checkCommand: CliCommand = {
  path: 'check',
  group: 'Judge offline',
  command: new Command()
    .description(
      'Judge manifests before they are deployed, with the policy and the rules of the audit. Findings name the line in the file.',
    )
    .argument('<paths...>', 'files, folders (searched recursively), or "-" for standard input')
    .addOption(POLICY)
    .option('-n, --namespace <name>', 'namespace for objects that do not name one')
    .addOption(formatOption(CHECK_FORMATS))
    .addOption(OUTPUT)
    .addOption(FAIL_ON)
    .option('--strict', 'also exit with 2 if a namespace that the policy needs is not in the files, or if there are no objects')
    .action(
      act(async (here, paths, options) => {
        const { check } = await import('../check.ts');
        return check(here, { stdin: process.stdin, cwd: process.cwd() }, paths, options);
      }),
    ),
  examples: [
    ['kataudit check k8s/ --policy policy.yaml', 'judges every manifest of a folder'],
    ['helm template cafe ./chart -n cafe | kataudit check - -n cafe', 'judges what a chart renders'],
    [
      'kubectl get deploy,sts,ds,job,cronjob -A -o json | kataudit check -',
      'judges the workloads of a cluster, including those scaled to zero',
    ],
    ['kataudit check k8s/ -o table -o sarif=check.sarif', 'prints a table and writes SARIF for code scanning'],
  ],
  exitCodes: {
    0: 'no finding at or above --fail-on, and everything was judged',
    1: 'a finding at or above --fail-on was found',
    2: 'a path, a document or a workload could not be judged, or the command line is wrong',
  },
};
