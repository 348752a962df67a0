import { Command } from '@commander-js/extra-typings';
import { act, type CliCommand } from '../frame/command.ts';
import { gather, POLICY } from '../frame/options.ts';
import { assertOneWay, ofApp } from './app-options.ts';

/** `kataudit policy audit`. */
export const policyAuditCommand: CliCommand = {
  path: 'policy audit',
  group: 'Policy',
  command: ofApp(
    new Command()
      .description('Show which exemptions are live, unused, expired or invalid.')
      .option('--snapshot <file>', 'saved snapshot to read instead of a running app; repeatable', gather)
      .addOption(POLICY),
  ).action(
    act(async (here, options, command) => {
      assertOneWay(options.snapshot, command);
      return (await import('../policy.ts')).policyAudit(options, here.now(), here.terminal.print);
    }),
  ),
  examples: [
    ['kataudit policy audit --snapshot snapshot.json --policy policy.yaml', 'checks the exemptions of a policy against a saved snapshot'],
    ['kataudit policy audit --url https://APP.azurewebsites.net --key-file key.txt', 'checks those of a running app'],
  ],
  exitCodes: { 0: 'every exemption is live and used', 1: 'one is unused, expired or invalid', 2: 'they could not be checked' },
};
