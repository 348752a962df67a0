/** Set by `.ci/run`: this run goes through every row and every round. `npm test` alone takes a part of what is large or drawn at random. */
const IS_THOROUGH = process.env.THOROUGH_TESTS === '1';

/** How many rounds of a random test to make: all in a thorough run, else some. */
export function rounds(all: number, some: number): number {
  return IS_THOROUGH ? all : some;
}

/**
 * All rows of a table in a thorough run, else every `step`-th. In a table of pairs the step shares no divisor with the number of
 * columns: then each row and each column comes up.
 */
export function shareOf<T>(rows: readonly T[], step: number): readonly T[] {
  return IS_THOROUGH ? rows : rows.filter((_, at) => at % step === 0);
}
