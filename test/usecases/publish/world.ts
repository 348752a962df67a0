import { z } from 'zod';
import { staticToken } from '../../../shared/azure/client/credential.ts';
import type { AzureOptions } from '../../../shared/azure/client/options.ts';
import { attestationsOf } from '../../../shared/azure/publish/attestations.ts';
import { defenderOf } from '../../../shared/azure/publish/defender.ts';
import { remove } from '../../../shared/azure/publish/write.ts';
import { DEFAULT_POLICY, type Policy } from '../../../shared/domain/policy/policy.ts';
import { given } from '../../../shared/domain/snapshot/given.ts';
import { type RunningEstate, startEstate } from '../../../shared/local/estate/server.ts';
import { createMemoryStorage, type MemoryStorage } from '../../../shared/memory/storage.ts';
import type { PublicationMessage } from '../../../shared/ports/messages.ts';
import type { ServiceStatus } from '../../../shared/ports/service-status.ts';
import type { VulnerabilitySource } from '../../../shared/ports/vulnerability-source.ts';
import { RULES } from '../../../shared/rules/index.ts';
import { endAudit } from '../../../shared/usecases/end-audit.ts';
import { attestationPublisher } from '../../../shared/usecases/publish/attestation-publisher.ts';
import { defenderPublisher } from '../../../shared/usecases/publish/defender-publisher.ts';
import { planPublications, publish } from '../../../shared/usecases/publish/publish.ts';
import { publishingStatus } from '../../../shared/usecases/publish/publishing-status.ts';
import { sleepingClock } from '../../azure/support/reach.ts';
import { audit } from '../../faults/audit.ts';
import { smallEstate } from '../../faults/small-estate.ts';

/** As in `host.json`. */
const TRIES = 5;
/** Rules that every cluster of the small estate fails. */
const WRONG = ['node-image-current', 'sandboxed-pod-privileged', 'sandboxed-pod-host-namespaces', 'workload-sandboxed'];
const DAY_MS = 86_400_000;
const BEGIN = '2026-09-01T12:00:00.000Z';
export const PUBLIC_URL = 'https://kataudit.example';

const Assessment = z.looseObject({
  status: z.looseObject({ code: z.string() }),
  additionalData: z.record(z.string(), z.string()),
});
const Attestation = z.looseObject({ complianceState: z.string(), comments: z.string() });

/** An error that nothing catches. */
const DIED = new TypeError('The process died.');

/** An adapter in a process that may crash right before or after a call. */
function mortal<T extends object>(adapter: T, die: () => void): T {
  const entries = Object.entries(adapter).map(([name, call]) => [
    name,
    async (...words: unknown[]) => {
      die();
      const came: unknown = await Reflect.apply(call, adapter, words);
      die();
      return came;
    },
  ]);
  return Object.assign(Object.create(null), adapter, Object.fromEntries(entries));
}

/** An audited estate, and services to which it is published over HTTPS. */
export class PublishingWorld {
  readonly running: RunningEstate;
  storage: MemoryStorage = createMemoryStorage();
  signs = true;
  vulnerabilities: VulnerabilitySource | undefined;
  mode: Record<'defender' | 'attestations', ServiceStatus['mode']> = { defender: 'on', attestations: 'on' };
  policy: Policy = DEFAULT_POLICY;
  /** Real time that an attempt may wait for an answer. */
  attemptTimeoutMs = 10_000;
  /** The outcome of every message, and the messages that its queue gave up. */
  readonly lines: string[] = [];
  readonly parked: string[] = [];
  #time = sleepingClock(BEGIN);
  #audits = 0;
  #auditedAt = Number.NEGATIVE_INFINITY;
  #taken = 0;
  #diesAt = Number.POSITIVE_INFINITY;

  private constructor(running: RunningEstate) {
    this.running = running;
  }

  /** Restores the initial state, with the same servers. */
  async reset(): Promise<void> {
    this.running.faults.clear();
    await this.running.setEstate({ ...smallEstate(), subscriptions: [] });
    await this.running.setEstate(smallEstate());
    this.storage = createMemoryStorage();
    this.mode = { defender: 'on', attestations: 'on' };
    this.policy = DEFAULT_POLICY;
    this.signs = true;
    this.vulnerabilities = undefined;
    this.attemptTimeoutMs = 10_000;
    this.lines.length = 0;
    this.parked.length = 0;
    this.#time = sleepingClock(BEGIN);
    this.#audits = 0;
    this.#taken = 0;
  }

  /** Fixes the faults of the small estate, so that every cluster complies. */
  mend(): void {
    this.policy = { ...DEFAULT_POLICY, rules: Object.fromEntries(WRONG.map((rule) => [rule, 'off' as const])) };
  }

  static async start(): Promise<PublishingWorld> {
    return new PublishingWorld(await startEstate(smallEstate()));
  }

  get now(): Date {
    return this.#time.clock();
  }

  /** Waits of the adapters so far, in milliseconds. */
  get slept(): readonly number[] {
    return this.#time.slept;
  }

