import { expect, it } from 'vitest';
import { freePort, run } from '../support/command.ts';

it('the demo upgrades a pool, receives the events of AKS, and shows the finding resolve', { timeout: 180_000 }, async () => {
  const { code, out } = await run(['demo', '--port', String(await freePort())]);

  expect(out).toMatch(/Open since .*: The node image .* is \d+ days behind/);
  expect(out).toMatch(/Azure sent Microsoft\.ContainerService\.NodePoolRollingStarted/);
  expect(out).toMatch(/Resolved \(complies\) [\d.]+ s after the last event/);
  expect(code).toBe(0);
});
