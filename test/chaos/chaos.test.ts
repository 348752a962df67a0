import { expect, it } from 'vitest';
import { rounds } from '../support/thorough.ts';
import { runChaos } from './rounds.ts';

/** Its first round kills the host while an audit is planned, while subscriptions are listed and while clusters are scanned; `npm run chaos` chooses others at random. */
const SEED = 'short-1999';

const ROUNDS = rounds(3, 0);

it.runIf(ROUNDS > 0)(
  'leaves the same state as an undisturbed audit, however often its host is killed',
  async () => {
    const { deaths, undisturbed } = await runChaos(SEED, ROUNDS, (line) => console.log(`${SEED}: ${line}`));

    expect(deaths).toBeGreaterThanOrEqual(3);
    expect(undisturbed.findings.length).toBeGreaterThan(10);
    expect(undisturbed.clusters.length).toBeGreaterThanOrEqual(12);
    expect(undisturbed.audit).toMatchObject({ state: 'complete' });
    expect(undisturbed.parked).toBe(0);
  },
  300_000,
);
