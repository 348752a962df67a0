import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../../shared/domain/policy/policy.ts';
import type { Judgement, Rule, RuleRun } from '../../../shared/domain/rule/rule.ts';
import { Fault } from '../../../shared/domain/snapshot/fault.ts';
import { FULL } from '../../../shared/domain/snapshot/observation.ts';
import { type Subject, subjectKey } from '../../../shared/domain/snapshot/subject.ts';
import { scanCluster } from '../../../shared/usecases/scan-cluster.ts';
import { aCluster } from '../../support/a-snapshot.ts';
import { type Life, type Look, livesAfter, livesIn, type Word } from '../../support/life-cycle.ts';
import { ScanWorld } from '../../usecases/a-scan.ts';

/** Two rules, each with its own kind of subjects. */
const SUBJECTS: Readonly<Record<string, readonly Subject[]>> = {
  'rule-of-pools': ['a', 'b', 'c'].map((name): Subject => ({ kind: 'node-pool', name })),
  'rule-of-workloads': ['d', 'e'].map((ownerName): Subject => ({ kind: 'workload', namespace: 'n', ownerKind: 'Deployment', ownerName })),
};
const RULE_IDS = Object.keys(SUBJECTS);
const SAMPLE = { kind: 'sample', sampledNodes: 1, totalNodes: 2, sampledPods: 3, upperBound: 0.5, confidence: 0.95, seed: 's' } as const;

/** What a scan sees of the cluster, and the verdicts of its rules. */
interface Sight {
  readonly cluster: 'seen' | 'unreachable' | 'gone' | 'out-of-scope';
  readonly runs: Readonly<Record<string, RuleRun>>;
}

const judgement = (subject: Subject): fc.Arbitrary<Judgement | undefined> =>
  fc.constantFrom<(Judgement | undefined)[]>(
    undefined,
    { verdict: 'pass', subject },
    { verdict: 'not-applicable', subject },
    { verdict: 'unknown', subject, message: 'Not seen.' },
    { verdict: 'fail', subject, message: 'Broken.' },
    { verdict: 'fail', subject, message: 'Worse.' },
  );

function runOf(ruleId: string): fc.Arbitrary<RuleRun> {
  const subjects = SUBJECTS[ruleId] ?? [];
  const judged = fc.record({
    ruleId: fc.constant(ruleId),
    state: fc.constant('judged' as const),
    coverage: fc.constantFrom(FULL, FULL, SAMPLE, { kind: 'truncated' as const, message: 'm' }),
    judgements: fc.tuple(...subjects.map(judgement)).map((all) => all.filter((one) => one !== undefined)),
    unlisted: fc.constantFrom<Subject['kind'][][]>([], [], ['node-pool', 'workload']),
  });
  return fc.oneof(
    { weight: 5, arbitrary: judged },
    { weight: 1, arbitrary: fc.constant<RuleRun>({ ruleId, state: 'unavailable', missing: [] }) },
    { weight: 1, arbitrary: fc.constant<RuleRun>({ ruleId, state: 'error', message: 'm' }) },
    { weight: 1, arbitrary: fc.constant<RuleRun>({ ruleId, state: 'off' }) },
  );
}

const sight: fc.Arbitrary<Sight> = fc.record({
  cluster: fc.oneof(
    { weight: 8, arbitrary: fc.constant('seen' as const) },
    { weight: 2, arbitrary: fc.constantFrom('unreachable' as const, 'gone' as const, 'out-of-scope' as const) },
  ),
  runs: fc.record(Object.fromEntries(RULE_IDS.map((id) => [id, runOf(id)]))),
});
const sights = fc.array(sight, { minLength: 1, maxLength: 10 });
/** The order in which scans arrive, by their time: some arrive twice, some late, some never. */
const deliveries = fc.array(fc.nat({ max: 9 }), { maxLength: 20 });
const at = (index: number) => new Date(Date.UTC(2026, 10, 20, index)).toISOString();

/** The result of a scan for each subject, written from the guarantees and not from the code. */
function lookOf({ cluster, runs }: Sight, index: number): Look {
  const words = new Map<string, Word>();
  for (const [ruleId, subjects] of Object.entries(SUBJECTS)) {
    for (const subject of subjects) words.set(`${ruleId} ${subjectKey(subject)}`, wordOf(cluster, runs[ruleId], subject));
  }
  return { at: at(index), words };
}

function wordOf(cluster: Sight['cluster'], run: RuleRun | undefined, subject: Subject): Word {
  if (cluster === 'gone') return 'cluster-deleted';
  if (cluster === 'out-of-scope') return 'out-of-scope';
  // The policy turns a rule off, whatever the scan can read.
  if (run?.state === 'off') return 'rule-off';
  if (cluster === 'unreachable' || run?.state !== 'judged') return 'silent';
  const said = run.judgements.find((one) => subjectKey(one.subject) === subjectKey(subject));
  if (said?.verdict === 'fail') return { fails: said.message };
  if (said?.verdict === 'unknown' || run.coverage.kind !== 'full') return 'silent';
  if (said?.verdict === 'not-applicable' && subject.kind === 'workload') return 'gone';
  if (said !== undefined) return 'complies';
  return run.unlisted?.includes(subject.kind) ? 'silent' : 'gone';
}

/** A cluster that is scanned repeatedly, with generated evidence. */
class Scanned {
  readonly world = new ScanWorld();

