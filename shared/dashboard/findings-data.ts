import type { Finding } from '../domain/findings/finding.ts';
import type { Severity } from '../domain/policy/severity.ts';
import type { FindingData } from './finding-content.ts';

/** A finding as a row shows it. */
export interface FindingRow {
  readonly finding: Finding;
  readonly exempted: boolean;
  readonly dueOn?: string;
  readonly overdue: boolean;
}

/** Rows under one heading. */
export interface FindingGroupRows {
  /** What the group has in common; empty where findings are not grouped. */
  readonly label: string;
  readonly count: number;
  readonly rows: readonly FindingRow[];
}

/** One value that a filter offers, with how many findings it gives. */
export interface Choice {
  readonly value: string;
  readonly label: string;
  readonly count: number;
}

/** A filter with its choices. */
export interface FilterChoices {
  /** The parameter of the address. */
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

/** What the findings page shows. */
export interface FindingsData {
  /** Findings that answer the filters, exempted ones left out unless asked for. */
  readonly count: number;
  /** Whether `count` is only a lower bound. */
  readonly isLowerBound: boolean;
  readonly clusters: number;
  readonly hidden: number;
  readonly status: 'open' | 'resolved';
  readonly groups: readonly FindingGroupRows[];
  readonly filters: readonly FilterChoices[];
  readonly q: string;
  /** A day, `YYYY-MM-DD`; empty where any is meant. */
  readonly firstSeenSince: string;
  readonly grouping: string;
  readonly groupings: readonly string[];
  /** The address without `page` and `id`, for links that keep the filters. */
  readonly keep: Readonly<Record<string, string | undefined>>;
  readonly page: number;
  readonly pages: number;
  /** Where a list that cannot be counted goes on. */
  readonly next?: string;
  readonly empty?: Emptiness;
  /** The finding in the side panel. */
  readonly open?: FindingData;
  readonly bySeverity: Readonly<Record<Severity, number>>;
}
