import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { VERDICTS } from '../../../shared/domain/rule/rule.ts';
import { subjectKey } from '../../../shared/domain/snapshot/subject.ts';
import { defaultEstate } from '../../../shared/local/estate/default-estate.ts';
import { plantedFaults } from '../../../shared/local/estate/planted-faults.ts';
import { repair, repairableFaults } from '../../../shared/local/estate/repair.ts';
import { DEMONSTRATED, EXTRAS, judged, judgedWithExtras, planted, verdictsByRule } from './verdicts.ts';

const NOW = new Date('2026-09-01T12:00:00.000Z');

describe('the planted faults', () => {
  test('are exactly what the rules find in the default estate', () => {
    const estate = defaultEstate('kataudit', NOW);
    expect(judged(estate).toSorted()).toEqual(planted(estate).toSorted());
  });

  test('are exactly what the rules find when every pod is probed and every opt-in rule is on', () => {
    const estate = defaultEstate('kataudit', NOW);
    expect(judgedWithExtras(estate).toSorted()).toEqual(planted(estate, EXTRAS).toSorted());
  });

  test('contain a failing subject for every demonstrated rule', () => {
    const failed = plantedFaults(defaultEstate('kataudit', NOW), EXTRAS).filter(({ verdict }) => verdict === 'fail');
    const untried = DEMONSTRATED.filter(({ id }) => !failed.some(({ ruleId }) => ruleId === id));
    expect(untried.map(({ id }) => id)).toEqual([]);
  });
});

describe('the default estate', () => {
  test('shows every rule with every verdict, except those that are impossible in Azure', () => {
    const shown = verdictsByRule(defaultEstate('kataudit', NOW));
    const missing = DEMONSTRATED.flatMap(({ id }) =>
      VERDICTS.filter((verdict) => !shown.has(`${id} ${verdict}`)).map((verdict) => `${id} ${verdict}`),
    );
    expect(missing).toEqual([
      // A cluster has a node pool, and every pool an image.
      'node-image-current not-applicable',
      'node-image-supported not-applicable',
      // Only for a cluster that is known only by a kubeconfig.
      'cluster-assessed unknown',
    ]);
  });
});

describe('a repair', () => {
  const estate = defaultEstate('kataudit', NOW);
  const faults = repairableFaults(estate);
  const before = judgedWithExtras(estate);

  test.each(faults.map((fault, at) => [`${fault.clusterName} ${fault.ruleId} ${subjectKey(fault.subject)}`, at] as const))(
    'of %s fixes it, adds no finding, and changes nothing else',
    (_, at) => {
      const repaired = repair(estate, (fault) => fault.clusterName === faults[at]?.clusterName && isDeepStrictEqual(fault, faults[at]));
      const after = judgedWithExtras(repaired);
      expect(judged(repaired).toSorted()).toEqual(planted(repaired).toSorted());
      expect(after.toSorted()).toEqual(planted(repaired, EXTRAS).toSorted());
      expect(after.length).toBeLessThan(before.length);
      expect(after.filter((line) => !before.includes(line))).toEqual([]);
    },
  );

  test('of everything leaves an estate without faults', () => {
    const repaired = repair(estate, () => true);
    expect(plantedFaults(repaired)).toEqual([]);
    expect(judged(repaired)).toEqual([]);
  });

  test('keeps the unaffected clusters', () => {
    const repaired = repair(estate, ({ clusterName }) => clusterName === 'pay-prod-neu');
    const changed = repaired.subscriptions.flatMap(({ clusters }, at) =>
      clusters.filter((cluster, index) => cluster !== estate.subscriptions[at]?.clusters[index]).map(({ name }) => name),
    );
    expect(changed).toEqual(['pay-prod-neu']);
  });
});
