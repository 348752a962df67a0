import { expect, it } from 'vitest';
import { commandLines } from '../../shared/cli/command-lines.ts';
import { PLAIN_PAGE } from '../../shared/cli/frame/terminal.ts';

it('a command that deletes something is marked, and its text cannot control the terminal', () => {
  const lines = commandLines(
    [
      { run: 'kubectl get -- pods a', deletes: false },
      { run: 'kubectl delete -- pods a\u001b[2J', deletes: true },
    ],
    PLAIN_PAGE,
  );
  expect(lines[0]).toBe('      kubectl get -- pods a');
  expect(lines[1]).toMatch(/^ {6}kubectl delete -- pods a.* {2}# deletes$/);
  expect(lines.join('')).not.toContain('\u001b');
});
