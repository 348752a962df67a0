/** What a call to Azure Resource Manager is charged to. */
export type Charge =
  | { readonly kind: 'list-clusters'; readonly subscription: string; readonly resourceGroup?: string }
  | { readonly kind: 'get-cluster'; readonly subscription: string; readonly cluster: string }
  | { readonly kind: 'other-aks'; readonly method: string; readonly subscription: string; readonly location: string }
  | { readonly kind: 'write'; readonly method: 'PUT' | 'DELETE'; readonly subscription: string }
  | { readonly kind: 'subscription'; readonly subscription: string }
  | { readonly kind: 'tenant' }
  | { readonly kind: 'resource-graph' };

interface Limit {
  readonly key: string;
  readonly burst: number;
  readonly perSecond: number;
}

interface Bucket {
  tokens: number;
  at: number;
}

/**
 * The published budgets of AKS's resource provider (token buckets: size and refill), of Azure
 * Resource Manager in front of it, and of Resource Graph; in the strictest interpretation: all other
 * AKS calls of one subscription and region share one bucket.
 */
function limitsOf(charge: Charge): readonly Limit[] {
  switch (charge.kind) {
    case 'list-clusters':
      return [
        charge.resourceGroup === undefined
          ? { key: `list/${charge.subscription}`, burst: 500, perSecond: 1 }
          : { key: `list/${charge.subscription}/${charge.resourceGroup}`, burst: 60, perSecond: 1 },
        armReads(charge.subscription),
      ];
    case 'get-cluster':
      return [{ key: `get/${charge.subscription}/${charge.cluster}`, burst: 60, perSecond: 1 }, armReads(charge.subscription)];
    case 'other-aks':
      return [
        { key: `other/${charge.subscription}/${charge.location}`, burst: 60, perSecond: 1 },
        charge.method === 'GET' ? armReads(charge.subscription) : { key: `writes/${charge.subscription}`, burst: 200, perSecond: 10 },
      ];
    case 'write':
      return [{ key: `${charge.method === 'PUT' ? 'writes' : 'deletes'}/${charge.subscription}`, burst: 200, perSecond: 10 }];
    case 'subscription':
      return [armReads(charge.subscription)];
    case 'tenant':
      return [{ key: 'tenant', burst: 250, perSecond: 25 }];
    case 'resource-graph':
      return [{ key: 'resource-graph', burst: 15, perSecond: 3 }];
  }
}

function armReads(subscription: string): Limit {
  return { key: `reads/${subscription}`, burst: 250, perSecond: 25 };
}

const HEADERS: Readonly<Record<string, string>> = {
  reads: 'x-ms-ratelimit-remaining-subscription-reads',
  writes: 'x-ms-ratelimit-remaining-subscription-writes',
  deletes: 'x-ms-ratelimit-remaining-subscription-deletes',
  tenant: 'x-ms-ratelimit-remaining-tenant-reads',
  'resource-graph': 'x-ms-user-quota-remaining',
};

/** Token buckets that reject calls and count the rejections. */
export class ArmBudgets {
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();
  /** Number of rejected calls. */
  overruns = 0;

  /** `now` returns the milliseconds of a monotonic clock. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Takes a token from every bucket of a call; returns the seconds to wait when one of them is empty. */
  spend(charge: Charge): number | undefined {
    const limits = limitsOf(charge).map((limit) => ({ limit, bucket: this.#bucketOf(limit) }));
    const empty = limits.find(({ bucket }) => bucket.tokens < 1);
    if (empty !== undefined) {
      this.overruns += 1;
      return Math.max(1, Math.ceil((1 - empty.bucket.tokens) / empty.limit.perSecond));
    }
    for (const { bucket } of limits) bucket.tokens -= 1;
    return undefined;
  }

  /**
   * The headers with the remaining calls, as in a real answer: those of the last bucket of a call, which is Azure Resource Manager's
   * own.
   */
  headers(charge: Charge): Readonly<Record<string, string>> {
    const limit = limitsOf(charge).at(-1);
    if (limit === undefined) return {};
    const left = String(Math.floor(this.#bucketOf(limit).tokens));
    const [name = ''] = limit.key.split('/');
    const header = HEADERS[name];
    return header === undefined ? {} : { [header]: left };
  }

  #bucketOf({ key, burst, perSecond }: Limit): Bucket {
    const now = this.#now();
    const bucket = this.#buckets.get(key) ?? { tokens: burst, at: now };
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1_000) * perSecond);
    bucket.at = now;
    this.#buckets.set(key, bucket);
    return bucket;
  }
}
