/** The time, given from outside so that tests set it. */
export type Clock = () => Date;

/** Clocks of two instances differ by less, and of two events at once one reads the clock before the other; milliseconds. */
export const CLOCKS_DIFFER_MS = 60_000;
