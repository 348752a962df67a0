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

/** A fault during an audit. */
export interface FaultCase extends Pick<AuditSettings, 'attemptTimeoutMs' | 'reader' | 'managementGroups' | 'beforeScans'> {
  /** The latest rule wins. */
  readonly rules: readonly FaultRule[];
  /** Its duration by the audit's own clock; the whole audit when absent. */
  readonly lastsMs?: number;
  /** Undoes changes that were not made by rules, before the next audit. */
  readonly after?: () => Promise<void>;
}

/** The outcome of one audit with a fault between two without. Everything except the reasons must be empty. */
export interface Outcome {
  /** Earlier findings that are neither unchanged, except for a mark of age, nor as in an undisturbed scan. */
  readonly lost: readonly string[];
  /** History entries of the audit, except "could not be assessed", which it must write. */
  readonly invented: readonly string[];
  /** Clusters without their own reason that differ from the undisturbed run. */
  readonly disturbed: readonly string[];
  /** Clusters whose row has other reasons than the audit's record. */
  readonly contradicted: readonly string[];
  /** Messages that failed at every attempt. */
  readonly parked: readonly string[];
  /** Clusters that differ from the undisturbed run after the next audit. */
  readonly notHealed: readonly string[];
  /** By cluster, from the audit's record. */
  readonly reasons: Readonly<Record<string, readonly UnavailableReason[]>>;
  /** By the subscription's name. */
  readonly notListed: Readonly<Record<string, UnavailableReason>>;
}

/** The outcome of a fault from which an audit recovers by itself. */
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

/** The results of one audit with a fault besides its outcome. */
export interface Observed extends AuditTrace {
  readonly outcome: Outcome;
  /** By the name of the cluster: after the audit with the fault, and after the next one. */
  readonly hurt: State;
  readonly healed: State;
  /** Requests that failed. */
  readonly hits: number;
  /** The requests during the audit with the fault: the server, and path with query. */
  readonly asked: readonly string[];
}

/** Exactly one reason of this kind whose text contains each of these: what happened, to what, and what to do. */
export function because(code: FaultCode, ...says: readonly string[]): readonly UnavailableReason[] {
  return [reason(code, ...says)];
}

/** A reason of this kind whose text contains each of these, and no line break. */
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

/** A running estate for faults, and its state without any. */
export class FaultyWorld {
  readonly running: RunningEstate;
  /** After each of three undisturbed audits. */
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

  /** The findings of the undisturbed audit in each cluster. */
  get calmFindings(): Readonly<Record<string, readonly string[]>> {
    return Object.fromEntries([...this.#calm[0]].map(([name, { findings }]) => [name, findings.map(({ ruleId }) => ruleId)]));
  }

  /** Audits three times, the second time with the fault. */
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

  /** The results of the first audit, without running it again. */
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

/** What a fault may leave permanently: that the cluster could not be assessed, and can be again. */
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

/** The facts may contain what could not be read besides what was judged. */
function withoutFacts(finding: Finding | undefined) {
  return { ...finding, facts: undefined };
}

/** The record of the audit with the fault, which must contain every cluster. */
async function recordOf(running: RunningEstate, storage: MemoryStorage): Promise<Pick<Outcome, 'reasons' | 'notListed'>> {
  const report = await storage.audits.get(SECOND.id);
  if (report === undefined) throw new Error('The audit left no record.');
  const { state, planned, scanned, notAssessed, notListed } = auditOutcome(report, new Date(SECOND.at));
  const clusters = running.estate.subscriptions.flatMap((subscription) => subscription.clusters).length;
  // An audit that could not list a subscription is never complete, although it knows the clusters.
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
