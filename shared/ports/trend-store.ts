import type { EstateDay } from '../domain/findings/trend.ts';

/** One row per day for the estate, the source of trends. */
export interface TrendStore {
  /** Stores the figures of a day; the newest write of a day wins. */
  put(day: EstateDay): Promise<void>;
  /** The days from one to another, both included, oldest first; always one request. */
  list(from: string, to: string): Promise<readonly EstateDay[]>;
  /** Whether the days before the first row were already derived from the history. */
  isRebuilt(): Promise<boolean>;
  /** Records that they were. */
  rebuilt(at: string): Promise<void>;
  /** Deletes at most `limit` days before a day; returns how many. */
  prune(before: string, limit: number): Promise<number>;
}
