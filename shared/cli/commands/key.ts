import { Command } from '@commander-js/extra-typings';
import { act, type CliCommand } from '../frame/command.ts';
import { DONE } from './exit-codes.ts';

/** `kataudit key`. */
export const keyCommand: CliCommand = {
  path: 'key',
  group: 'Evidence',
  command: new Command()
    .description('Create an Ed25519 key that signs bundles. The public key is written to <file>.pub.')
    .argument('<file>', 'file for the private key; an existing file is not overwritten')
    .action(
      act(async (_, file) => {
        await (await import('../../compose/container/signer.ts')).makeKeyFile(file);
        return 0;
      }),
    ),
  examples: [['kataudit key evidence.key', 'creates evidence.key and evidence.key.pub']],
  exitCodes: DONE,
};
