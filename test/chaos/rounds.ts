import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startAzurite } from '../../shared/local/azurite.ts';
import { defaultEstate } from '../../shared/local/estate/default-estate.ts';
import { pick } from '../../shared/local/estate/random.ts';
import { type RunningEstate, startEstate } from '../../shared/local/estate/server.ts';
import { createStorage, type Storage } from '../../shared/storage/storage.ts';
import { auditOutcome } from '../../shared/usecases/audit-outcome.ts';
import { type FinalState, finalState, messageCounts, outcomeOf } from './final-state.ts';
import { type MortalHost, startMortalHost } from './mortal-host.ts';
import { type StorageProxy, startStorageProxy } from './storage-proxy.ts';

const SETTLE_LIMIT_MS = 120_000;
const POLL_MS = 100;
/** A killed process has exited by then. */
const DEATH_MS = 2_000;

/** One kill: at a write to storage, or at a time after the host was ready. */
type Death = { readonly write: number; readonly moment: 'before' | 'after' } | { readonly milliseconds: number };

/** A run of one audit on separate storage. */
interface Run {
  readonly state: FinalState;
  readonly deaths: readonly string[];
  readonly writes: number;
  readonly milliseconds: number;
}

/** What the rounds did. */
export interface ChaosResult {
  readonly rounds: number;
  readonly deaths: number;
  /** The run that was never killed. */
  readonly undisturbed: FinalState;
}

/**
 * Audits the built-in estate once undisturbed. Then, in each round on empty storage, kills the host
 * with SIGKILL up to three times during the audit, restarts it, and compares the final states.
 * Throws, naming the seed and the round, when anything differs.
 */
export async function runChaos(seed: string, rounds: number, say: (line: string) => void): Promise<ChaosResult> {
  const estate = await startEstate(defaultEstate('kataudit', new Date()));
  const folder = await mkdtemp(join(tmpdir(), 'kataudit-chaos-'));
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, estate.caPem);
  try {
    const undisturbed = await run(estate, caFile, []);
    say(`undisturbed: ${undisturbed.state.findings.length} findings, ${undisturbed.writes} writes, ${undisturbed.milliseconds} ms`);
    let deaths = 0;
    for (let round = 1; round <= rounds; round += 1) {
      deaths += await runRound({ seed, round }, { estate, caFile }, undisturbed, say);
    }
    return { rounds, deaths, undisturbed: undisturbed.state };
  } finally {
    await estate.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function runRound(
  { seed, round }: { readonly seed: string; readonly round: number },
  { estate, caFile }: { readonly estate: RunningEstate; readonly caFile: string },
  undisturbed: Run,
  say: (line: string) => void,
): Promise<number> {
  const planned = deathsOf(seed, round, undisturbed);
  try {
    const { state, deaths, milliseconds } = await run(estate, caFile, planned);
    assert.deepEqual(state, undisturbed.state);
    say(`round ${round}: ${milliseconds} ms, killed ${deaths.join('; ') || 'never: it was done before'}`);
    return deaths.length;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`Seed ${seed}, round ${round}, deaths ${JSON.stringify(planned)}: ${why}`, { cause });
  }
}

/** One to three kills, which only the seed decides as shares of the undisturbed run; each later one is counted from the restart. */
function deathsOf(seed: string, round: number, { writes, milliseconds }: Run): readonly Death[] {
  const count = 1 + pick(3, seed, round, 'count');
  return Array.from({ length: count }, (_, at): Death => {
    const share = pick(1000, seed, round, at) / 1000 / (at + 1);
    if (pick(3, seed, round, at, 'kind') === 0) return { milliseconds: Math.floor(share * milliseconds) };
    const moment = pick(2, seed, round, at, 'moment') === 0 ? 'before' : 'after';
    return { write: 1 + Math.floor(share * writes), moment };
  });
}

