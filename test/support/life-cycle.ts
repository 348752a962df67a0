import type { FindingStore } from '../../shared/ports/finding-store.ts';

/** The result of one scan for one subject of one rule, in the terms of the life cycle. */
export type Word =
  /** The rule judged the subject and it failed, with this message. */
  | { readonly fails: string }
  /** A full scan showed that it complies. */
  | 'complies'
  /** A full scan of everything did not show it. */
  | 'gone'
  /** The scan says nothing about it: a part was unavailable, sampled or truncated, or the rule failed. */
  | 'silent'
  | 'rule-off'
  | 'cluster-deleted'
  | 'out-of-scope';

/** One scan of a cluster. */
export interface Look {
  readonly at: string;
  /** Every subject of any scan. */
  readonly words: ReadonlyMap<string, Word>;
}

/** The life cycle of one finding, as far as it is guaranteed. */
export interface Life {
  readonly status: 'open' | 'resolved';
  readonly message: string;
  readonly firstSeenAt: string;
  readonly lastSeenAt: string;
  readonly reopenCount: number;
  readonly stale: boolean;
  readonly closed?: string;
  /** Newest first. */
  readonly history: readonly string[];
}

const CLOSES = { complies: 'complies', gone: 'subject-gone', 'rule-off': 'rule-off' } as const;

/**
 * The result of processing these scans in order, each once, for each subject. It does not know how scans
 * are recorded: it follows one subject at a time through its results.
 */
export function livesAfter(looks: readonly Look[]): ReadonlyMap<string, Life> {
  const lives = new Map<string, Life>();
  for (const subject of new Set(looks.flatMap(({ words }) => [...words.keys()]))) {
    const life = looks.reduce<Life | undefined>((before, { at, words }) => next(before, words.get(subject) ?? 'silent', at), undefined);
    if (life !== undefined) lives.set(subject, life);
  }
  return lives;
}

function next(before: Life | undefined, word: Word, at: string): Life | undefined {
  if (typeof word === 'object') return failing(before, word.fails, at);
  if (before === undefined || before.status === 'resolved') return before;
  if (word === 'silent') return { ...before, stale: true };
  const reason = word === 'cluster-deleted' || word === 'out-of-scope' ? word : CLOSES[word];
  return { ...before, status: 'resolved', stale: false, closed: `${reason} at ${at}`, history: [`resolved at ${at}`, ...before.history] };
}

function failing(before: Life | undefined, message: string, at: string): Life {
  const seen = { status: 'open', message, lastSeenAt: at, stale: false } as const;
  if (before === undefined) return { ...seen, firstSeenAt: at, reopenCount: 0, history: [`opened at ${at}`] };
  const { firstSeenAt, reopenCount, history } = before;
  if (before.status === 'resolved') {
    return { ...seen, firstSeenAt, reopenCount: reopenCount + 1, history: [`reopened at ${at}`, ...history] };
  }
  const told = before.message === message ? history : [`changed at ${at}`, ...history];
  return { ...seen, firstSeenAt, reopenCount, history: told };
}

/** The life cycles in a store for a cluster, in the same terms; `nameOf` returns the name of a finding in the scans. */
export async function livesIn(
  store: FindingStore,
  clusterId: string,
  nameOf: (finding: Awaited<ReturnType<FindingStore['ofCluster']>>['findings'][number]) => string,
): Promise<ReadonlyMap<string, Life>> {
  const { findings } = await store.ofCluster(clusterId);
  const lines = Map.groupBy(await store.clusterHistory(clusterId, { since: '1970-01-01T00:00:00.000Z' }), ({ findingId }) => findingId);
  return new Map(
    findings.map((finding): readonly [string, Life] => {
      const { status, message, firstSeenAt, lastSeenAt, reopenCount, resolution, resolvedAt } = finding;
      const history = (lines.get(finding.id) ?? []).map(({ kind, at }) => `${kind} at ${at}`);
      const life = { status, message, firstSeenAt, lastSeenAt, reopenCount, stale: finding.stale === true, history };
      return [nameOf(finding), resolution === undefined ? life : { ...life, closed: `${resolution} at ${resolvedAt}` }];
    }),
  );
}
