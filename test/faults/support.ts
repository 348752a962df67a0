import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import type { Finding, HistoryEntry } from '../../shared/domain/findings/finding.ts';
import type { ClusterSummary } from '../../shared/domain/findings/summary.ts';
import type { FaultCode } from '../../shared/domain/snapshot/fault.ts';
import type { UnavailableReason } from '../../shared/domain/snapshot/observation.ts';
import type { FaultRule } from '../../shared/local/estate/server/fault-injection.ts';
import { type RunningEstate, startEstate } from '../../shared/local/estate/server.ts';
import { createMemoryStorage, type MemoryStorage } from '../../shared/memory/storage.ts';
import { NOTHING_HELD } from '../../shared/ports/finding-store.ts';
import { auditOutcome } from '../../shared/usecases/audit-outcome.ts';
import { type AuditSettings, type AuditTrace, audit } from './audit.ts';
import { smallEstate } from './small-estate.ts';

/** One thing that goes wrong while an audit runs. */
export interface FaultCase extends Pick<AuditSettings, 'attemptTimeoutMs' | 'reader' | 'managementGroups' | 'beforeScans'> {
  /** The latest rule wins. */
  readonly rules: readonly FaultRule[];
  /** By the audit's own clock; the whole audit when absent. */
  readonly lastsMs?: number;
  /** Undoes what no rule did, before the next audit. */
  readonly after?: () => Promise<void>;
}

/** What one audit under a fault, between two without, came to. Everything but the reasons must be empty. */
export interface Outcome {
  /** Findings of before that are neither as they were, but for a mark of age, nor as a calm look shows them. */
  readonly lost: readonly string[];
  /** Lines of history that the audit wrote, but for "could not be assessed", which it must write. */
  readonly invented: readonly string[];
  /** Clusters without a reason of their own that differ from the calm run. */
  readonly disturbed: readonly string[];
  /** Clusters of which the audit's record and their own row give different reasons. */
  readonly contradicted: readonly string[];
  /** Messages that failed for good. */
  readonly parked: readonly string[];
  /** Clusters that differ from the calm run after the next audit. */
  readonly notHealed: readonly string[];
  /** By cluster, as the audit's record has them. */
  readonly reasons: Readonly<Record<string, readonly UnavailableReason[]>>;
  /** By the subscription's name. */
  readonly notListed: Readonly<Record<string, UnavailableReason>>;
}

/** The outcome of a fault that an audit gets over by itself. */
export const UNHURT: Outcome = {
  lost: [],
  invented: [],
  disturbed: [],
  contradicted: [],
  parked: [],
  notHealed: [],
  reasons: {},
  notListed: {},
};

/** What one audit under a fault left beside its outcome. */
export interface Observed extends AuditTrace {
  readonly outcome: Outcome;
  /** By the name of the cluster: after the audit under the fault, and after the next. */
  readonly hurt: State;
  readonly healed: State;
  /** Requests that went wrong. */
  readonly hits: number;
  /** What was asked for during the audit under the fault: the server, and path with query. */
  readonly asked: readonly string[];
}

/** Exactly one reason, of this kind, whose text holds each of these: what happened, to what, and what to do. */
export function because(code: FaultCode, ...says: readonly string[]): readonly UnavailableReason[] {
  return [reason(code, ...says)];
}

/** A reason of this kind whose text holds each of these, and nothing that would break a line. */
export function reason(code: FaultCode, ...says: readonly string[]): UnavailableReason {
  const parts = says.map((text) => `(?=.*${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')})`);
  return expect.objectContaining({ code, message: expect.stringMatching(new RegExp(`^${parts.join('')}[^\\p{Cc}]{1,900}$`, 'u')) });
}

interface ClusterState {
  readonly summary: ClusterSummary | undefined;
  readonly findings: readonly Finding[];
  readonly history: readonly HistoryEntry[];
}
type State = ReadonlyMap<string, ClusterState>;

