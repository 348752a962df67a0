import type { Command } from '../domain/rule/command.ts';
import { plain } from './frame/table.ts';
import type { Page } from './frame/terminal.ts';

/**
 * The commands of a fix, one per line and never wrapped, so that they can be copied. A command that deletes something is marked.
 */
export function commandLines(commands: readonly Command[], page: Page): readonly string[] {
  return commands.map(({ run, deletes }) => `      ${plain(run)}${deletes ? page.paint('high', '  # deletes') : ''}`);
}
