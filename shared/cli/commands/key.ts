import { Command } from '@commander-js/extra-typings';
import { act, type CliCommand } from '../frame/command.ts';
import { DONE } from './exit-codes.ts';

/** `kataudit key`. */
export const keyCommand: CliCommand = {
  path: 'key',
  group: 'Evidence',
  command: new Command()
    .description('Make an Ed25519 key that signs bundles; its public half goes to <file>.pub.')
    .argument('<file>', 'where the private key goes; nothing is overwritten')
    .action(
      act(async (_, file) => {
        await (await import('../../compose/container/signer.ts')).makeKeyFile(file);
        return 0;
      }),
    ),
  examples: [['kataudit key evidence.key', 'makes evidence.key and evidence.key.pub']],
  exitCodes: DONE,
};
