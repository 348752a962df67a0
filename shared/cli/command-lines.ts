import type { Command } from '../domain/rule/command.ts';
import { plain } from './frame/table.ts';
import type { Page } from './frame/terminal.ts';

/** The commands of a fix, one a line and never wrapped, so that they can be copied; one that deletes something says so. */
export function commandLines(commands: readonly Command[], page: Page): readonly string[] {
  return commands.map(({ run, deletes }) => `      ${plain(run)}${deletes ? page.paint('high', '  # deletes') : ''}`);
}