  /** Audits the estate so many days after the last audit, and seals a bundle. */
  async audit(daysLater = 1): Promise<void> {
    this.#audits += 1;
    const due = this.#audits === 1 ? Date.parse(BEGIN) : this.#auditedAt + daysLater * DAY_MS;
    this.#time.advance(due - this.now.getTime());
    this.#auditedAt = due;
    const id = `audit-${this.#audits}`;
    await audit(this.running, this.storage, {
      id,
      at: this.now.toISOString(),
      policy: this.policy,
      ...given({ vulnerabilities: this.vulnerabilities }),
    });
    await endAudit(this.#deps(), id);
    const held = await this.storage.bundles.head();
    const sealedAt = new Date(this.now.getTime() + 60_000).toISOString();
    const head = { sequence: this.#audits, sha256: String(this.#audits).repeat(64), sealedAt, auditId: id };
    await this.storage.bundles.moveHead(head, held?.version);
  }

  /** Plans like the timer, and processes the queue, each message with its attempts. */
  async publish(): Promise<void> {
    const deps = this.deps();
    this.lines.push(...(await planPublications(deps)));
    for (; this.#taken < this.storage.queued.length; this.#taken++) {
      const { queue, body } = this.storage.queued[this.#taken] ?? { queue: '', body: '' };
      if (queue === 'publications') await this.#work(deps, JSON.parse(body));
    }
  }

  /** The same with a process that crashes at a request to Azure, with the effect of that request. The queue delivers its messages again. */
  async publishUntil(calls: number): Promise<void> {
    const before = this.running.requests.length;
    const taken = this.#taken;
    this.#diesAt = before + calls;
    try {
      await this.publish();
    } catch (error) {
      if (error !== DIED) throw error;
      this.#taken = taken;
    } finally {
      this.#diesAt = Number.POSITIVE_INFINITY;
    }
  }

  /** Deletes something in the simulated Azure, like another person could. */
  async erase(path: string): Promise<void> {
    const place = { what: 'ask', action: 'none', subscriptionId: 's', path, abortSignal: AbortSignal.timeout(10_000) };
    await remove(this.#options(), place);
  }

  async #work(deps: ReturnType<PublishingWorld['deps']>, message: PublicationMessage): Promise<void> {
    for (let attempt = 1; attempt <= TRIES; attempt++) {
      try {
        this.lines.push(await publish(deps, message, attempt === TRIES, AbortSignal.timeout(60_000)));
        return;
      } catch (error) {
        if (error === DIED) throw error;
        if (attempt === TRIES) this.parked.push(String(error));
      }
    }
  }

  status(): Promise<readonly ServiceStatus[]> {
    const { publishers, publications } = this.deps();
    return publishingStatus(publishers, publications);
  }

  subscriptionOf(clusterName: string): string {
    const found = smallEstate().subscriptions.find(({ clusters }) => clusters.some(({ name }) => name === clusterName));
    return found?.id ?? 'no such cluster';
  }

  /** The names of the resources directly under a path, in order. */
  namesUnder(path: string): readonly string[] {
    return [...this.told.keys()]
      .filter((id) => id.startsWith(`${path}/`))
      .map((id) => id.slice(path.length + 1))
      .sort();
  }

  /** The assessments of a cluster by their names, in order. */
  assessmentsOf(clusterName: string): readonly (readonly [string, z.output<typeof Assessment>])[] {
    return this.#beside(clusterName, 'assessments').map(([name, value]) => [name, Assessment.parse(value)]);
  }

  attestationOf(clusterName: string): z.output<typeof Attestation> | undefined {
    const [first] = this.#beside(clusterName, 'attestations');
    return first && Attestation.parse(first[1]);
  }

  #beside(clusterName: string, kind: string): readonly (readonly [string, unknown])[] {
    return [...this.told].flatMap(([id, value]) => {
      const parts = id.split('/');
      return id.includes(`/managedclusters/${clusterName}/`) && parts.at(-2) === kind ? [[parts.at(-1) ?? '', value] as const] : [];
    });
  }

  /** The published resources in Azure, by id, in order. */
  get told(): ReadonlyMap<string, Readonly<Record<string, unknown>>> {
    return new Map([...this.running.told].map(([id, { properties }]) => [id, properties]));
  }

  deps() {
    const sources = { ...this.#deps(), rules: RULES, publicUrl: PUBLIC_URL };
    return {
      ...this.storage,
      clock: this.#time.clock,
      publishers: [
        defenderPublisher({ ...sources, mode: this.mode.defender, defender: mortal(defenderOf(this.#options()), () => this.#die()) }),
        attestationPublisher({
          ...sources,
          mode: this.mode.attestations,
          attestations: mortal(attestationsOf(this.#options()), () => this.#die()),
          signs: this.signs,
          assignment: 'kataudit',
          schedule: '0 0 */6 * * *',
        }),
      ],
    };
  }

  #die(): void {
    if (this.running.requests.length >= this.#diesAt) throw DIED;
  }

  #options(): AzureOptions {
    return {
      credential: staticToken(this.running.token),
      armEndpoint: this.running.armEndpoint,
      tlsOptions: { ca: this.running.caPem },
      clock: this.#time.clock,
      sleep: this.#time.sleep,
      random: () => 0.5,
      attemptTimeoutMs: this.attemptTimeoutMs,
    };
  }

  #deps() {
    return {
      ...this.storage,
      clock: this.#time.clock,
      policy: async () => ({ policy: this.policy, hash: 'h', source: 'test' }),
    };
  }
}
