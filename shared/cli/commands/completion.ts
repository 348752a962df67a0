import { Argument, Command } from '@commander-js/extra-typings';
import { act, type CliCommand } from '../frame/command.ts';
import { oneOf } from '../frame/options.ts';
import { SHELL_NAMES, SHELLS } from '../frame/shells.ts';
import { DONE } from './exit-codes.ts';

/** `kataudit completion`. */
export const completionCommand: CliCommand = {
  path: 'completion',
  group: 'On this machine',
  command: new Command()
    .description('Print the script that completes commands and options in a shell.')
    .addArgument(new Argument('<shell>', SHELL_NAMES.join(', ')).argParser((text) => oneOf(SHELL_NAMES, text)))
    .action(
      act(async ({ terminal }, shell) => {
        terminal.print(SHELLS[shell]);
        return 0;
      }),
    ),
  examples: [
    ['kataudit completion bash > ~/.local/share/bash-completion/completions/kataudit', 'for bash'],
    ['kataudit completion zsh > ~/.zfunc/_kataudit', 'for zsh, with ~/.zfunc in fpath'],
    ['kataudit completion fish > ~/.config/fish/completions/kataudit.fish', 'for fish'],
    ['kataudit completion powershell >> $PROFILE', 'for PowerShell'],
  ],
  exitCodes: DONE,
};
