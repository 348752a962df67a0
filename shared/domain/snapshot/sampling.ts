import { createHash } from 'node:crypto';

/*
 * Exact sampling without replacement: the number of marked units in a sample is hypergeometric. No
 * normal or binomial approximation is used.
 */

/** A finite population in which some units are marked, and a sample from it. */
export interface Draw {
  readonly population: number;
  readonly marked: number;
  readonly drawn: number;
}

/** A part of a population with its own sample. */
export interface StratumDraw {
  readonly population: number;
  readonly drawn: number;
}

/** Tolerance, so that rounding does not decide whether a probability equals one minus the confidence. */
const ROUNDING = 1e-9;

/** Returns the probability that a sample contains at most `found` marked units. */
export function probabilityOfAtMost(found: number, { population, marked, drawn }: Draw): number {
  const least = Math.max(0, drawn - (population - marked));
  const most = Math.min(found, marked, drawn);
  let sum = 0;
  for (let hits = least; hits <= most; hits++) {
    sum += Math.exp(logChoose(marked, hits) + logChoose(population - marked, drawn - hits) - logChoose(population, drawn));
  }
  return sum;
}

/**
 * The exact one-sided upper bound, at this confidence, of the marked units in a population, when a sample of it
 * contained `found`.
 */
export function mostMarked(found: number, { population, drawn }: StratumDraw, confidence: number): number {
  let [least, most] = [found, population];
  while (least < most) {
    const marked = Math.ceil((least + most) / 2);
    if (probabilityOfAtMost(found, { population, marked, drawn }) > (1 - confidence) * (1 + ROUNDING)) least = marked;
    else most = marked - 1;
  }
  return least;
}

/**
 * The same bound for separately sampled strata, when no sample contained a marked unit: the worst distribution of
 * marked units that is consistent with the samples. Each further unit in a stratum makes the next one there less
 * plausible, so a greedy choice of the most plausible step is exact.
 */
export function mostMarkedUnseen(strata: readonly StratumDraw[], confidence: number): number {
  const left = strata.map(({ population }) => population);
  const plausible = Math.log(1 - confidence) + ROUNDING;
  let logProbability = 0;
  for (let total = 0; ; total++) {
    const steps = left.map((unmarked, at) => logUnseen(unmarked, strata[at]?.drawn ?? 0));
    const step = Math.max(...steps);
    logProbability += step;
    if (logProbability <= plausible) return total;
    const at = steps.indexOf(step);
    left[at] = (left[at] ?? 0) - 1;
  }
}

/** Returns the logarithm of the factor by which one more marked unit changes the probability that a sample contains none. */
function logUnseen(unmarked: number, drawn: number): number {
  return unmarked > drawn ? Math.log1p(-drawn / unmarked) : Number.NEGATIVE_INFINITY;
}

/** What a sample must show if it contains no marked unit. */
export interface SampleGoal {
  readonly confidence: number;
  /** The largest share of marked units, 0 to 1, that may remain undetected. */
  readonly toleratedRate: number;
}

/** The number of units to draw from each stratum: the fewest that reach the goal, in proportion to its size, at least one. */
export function planSample(populations: readonly number[], { confidence, toleratedRate }: SampleGoal): readonly number[] {
  const all = populations.reduce((sum, population) => sum + population, 0);
  const reaches = (strata: readonly StratumDraw[]) => mostMarkedUnseen(strata, confidence) <= toleratedRate * all;
  let tooFew = 0;
  let enough = all;
  while (enough - tooFew > 1) {
    const size = Math.floor((tooFew + enough) / 2);
    if (reaches(inProportion(populations, size))) enough = size;
    else tooFew = size;
  }
  return inProportion(populations, enough).map(({ drawn }) => drawn);
}

/** Distributes a sample by the sizes of the strata, by largest remainder; every stratum gets at least one. */
function inProportion(populations: readonly number[], size: number): readonly StratumDraw[] {
  const all = populations.reduce((sum, population) => sum + population, 0);
  const shares = populations.map((population) => {
    const exact = all === 0 ? 0 : (size * population) / all;
    return { population, whole: Math.floor(exact), rest: exact % 1 };
  });
  const left = size - shares.reduce((sum, { whole }) => sum + whole, 0);
  const more = new Set(shares.toSorted((a, b) => b.rest - a.rest).slice(0, left));
  return shares.map((share) => {
    const { population, whole } = share;
    return { population, drawn: Math.min(population, Math.max(1, more.has(share) ? whole + 1 : whole)) };
  });
}

/** All of `items` in a random order that depends only on the seed: the first n are a sample without replacement. */
export function shuffled<T>(items: readonly T[], seed: string): readonly T[] {
  const random = seededIntegers(seed);
  const order = [...items];
  for (let at = order.length - 1; at > 0; at--) {
    const other = random(at + 1);
    const [here, there] = [order[at], order[other]];
    if (here !== undefined && there !== undefined) [order[at], order[other]] = [there, here];
  }
  return order;
}

const WORD = 2 ** 32;

/** Uniformly distributed whole numbers below a limit, the same ones for the same seed. */
export function seededIntegers(seed: string): (below: number) => number {
  let block = Buffer.alloc(0);
  let at = 0;
  let counter = 0;
  const word = () => {
    if (at >= block.length) {
      block = createHash('sha512').update(`${counter++}:${seed}`).digest();
      at = 0;
    }
    at += 4;
    return block.readUInt32BE(at - 4);
  };
  return (below) => {
    // Values of the incomplete last range would favor small numbers.
    const fair = WORD - (WORD % below);
    for (;;) {
      const drawn = word();
      if (drawn < fair) return drawn % below;
    }
  };
}

const logFactorials = [0];

function logChoose(of: number, some: number): number {
  return logFactorial(of) - logFactorial(some) - logFactorial(of - some);
}

function logFactorial(n: number): number {
  for (let next = logFactorials.length; next <= n; next++) logFactorials.push((logFactorials[next - 1] ?? 0) + Math.log(next));
  return logFactorials[n] ?? Number.NEGATIVE_INFINITY;
}