const AUDITS = [
  { id: 'audit-1', at: '2026-09-01T12:00:00.000Z' },
  { id: 'audit-2', at: '2026-09-01T18:00:00.000Z' },
  { id: 'audit-3', at: '2026-09-02T00:00:00.000Z' },
] as const;
const [FIRST, SECOND, THIRD] = AUDITS;
const ASSESSED = 'cluster-assessed';

/** A running estate that faults can be put to, and what it looks like without any. */
export class FaultyWorld {
  readonly running: RunningEstate;
  /** After each of three audits that nothing disturbed. */
  readonly #calm: readonly [State, State, State];

  private constructor(running: RunningEstate, calm: readonly [State, State, State]) {
    this.running = running;
    this.#calm = calm;
  }

  static async start(): Promise<FaultyWorld> {
    const running = await startEstate(smallEstate(), { pageSize: 1 });
    const storage = createMemoryStorage();
    const after = async (settings: AuditSettings) => {
      await audit(running, storage, settings);
      return stateOf(storage);
    };
    return new FaultyWorld(running, [await after(FIRST), await after(SECOND), await after(THIRD)]);
  }

  /** What the audit that nothing disturbs finds in each cluster. */
  get calmFindings(): Readonly<Record<string, readonly string[]>> {
    return Object.fromEntries([...this.#calm[0]].map(([name, { findings }]) => [name, findings.map(({ ruleId }) => ruleId)]));
  }

  /** Audits three times, the second time under the fault. */
  async outcomeOf(fault: FaultCase): Promise<Observed> {
    const { running } = this;
    const storage = createMemoryStorage();
    await this.#holdFirst(storage);
    const injected = fault.rules.map((rule) => running.faults.inject(rule));
    const askedBefore = running.requests.length;
    let trace: AuditTrace;
    try {
      const onTime = (elapsedMs: number) => {
        if (elapsedMs >= (fault.lastsMs ?? Number.POSITIVE_INFINITY)) running.faults.clear();
      };
      trace = await audit(running, storage, { ...SECOND, ...fault, onTime });
    } finally {
      running.faults.clear();
      await fault.after?.();
    }
    const asked = running.requests.slice(askedBefore).map(({ server, path }) => `${server} ${path}`);
    const hurt = await stateOf(storage);
    const { reasons, notListed } = await recordOf(running, storage);
    await audit(running, storage, THIRD);
    const healed = await stateOf(storage);
    const hits = injected.reduce((sum, one) => sum + one.hits, 0);
    const outcome = { ...this.#harm(hurt, reasons), parked: trace.parked, notHealed: this.#notHealed(healed), reasons, notListed };
    return { ...trace, hurt, healed, hits, asked, outcome };
  }

  /** What the first audit left, without making it again. */
  async #holdFirst({ findings }: MemoryStorage): Promise<void> {
    for (const { summary, findings: held, history } of this.#calm[0].values()) {
      if (summary === undefined) throw new Error('A calm audit leaves a row of each cluster.');
      await findings.write({ clusterId: summary.cluster.id, findings: held, history, summary, basedOn: NOTHING_HELD });
    }
  }

  #harm(hurt: State, reasons: Outcome['reasons']): Pick<Outcome, 'lost' | 'invented' | 'disturbed' | 'contradicted'> {
    const [before, calm] = this.#calm;
    const names = [...calm.keys()];
    return {
      lost: names.flatMap((name) => lostIn(name, before.get(name), calm.get(name), hurt.get(name))),
      invented: [...hurt].flatMap(([name, { history }]) =>
        history
          .filter(({ cause, ruleId }) => cause === SECOND.id && ruleId !== ASSESSED)
          .map(({ kind, ruleId }) => `${name} ${ruleId} ${kind}`),
      ),
      contradicted: names.filter((name) => !isDeepStrictEqual(textsOf(reasons[name] ?? []), gapTexts(hurt.get(name)))),
      disturbed: names.filter((name) => !Object.hasOwn(reasons, name) && !isDeepStrictEqual(hurt.get(name), calm.get(name))),
    };
  }

  #notHealed(healed: State): readonly string[] {
    const [, , calm] = this.#calm;
    return [...new Set([...calm.keys(), ...healed.keys()])].filter(
      (name) => !isDeepStrictEqual(withoutAssessed(healed.get(name)), withoutAssessed(calm.get(name))),
    );
  }
}

