import type { TokenCredential } from '@azure/identity';
import type { Clock } from '../../ports/clock.ts';
import { type BudgetLeft, Budgets, type OnWait, type Sleep, sleepForReal } from '../budget/budget.ts';

/** Dependencies and limits of the adapters in this folder. */
export interface AzureOptions {
  readonly credential: TokenCredential;
  /** The identity that the isolation probe uses for API servers; `credential` if absent. */
  readonly probeCredential?: TokenCredential;
  /** Azure Resource Manager's address, for example `https://management.azure.com`. */
  readonly armEndpoint: string;
  readonly clock: Clock;
  /** Certificate authorities (PEM) to trust in addition to the system's, for an endpoint with a private one. */
  readonly tlsOptions?: { readonly ca: string };
  /** Time limit of one call with all waits and retries; 6 minutes if absent. */
  readonly timeBudgetMs?: number;
  /** Time limit of one try; 30 seconds if absent. */
  readonly attemptTimeoutMs?: number;
  readonly sleep?: Sleep;
  /** Returns 0 to 1; spreads retries. */
  readonly random?: () => number;
  /** Called for each call that waited for its budget, with the time. */
  readonly onWait?: OnWait;
}

/** Options for reading the estate; optional ones have defaults that suit Azure. */
export interface AzureEstateOptions extends AzureOptions {
  /** How long the latest image of a variant is cached; an hour if absent. */
  readonly latestImageTtlMs?: number;
}

const budgetsByCredential = new WeakMap<TokenCredential, Budgets>();

/** Returns the call budgets of a credential: Azure counts by identity, so all users of a credential share them. */
export function budgetsOf({ credential, clock, sleep = sleepForReal, random = Math.random, onWait }: AzureOptions): Budgets {
  const held = budgetsByCredential.get(credential);
  if (held !== undefined) return held;
  const budgets = new Budgets(clock, sleep, random, onWait);
  budgetsByCredential.set(credential, budgets);
  return budgets;
}

/** Returns a function that estimates what is left of this process's call budgets, for the metrics. */
export function callBudgets(options: AzureOptions): () => readonly BudgetLeft[] {
  return () => budgetsOf(options).left();
}
