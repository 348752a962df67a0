import { describe, expect, test } from 'vitest';
import {
  mostMarked,
  mostMarkedUnseen,
  planSample,
  probabilityOfAtMost,
  seededIntegers,
  shuffled,
} from '../../../shared/domain/snapshot/sampling.ts';

const CONFIDENCE = 0.95;
const DRAWS = 10_000;
/** Three standard errors of a rate of 5 % over 10,000 draws. */
const TOLERANCE = 3 * Math.sqrt((0.05 * 0.95) / DRAWS);

/** The smallest number of units to draw so that a clean sample rules out this many marked ones. */
function fewest(population: number, marked: number, confidence = CONFIDENCE): number {
  let drawn = 1;
  while (mostMarked(0, { population, drawn }, confidence) >= marked) drawn += 1;
  return drawn;
}

describe('the hypergeometric distribution', () => {
  test.each([
    // 5 of 50 marked, 10 drawn: the textbook urn (en.wikipedia.org/wiki/Hypergeometric_distribution), 4 and 5 hits.
    [3, { population: 50, marked: 5, drawn: 10 }, 1 - 0.003964583 - 0.0001189375],
    [4, { population: 50, marked: 5, drawn: 10 }, 1 - 0.0001189375],
    // No ace in a poker hand: C(48,5) / C(52,5).
    [0, { population: 52, marked: 4, drawn: 5 }, 1_712_304 / 2_598_960],
    [5, { population: 52, marked: 4, drawn: 5 }, 1],
    // More units are drawn than are unmarked, so some must be hits.
    [0, { population: 10, marked: 6, drawn: 5 }, 0],
  ])('has the published probability of at most %i hits for %o', (found, draw, expected) => {
    expect(probabilityOfAtMost(found, draw)).toBeCloseTo(expected, 8);
  });

  test.each([
    // Cannon and Roe 1982, Livestock disease surveys, table 5: sample sizes that detect disease with 95 % confidence.
    [100, 5, 0.95, 45],
    [100, 1, 0.95, 95],
    [1_000, 10, 0.95, 258],
    // The same tables as recalculated by C. Hawkins, Electronic Field Survey Tables 1.0, 2003.
    [1_600, 16, 0.99, 399],
  ])('needs, for %i units with %i marked and a confidence of %f, the published sample of %i', (population, marked, confidence, drawn) => {
    expect(fewest(population, marked, confidence)).toBe(drawn);
  });
});

describe('the upper bound', () => {
  test.each([
    [100, 45],
    [1_000, 258],
    [5_000, 290],
  ])('for %i units with %i drawn and none found is the largest number that a clean sample leaves plausible', (population, drawn) => {
    const most = mostMarked(0, { population, drawn }, CONFIDENCE);
    expect(probabilityOfAtMost(0, { population, marked: most, drawn })).toBeGreaterThan(0.05 + 1e-9);
    expect(probabilityOfAtMost(0, { population, marked: most + 1, drawn })).toBeLessThanOrEqual(0.05 + 1e-9);
  });

  test('equals the number found when everything was drawn', () => {
    expect(mostMarked(3, { population: 40, drawn: 40 }, CONFIDENCE)).toBe(3);
    expect(mostMarkedUnseen([{ population: 40, drawn: 40 }], CONFIDENCE)).toBe(0);
  });

  test('is the whole population when nothing was drawn', () => {
    expect(mostMarked(0, { population: 40, drawn: 0 }, CONFIDENCE)).toBe(40);
    expect(mostMarkedUnseen([{ population: 40, drawn: 0 }], CONFIDENCE)).toBe(40);
    expect(
      mostMarkedUnseen(
        [
          { population: 40, drawn: 0 },
          { population: 0, drawn: 0 },
        ],
        CONFIDENCE,
      ),
    ).toBe(40);
  });

  test('over one stratum is that of a simple sample', () => {
    for (const drawn of [1, 7, 45, 99]) {
      const stratum = { population: 100, drawn };
      expect(mostMarkedUnseen([stratum], CONFIDENCE)).toBe(mostMarked(0, stratum, CONFIDENCE));
    }
  });

  test('over strata is the worst plausible distribution, as a search of all distributions finds it', () => {
    const strata = [
      { population: 12, drawn: 4 },
      { population: 9, drawn: 1 },
      { population: 6, drawn: 5 },
    ] as const;
    let worst = 0;
    for (let a = 0; a <= 12; a++)
      for (let b = 0; b <= 9; b++)
        for (let c = 0; c <= 6; c++) {
          const unseen = [a, b, c].reduce((product, marked, at) => {
            const { population = 0, drawn = 0 } = strata[at] ?? {};
            return product * probabilityOfAtMost(0, { population, marked, drawn });
          }, 1);
          if (unseen > 0.05 + 1e-9) worst = Math.max(worst, a + b + c);
        }
    expect(mostMarkedUnseen(strata, CONFIDENCE)).toBe(worst);
  });

  test.each([
    ['rare', 500, 6, 150],
    ['common', 200, 60, 40],
    ['nearly all drawn', 60, 3, 55],
  ])(
    'is below the true value in at most 5 %% of 10,000 seeded samples when marked units are %s',
    (name, population, marked, drawn) => {
      const random = seededIntegers(`coverage ${name}`);
      let missed = 0;
      for (let round = 0; round < DRAWS; round++) {
        const found = hits(population, marked, drawn, random);
        if (mostMarked(found, { population, drawn }, CONFIDENCE) < marked) missed += 1;
      }
      expect(missed / DRAWS).toBeLessThanOrEqual(0.05 + TOLERANCE);
    },
    60_000,
  );

  test('over strata is below the true value in at most 5 % of 10,000 seeded clean samples', () => {
    const strata = [
      { population: 300, drawn: 60, marked: 3 },
      { population: 40, drawn: 10, marked: 8 },
    ];
    const most = mostMarkedUnseen(strata, CONFIDENCE);
    const marked = strata.reduce((sum, one) => sum + one.marked, 0);
    const random = seededIntegers('strata');
    let missed = 0;
    for (let round = 0; round < DRAWS; round++) {
      const isClean = strata.every((one) => hits(one.population, one.marked, one.drawn, random) === 0);
      if (isClean && most < marked) missed += 1;
    }
    expect(missed / DRAWS).toBeLessThanOrEqual(0.05 + TOLERANCE);
  });
});

