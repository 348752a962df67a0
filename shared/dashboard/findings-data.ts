import type { Finding } from '../domain/findings/finding.ts';
import type { FindingData } from './finding-content.ts';

/** A finding as shown in a row. */
export interface FindingRow {
  readonly finding: Finding;
  readonly exempted: boolean;
  readonly dueOn?: string;
  readonly overdue: boolean;
}

/** Rows with a common heading. */
export interface FindingGroupRows {
  /** The common value of the group; empty if findings are not grouped. */
  readonly label: string;
  readonly count: number;
  readonly rows: readonly FindingRow[];
}

/** One value of a filter, with the number of matching findings. */
export interface Choice {
  readonly value: string;
  readonly label: string;
  readonly count: number;
}

/** A filter with its values. */
export interface FilterChoices {
  /** The query parameter. */
  readonly name: string;
  readonly label: string;
  readonly chosen: readonly string[];
  readonly choices: readonly Choice[];
}

/** Why the list is empty. */
export type Emptiness =
  | { readonly kind: 'none-open' }
  | { readonly kind: 'no-match' }
  | { readonly kind: 'unknown-value'; readonly problems: readonly string[] }
  | { readonly kind: 'not-seen'; readonly clusters: number };

/** The content of the findings page. */
export interface FindingsData {
  /** Number of findings that match the filters, without exempted ones unless requested. */
  readonly count: number;
  /** Whether `count` is only a lower bound. */
  readonly isLowerBound: boolean;
  readonly clusters: number;
  readonly hidden: number;
  readonly status: 'open' | 'resolved';
  readonly groups: readonly FindingGroupRows[];
  readonly filters: readonly FilterChoices[];
  readonly q: string;
  /** A day, `YYYY-MM-DD`; empty for any. */
  readonly firstSeenSince: string;
  readonly grouping: string;
  readonly groupings: readonly string[];
  /** The query parameters without `page` and `id`, for links that keep the filters. */
  readonly keep: Readonly<Record<string, string | undefined>>;
  readonly page: number;
  readonly pages: number;
  /** The cursor of the next page of a list without a count. */
  readonly next?: string;
  readonly empty?: Emptiness;
  /** The finding in the side panel. */
  readonly open?: FindingData;
}
