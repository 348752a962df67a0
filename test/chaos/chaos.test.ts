import { expect, it } from 'vitest';
import { runChaos } from './rounds.ts';

/** Seeds whose three rounds kill while planning, while listing and while scanning; `npm run chaos` draws its own. */
const SEED = 'short';

it('leaves behind what an undisturbed audit leaves, however often its host is killed', async () => {
  const { deaths, undisturbed } = await runChaos(SEED, 3, (line) => console.log(`${SEED}: ${line}`));

  expect(deaths).toBeGreaterThan(0);
  expect(undisturbed.findings.length).toBeGreaterThan(10);
  expect(undisturbed.clusters.length).toBeGreaterThanOrEqual(12);
  expect(undisturbed.audit).toMatchObject({ state: 'complete' });
  expect(undisturbed.parked).toBe(0);
}, 300_000);
