/** The current time, passed in so that tests can set it. */
export type Clock = () => Date;

/** Upper bound, in milliseconds, on the clock difference between two instances and between two concurrent reads. */
export const CLOCKS_DIFFER_MS = 60_000;
