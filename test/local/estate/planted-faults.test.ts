import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../../shared/domain/evaluate.ts';
import { DEFAULT_POLICY, type Policy } from '../../../shared/domain/policy.ts';
import { subjectKey } from '../../../shared/domain/rule.ts';
import { defaultEstate } from '../../../shared/local/estate/default-estate.ts';
import type { Estate } from '../../../shared/local/estate/model.ts';
import { type Extra, plantedFaults } from '../../../shared/local/estate/planted-faults.ts';
import { repair } from '../../../shared/local/estate/repair.ts';
import { RULES } from '../../../shared/rules/index.ts';
import { snapshotOf } from './snapshot-of.ts';

const NOW = new Date('2026-09-01T12:00:00.000Z');

const EXTRAS: readonly Extra[] = ['probed', 'opted-in'];
const OPT_IN = RULES.filter(({ optIn }) => optIn === true).map(({ id }) => id);
const OPTED_IN: Policy = { ...DEFAULT_POLICY, rules: Object.fromEntries(OPT_IN.map((id) => [id, 'on'])) };

/** `cluster rule verdict subject`, for every verdict that is neither a pass nor without object. */
function judged(estate: Estate, policy = DEFAULT_POLICY, probed = false): string[] {
  return estate.subscriptions.flatMap((subscription) =>
    subscription.clusters.flatMap((cluster) =>
      evaluate(snapshotOf(estate, subscription, cluster, probed), RULES, policy).flatMap((run): string[] => {
        const line = (verdict: string, subject: string) => `${cluster.name} ${run.ruleId} ${verdict} ${subject}`;
        if (run.state === 'unavailable') return [line('unknown', 'cluster')];
        if (run.state === 'error') throw new Error(`${run.ruleId}: ${run.message}`);
        if (run.state === 'off') return [];
        return run.judgements.flatMap(({ verdict, subject }) =>
          verdict === 'fail' || verdict === 'unknown' ? [line(verdict, subjectKey(subject))] : [],
        );
      }),
    ),
  );
}

function planted(estate: Estate, extras: readonly Extra[] = []): string[] {
  return plantedFaults(estate, extras).map(
    ({ clusterName, ruleId, verdict, subject }) => `${clusterName} ${ruleId} ${verdict} ${subjectKey(subject)}`,
  );
}

describe('the planted faults', () => {
  test('are exactly what the rules find in the default estate, neither more nor less', () => {
    const estate = defaultEstate('kataudit', NOW);
    expect(judged(estate).toSorted()).toEqual(planted(estate).toSorted());
  });

  test('are exactly what the rules find when every pod is probed and every opt-in rule is on', () => {
    const estate = defaultEstate('kataudit', NOW);
    expect(judged(estate, OPTED_IN, true).toSorted()).toEqual(planted(estate, EXTRAS).toSorted());
  });

  test('leave no rule of the catalogue without a subject that fails it', () => {
    const failed = plantedFaults(defaultEstate('kataudit', NOW), EXTRAS).filter(({ verdict }) => verdict === 'fail');
    const untried = RULES.filter(({ id }) => !failed.some(({ ruleId }) => ruleId === id));
    expect(untried.map(({ id }) => id)).toEqual([]);
  });
});

describe('a repair', () => {
  const estate = defaultEstate('kataudit', NOW);
  const faults = plantedFaults(estate);
  const before = judged(estate);

  test.each(faults.map((fault, at) => [`${fault.clusterName} ${fault.ruleId} ${subjectKey(fault.subject)}`, at] as const))(
    'of %s mends it, adds nothing, and leaves the rest as it was',
    (_, at) => {
      const repaired = repair(estate, (fault) => fault.clusterName === faults[at]?.clusterName && isDeepStrictEqual(fault, faults[at]));
      const after = judged(repaired);
      expect(after.toSorted()).toEqual(planted(repaired).toSorted());
      expect(judged(repaired, OPTED_IN, true).toSorted()).toEqual(planted(repaired, EXTRAS).toSorted());
      expect(after.length).toBeLessThan(before.length);
      expect(after.filter((line) => !before.includes(line))).toEqual([]);
    },
  );

  test('of everything leaves an estate without faults', () => {
    const repaired = repair(estate, () => true);
    expect(plantedFaults(repaired)).toEqual([]);
    expect(judged(repaired)).toEqual([]);
  });

  test('keeps the clusters that it did not touch', () => {
    const repaired = repair(estate, ({ clusterName }) => clusterName === 'pay-prod-neu');
    const changed = repaired.subscriptions.flatMap(({ clusters }, at) =>
      clusters.filter((cluster, index) => cluster !== estate.subscriptions[at]?.clusters[index]).map(({ name }) => name),
    );
    expect(changed).toEqual(['pay-prod-neu']);
  });
});
