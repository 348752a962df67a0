import type { EstateDay } from '../domain/findings/trend.ts';

/** One row for each day of the estate: what a trend is drawn from. */
export interface TrendStore {
  /** Keeps the figures of a day; the newest write of a day stays. */
  put(day: EstateDay): Promise<void>;
  /** The days from one to another, both included, oldest first; one request, whatever happened in them. */
  list(from: string, to: string): Promise<readonly EstateDay[]>;
  /** Whether the days before the first row were worked out from the history once. */
  isRebuilt(): Promise<boolean>;
  /** Remembers that they were. */
  rebuilt(at: string): Promise<void>;
  /** Deletes at most `limit` days before one; returns how many. */
  prune(before: string, limit: number): Promise<number>;
}
