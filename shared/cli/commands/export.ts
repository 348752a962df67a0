import { Argument, Command } from '@commander-js/extra-typings';
import { EXPORT_FORMATS } from '../../exports/formats.ts';
import { act, type CliCommand } from '../frame/command.ts';
import { gather, OUTPUT, oneOf } from '../frame/options.ts';
import { ofApp } from './app-options.ts';
import { DONE } from './exit-codes.ts';

const FORMATS = [...EXPORT_FORMATS.map(({ name }) => name), 'bundle' as const];

/** `kataudit export`. */
export const exportCommand: CliCommand = {
  path: 'export',
  group: 'A running app',
  command: ofApp(
    new Command()
      .description("Write a running app's findings or evidence as a document.")
      .addArgument(new Argument('<format>', FORMATS.join(', ')).argParser((text) => oneOf(FORMATS, text))),
  )
    .addOption(OUTPUT)
    .option('--filter <name=value>', 'filter of GET /api/findings; repeatable', gather)
    .option(
      '--signing-key <key>',
      'for a bundle: Ed25519 key file, or the URL of a P-256 key in Azure Key Vault; default: the app signs with its own key',
    )
    .option('--previous <bundle>', 'for a bundle: the previous bundle')
    .action(
      act(async (_, format, options) => {
        const [{ checkExportOptions, exportFindings }, { exportBundle }] = await Promise.all([
          import('../export.ts'),
          import('../bundle.ts'),
        ]);
        checkExportOptions(format, options);
        return format === 'bundle' ? exportBundle(options) : exportFindings(format, options);
      }),
    ),
  examples: [
    ['kataudit export csv --filter severity=critical,high --output findings.csv', 'writes critical and high findings for a spreadsheet'],
    ['kataudit export bundle --output evidence.json', 'writes evidence signed by the app'],
  ],
  exitCodes: DONE,
};
