import type { TokenCredential } from '@azure/identity';
import type { Clock } from '../../ports/clock.ts';
import { type BudgetLeft, Budgets, type OnWait, type Sleep, sleepForReal } from '../budget/budget.ts';

/** What every adapter of this folder needs of the world. */
export interface AzureOptions {
  readonly credential: TokenCredential;
  /** The identity that the isolation probe asks API servers as; `credential` when absent. */
  readonly probeCredential?: TokenCredential;
  /** Azure Resource Manager's address, for example `https://management.azure.com`. */
  readonly armEndpoint: string;
  readonly clock: Clock;
  /** Certificate authorities (PEM) to trust beside the system's own, for an endpoint with a private one. */
  readonly tlsOptions?: { readonly ca: string };
  /** How long one call may take with all its waiting and its further tries; 6 minutes when absent. */
  readonly timeBudgetMs?: number;
  /** How long one try may go without a whole answer; 30 seconds when absent. */
  readonly attemptTimeoutMs?: number;
  readonly sleep?: Sleep;
  /** 0 to 1, spreads further tries. */
  readonly random?: () => number;
  /** Told of each call that had to wait for its budget, and how long. */
  readonly onWait?: OnWait;
}

/** How the estate is reached; what is optional has a default that suits Azure. */
export interface AzureEstateOptions extends AzureOptions {
  /** How long an answer about the latest image of a variant is good for; an hour when absent. */
  readonly latestImageTtlMs?: number;
}

const budgetsByCredential = new WeakMap<TokenCredential, Budgets>();

/** The call budgets of a credential: Azure counts by identity, so all that use one credential share them. */
export function budgetsOf({ credential, clock, sleep = sleepForReal, random = Math.random, onWait }: AzureOptions): Budgets {
  const held = budgetsByCredential.get(credential);
  if (held !== undefined) return held;
  const budgets = new Budgets(clock, sleep, random, onWait);
  budgetsByCredential.set(credential, budgets);
  return budgets;
}

/** What this process estimates to be left of its call budgets, for the metrics. */
export function callBudgets(options: AzureOptions): () => readonly BudgetLeft[] {
  return () => budgetsOf(options).left();
}