async function run(estate: RunningEstate, caFile: string, deaths: readonly Death[]): Promise<Run> {
  const azurite = await startAzurite();
  const proxy = await startStorageProxy(azurite.connectionString);
  const storage = createStorage({ connectionString: azurite.connectionString });
  await storage.ensure();
  try {
    const started = performance.now();
    const died: string[] = [];
    const audit = new AuditToFinish(storage, azurite.connectionString);
    for (const planned of [...deaths, undefined]) {
      const host = await startMortalHost(estate, caFile, proxy.connectionString);
      const death = await live(host, proxy, audit, planned);
      if (death === undefined) break;
      died.push(death);
    }
    const milliseconds = Math.round(performance.now() - started);
    await assertEveryAuditTells(storage);
    return { state: await finalState(storage, azurite.connectionString), deaths: died, writes: proxy.writes(), milliseconds };
  } finally {
    await proxy.stop();
    await azurite.stop();
  }
}

/** Lets the host work until it is killed, and returns at which point; `undefined` when all work is done. */
async function live(host: MortalHost, proxy: StorageProxy, audit: AuditToFinish, death: Death | undefined): Promise<string | undefined> {
  const over = new AbortController();
  let struck = death === undefined ? '' : describe(death);
  const kill = (write: string) => {
    struck += ` (${write})`;
    host.kill();
  };
  proxy.arm(death !== undefined && 'write' in death ? { ...death, kill } : undefined);
  const timer = death !== undefined && 'milliseconds' in death ? setTimeout(host.kill, death.milliseconds) : undefined;
  const finished = audit.finish(host, over.signal).then(
    () => undefined,
    async (error: unknown) => {
      // A killed host cannot finish; every other failure is a defect.
      const isDead = await Promise.race([host.died.then(() => true), delay(DEATH_MS, false)]);
      if (isDead) return struck;
      throw error;
    },
  );
  const killed = await Promise.race([finished, host.died.then(() => struck)]);
  over.abort();
  clearTimeout(timer);
  host.kill();
  await Promise.all([host.died, finished]);
  return killed;
}

/** The audit of one run; it is started again when its start was interrupted, as the next timer would do. */
class AuditToFinish {
  readonly #storage: Storage;
  readonly #connectionString: string;
  #isStarted = false;

  constructor(storage: Storage, connectionString: string) {
    this.#storage = storage;
    this.#connectionString = connectionString;
  }

  async finish(host: MortalHost, signal: AbortSignal): Promise<void> {
    if (!this.#isStarted) await host.startAudit();
    this.#isStarted = true;
    const limit = Date.now() + SETTLE_LIMIT_MS;
    while (!(await this.#isDone())) {
      signal.throwIfAborted();
      if (Date.now() > limit) throw new Error(`Not done after ${SETTLE_LIMIT_MS / 1000} s: ${JSON.stringify(await this.#left())}`);
      await delay(POLL_MS, undefined, { signal });
    }
  }

  async #isDone(): Promise<boolean> {
    if (Object.values(await messageCounts(this.#connectionString)).some((count) => count > 0)) return false;
    const [newest] = (await this.#storage.audits.list(1)).value;
    const report = newest === undefined ? undefined : await this.#storage.audits.get(newest.id);
    return report !== undefined && auditOutcome(report, new Date()).state === 'complete';
  }

  async #left(): Promise<unknown> {
    return { messages: await messageCounts(this.#connectionString), parked: (await this.#storage.parked.list(10)).value };
  }
}

/** An audit whose start was interrupted must be complete or name what never reported. */
async function assertEveryAuditTells(storage: Storage): Promise<void> {
  for (const { id } of (await storage.audits.list(100)).value) {
    const outcome = await outcomeOf(storage, id);
    const missing = (outcome?.notListed.length ?? 0) + (outcome?.notAssessed.length ?? 0);
    assert.ok(
      outcome?.state === 'complete' || (outcome?.state === 'incomplete' && missing > 0),
      `Audit ${id} does not say what is missing.`,
    );
  }
}

function describe(death: Death): string {
  return 'write' in death ? `${death.moment} write ${death.write}` : `after ${death.milliseconds} ms`;
}