function lostIn(name: string, before?: ClusterState, calm?: ClusterState, hurt?: ClusterState): readonly string[] {
  const calmById = new Map(calm?.findings.map((finding) => [finding.id, finding]));
  const hurtById = new Map(hurt?.findings.map((finding) => [finding.id, finding]));
  const kept = (finding: Finding) => {
    const now = hurtById.get(finding.id);
    return (
      isDeepStrictEqual(now, { ...finding, stale: true }) || isDeepStrictEqual(withoutFacts(now), withoutFacts(calmById.get(finding.id)))
    );
  };
  return (before?.findings ?? []).filter((finding) => !kept(finding)).map(({ ruleId }) => `${name} ${ruleId}`);
}

function gapTexts(state: ClusterState | undefined): readonly string[] {
  return textsOf(state?.summary?.gaps.map((gap) => gap.reason) ?? []);
}

function textsOf(reasons: readonly UnavailableReason[]): readonly string[] {
  return [...new Set(reasons.map(({ message }) => message))].sort();
}

/** What a fault may leave for good: that the cluster could not be assessed, and can again. */
function withoutAssessed(state: ClusterState | undefined) {
  if (state === undefined) return undefined;
  const open = state.findings.filter(({ ruleId, status }) => ruleId === ASSESSED && status === 'open');
  return {
    summary: state.summary,
    findings: [...state.findings.filter(({ ruleId }) => ruleId !== ASSESSED), ...open],
    history: state.history.filter(({ ruleId }) => ruleId !== ASSESSED),
  };
}

async function stateOf({ findings }: MemoryStorage): Promise<State> {
  const all = (await findings.list({}, 1_000)).value;
  const summaries = (await findings.clusters(100)).value;
  const names = new Set([...all.map(({ clusterName }) => clusterName), ...summaries.map(({ cluster }) => cluster.name)]);
  const states = [...names].sort().map(async (name): Promise<[string, ClusterState]> => {
    const own = all.filter(({ clusterName }) => clusterName === name);
    const histories = await Promise.all(own.map(({ id }) => findings.history(id, 100)));
    return [
      name,
      { summary: summaries.find(({ cluster }) => cluster.name === name), findings: own, history: histories.flatMap(({ value }) => value) },
    ];
  });
  return new Map(await Promise.all(states));
}

/** The facts may say what could not be seen beside what was judged. */
function withoutFacts(finding: Finding | undefined) {
  return { ...finding, facts: undefined };
}

/** What the record of the audit under the fault says; it must account for every cluster. */
async function recordOf(running: RunningEstate, storage: MemoryStorage): Promise<Pick<Outcome, 'reasons' | 'notListed'>> {
  const report = await storage.audits.get(SECOND.id);
  if (report === undefined) throw new Error('The audit left no record.');
  const { state, planned, scanned, notAssessed, notListed } = auditOutcome(report, new Date(SECOND.at));
  const clusters = running.estate.subscriptions.flatMap((subscription) => subscription.clusters).length;
  // An audit that could not list a subscription is never complete, though it knows the clusters.
  const expected = notListed.length === 0 ? 'complete' : 'incomplete';
  if (state !== expected || planned !== clusters || scanned !== clusters) {
    throw new Error(`The audit is ${state}: ${scanned} of ${planned} planned, of ${clusters} there are.`);
  }
  const nameOf = (id: string) => running.estate.subscriptions.find((one) => one.id.toLowerCase() === id.toLowerCase())?.name ?? id;
  return {
    reasons: Object.fromEntries(notAssessed.map(({ clusterId, reasons }) => [clusterId.split('/').at(-1) ?? clusterId, reasons])),
    notListed: Object.fromEntries(notListed.map(({ subscriptionId, reason }) => [nameOf(subscriptionId), reason])),
  };
}
