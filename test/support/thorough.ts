/** Set by `.ci/run`: this run goes through every row and every round. `npm test` alone takes a part of what is large or drawn at random. */
const IS_THOROUGH = process.env.THOROUGH_TESTS === '1';

/** Set when many faults are tried one after another: code with marks is slow, and a fault that matters shows in a few rounds. */
const IS_FOR_FAULTS = process.env.MUTANTS_ROOT !== undefined;

/** How many rounds of a random test to make: all in a thorough run, else some, and few in a run of faults. */
export function rounds(all: number, some: number): number {
  if (IS_FOR_FAULTS) return Math.ceil(some / 4);
  return IS_THOROUGH ? all : some;
}

/**
 * All rows of a table in a thorough run, else every `step`-th. In a table of pairs the step shares no divisor with the number of
 * columns: then each row and each column comes up.
 */
export function shareOf<T>(rows: readonly T[], step: number): readonly T[] {
  return IS_THOROUGH ? rows : rows.filter((_, at) => at % step === 0);
}