/** Draws without replacement and counts marked units; the first `marked` units of the population are. */
function hits(population: number, marked: number, drawn: number, random: (below: number) => number): number {
  let found = 0;
  for (let at = 0; at < drawn; at++) if (random(population - at) < marked - found) found += 1;
  return found;
}

describe('a plan', () => {
  test('draws the smallest sample that rules out more than the tolerated rate', () => {
    expect(planSample([50_000], { confidence: CONFIDENCE, toleratedRate: 0.01 })).toEqual([297]);
    expect(fewest(50_000, 501)).toBe(297);
  });

  test('distributes the sample by size and omits no stratum', () => {
    const drawn = planSample([4_000, 990, 10], { confidence: CONFIDENCE, toleratedRate: 0.01 });
    expect(drawn.every((one) => one >= 1)).toBe(true);
    expect(drawn[0]).toBeGreaterThan(3 * (drawn[1] ?? 0));
    const strata = [4_000, 990, 10].map((population, at) => ({ population, drawn: drawn[at] ?? 0 }));
    expect(mostMarkedUnseen(strata, CONFIDENCE)).toBeLessThanOrEqual(50);
  });

  test.each([[[4_000, 990, 10]], [[70, 70, 70]], [[1, 500, 33, 33]], [[12, 7]]])(
    'gives each stratum of %o its share, at least one unit, and equal strata the same to within one',
    (populations) => {
      const all = populations.reduce((sum, one) => sum + one, 0);
      const drawn = planSample(populations, { confidence: CONFIDENCE, toleratedRate: 0.05 });
      const size = drawn.reduce((sum, one) => sum + one, 0);
      for (const [at, population] of populations.entries()) {
        const own = drawn[at] ?? 0;
        expect(own).toBeGreaterThanOrEqual(1);
        expect(own).toBeLessThanOrEqual(population);
        if (own > 1) expect(Math.abs(own - (size * population) / all)).toBeLessThan(1.5);
      }
      // Equal strata: those in front get what cannot be divided.
      for (const [at, population] of populations.entries()) {
        if (population === populations[at + 1]) expect((drawn[at] ?? 0) - (drawn[at + 1] ?? 0)).toBeOneOf([0, 1]);
      }
    },
  );

  test('gives the units that cannot be divided to the largest remainders', () => {
    // 39 units: the exact shares are 23.40, 9.75 and 5.85.
    expect(planSample([60, 25, 15], { confidence: CONFIDENCE, toleratedRate: 0.05 })).toEqual([23, 10, 6]);
  });

  test('draws everything when the tolerated rate is below one unit', () => {
    expect(planSample([3, 2], { confidence: CONFIDENCE, toleratedRate: 0.01 })).toEqual([3, 2]);
  });

  test('for an empty population draws nothing', () => {
    expect(planSample([], { confidence: CONFIDENCE, toleratedRate: 0.01 })).toEqual([]);
    expect(planSample([0], { confidence: CONFIDENCE, toleratedRate: 0.01 })).toEqual([0]);
  });
});

describe('a seeded order', () => {
  const items = Array.from({ length: 100 }, (_, at) => at);

  test('is the same for the same seed, and different for another seed', () => {
    expect(shuffled(items, 'a')).toEqual(shuffled(items, 'a'));
    expect(shuffled(items, 'a')).not.toEqual(shuffled(items, 'b'));
    expect([...shuffled(items, 'a')].sort((a, b) => a - b)).toEqual(items);
  });

  // The seed of a sample is part of its evidence: who draws again must get the same nodes, from any version.
  test('is the one that its seed has always had', () => {
    expect(shuffled(items.slice(0, 20), 'seed').join(' ')).toBe('10 6 14 18 5 13 2 1 3 11 12 19 17 8 0 9 7 15 4 16');
  });

  test('favors no number, where those of a word cannot be divided evenly', () => {
    const random = seededIntegers('thirds');
    const counts = [0, 0, 0];
    for (let round = 0; round < 3_000; round++) {
      const third = Math.floor(random(3 * 2 ** 30) / 2 ** 30);
      counts[third] = (counts[third] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(4 * Math.sqrt(667));
  });

  test('puts each item first equally often', () => {
    const counts = [0, 0, 0, 0, 0];
    for (let round = 0; round < 5_000; round++) {
      const [first = 0] = shuffled([0, 1, 2, 3, 4], `round ${round}`);
      counts[first] = (counts[first] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(4 * Math.sqrt(800));
  });
});
