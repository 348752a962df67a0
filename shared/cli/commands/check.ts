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
    .description('Judge manifests before they are deployed, by the policy and the rules of the audit. Lines are those of the files.')
    .argument('<paths...>', 'files, folders with all below them, or "-" for standard input')
    .addOption(POLICY)
    .option('-n, --namespace <name>', 'namespace of objects that name none')
    .addOption(formatOption(CHECK_FORMATS))
    .addOption(OUTPUT)
    .addOption(FAIL_ON)
    .option('--strict', 'exit with 2 also when a namespace that the policy needs is not in the files, or there is no object at all')
    .action(
      act(async (here, paths, options) => {
        const { check } = await import('../check.ts');
        return check(here, { stdin: process.stdin, cwd: process.cwd() }, paths, options);
      }),
    ),
  examples: [
    ['kataudit check k8s/ --policy policy.yaml', 'judges every manifest of a folder'],
    ['helm template cafe ./chart -n cafe | kataudit check - -n cafe', 'judges what a chart renders'],
    ['kubectl get deploy,sts,ds,job,cronjob -A -o json | kataudit check -', 'judges what a cluster holds, also what is scaled to zero'],
    ['kataudit check k8s/ -o table -o sarif=check.sarif', 'prints a table, and writes SARIF for code scanning'],
  ],
  exitCodes: {
    0: 'nothing at or above --fail-on was found, and everything was judged',
    1: 'a finding at or above --fail-on was found',
    2: 'a path, a document or a workload could not be judged, or the command line is wrong',
  },
};