  async deliver({ cluster, runs }: Sight, index: number): Promise<void> {
    const { world } = this;
    const off = Object.values(runs).flatMap(({ ruleId, state }) => (state === 'off' ? [[ruleId, 'off'] as const] : []));
    const scope = { ...DEFAULT_POLICY.scope, exclude: cluster === 'out-of-scope' ? ['*'] : [] };
    world.policy = { ...DEFAULT_POLICY, rules: Object.fromEntries(off), scope };
    world.now = at(index);
    world.listed =
      cluster === 'gone'
        ? new Fault('not-found', 'gone')
        : cluster === 'unreachable'
          ? new Fault('denied', 'denied')
          : new ScanWorld().listed;
    const rules = RULE_IDS.map((id): Rule => ({ ...A_RULE, id, run: (snapshot) => judgedOn(snapshot.settings.state, runs[id], id) }));
    const message = { clusterId: aCluster().id, cause: `audit-${index}`, requestedAt: at(index) };
    await scanCluster({ ...world.deps, rules }, message, true, new AbortController().signal);
  }

  lives(): Promise<ReadonlyMap<string, Life>> {
    const nameOf = ({ ruleId, subject }: { ruleId: string; subject: Subject }) => `${ruleId} ${subjectKey(subject)}`;
    return livesIn(this.world.storage.findings, aCluster().id, nameOf);
  }
}

const A_RULE = {
  title: 't',
  severity: 'high',
  rationale: 'r',
  remediation: 'r',
  references: [],
  requires: ['settings'],
  consults: [],
} as const;

function judgedOn(settings: string, run: RuleRun | undefined, ruleId: string): RuleRun {
  if (run === undefined || settings === 'unavailable') return { ruleId, state: 'unavailable', missing: [] };
  if (run.state === 'error') throw new Error(run.message);
  return run;
}

/**
 * The deliveries that are not older than an earlier one, each once: those that the watermark of a cluster
 * accepts. A cluster that was never scanned and is deleted or out of scope leaves no row, and so no watermark.
 */
function taken(order: readonly number[], all: readonly Sight[]): readonly number[] {
  const accepted: number[] = [];
  for (const index of order) {
    const isClosing = ['gone', 'out-of-scope'].includes(all[index]?.cluster ?? '');
    if (index > (accepted.at(-1) ?? -1) && !(isClosing && accepted.length === 0)) accepted.push(index);
  }
  return accepted;
}

const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((total, count) => total + count, 0);

describe('the findings of a cluster, after any sequence of scans', () => {
  it('are those of processing the accepted scans once and in order, even when scans are duplicate, late or lost', async () => {
    await fc.assert(
      fc.asyncProperty(sights, deliveries, async (all, raw) => {
        const order = raw.map((index) => index % all.length);
        const scanned = new Scanned();
        for (const index of order) await scanned.deliver(all[index] ?? expect.unreachable(), index);
        const looks = taken(order, all).map((index) => lookOf(all[index] ?? expect.unreachable(), index));
        expect(await scanned.lives()).toEqual(livesAfter(looks));
      }),
      { numRuns: 300 },
    );
  });

  it('are those of all evidence when it arrives in order, even when each scan arrives several times', async () => {
    await fc.assert(
      fc.asyncProperty(sights, fc.integer({ min: 1, max: 3 }), async (all, times) => {
        const scanned = new Scanned();
        for (const [index, one] of all.entries()) for (let n = 0; n < times; n++) await scanned.deliver(one, index);
        const lives = await scanned.lives();
        expect(lives).toEqual(livesAfter(all.map(lookOf)));
        const summary = await scanned.world.storage.findings.cluster(aCluster().id);
        const open = [...lives.values()].filter(({ status }) => status === 'open').length;
        expect(sum(summary?.openBySeverity ?? {})).toBe(open);
      }),
    );
  });

  it('are open for the same subjects, in any order of the scans, once a scan has seen everything', async () => {
    await fc.assert(
      fc.asyncProperty(sights, deliveries, fullSight(), async (all, raw, whole) => {
        const scanned = new Scanned();
        for (const index of raw.map((one) => one % all.length)) await scanned.deliver(all[index] ?? expect.unreachable(), index);
        await scanned.deliver(whole, all.length);
        expect(openIn(await scanned.lives())).toEqual(openIn(livesAfter([...all, whole].map(lookOf))));
      }),
    );
  });

  it('never resolve without evidence: each resolved one names the scan that resolved it, and that scan gives the reason', async () => {
    await fc.assert(
      fc.asyncProperty(sights, deliveries, async (all, raw) => {
        const scanned = new Scanned();
        for (const index of raw.map((one) => one % all.length)) await scanned.deliver(all[index] ?? expect.unreachable(), index);
        for (const [subject, { closed }] of await scanned.lives()) {
          if (closed === undefined) continue;
          const look = all.map(lookOf).find((one) => closed.endsWith(` at ${one.at}`)) ?? expect.unreachable();
          const word = look.words.get(subject);
          expect([`${word} at ${look.at}`, `subject-${word} at ${look.at}`]).toContain(closed);
          expect(['complies', 'gone', 'rule-off', 'cluster-deleted', 'out-of-scope']).toContain(word);
        }
      }),
    );
  });
});

/** A scan that sees every subject of every rule. */
function fullSight(): fc.Arbitrary<Sight> {
  const run = (ruleId: string) =>
    fc.tuple(...(SUBJECTS[ruleId] ?? []).map(judgement)).map(
      (all): RuleRun => ({
        ruleId,
        state: 'judged',
        coverage: FULL,
        judgements: all.filter((one) => one !== undefined).filter(({ verdict }) => verdict !== 'unknown'),
      }),
    );
  return fc.record({ cluster: fc.constant('seen' as const), runs: fc.record(Object.fromEntries(RULE_IDS.map((id) => [id, run(id)]))) });
}

function openIn(lives: ReadonlyMap<string, Life>): readonly string[] {
  return [...lives].flatMap(([subject, { status, message }]) => (status === 'open' ? [`${subject}: ${message}`] : [])).toSorted();
}
