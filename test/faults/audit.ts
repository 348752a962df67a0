import type { TokenCredential } from '@azure/identity';
import type { AzureOptions } from '../../shared/azure/client/options.ts';
import { createAzureEstate } from '../../shared/azure/estate/azure-estate.ts';
import { clusterCredential } from '../../shared/azure/estate/cluster-credential.ts';
import { DEFAULT_POLICY, type Policy } from '../../shared/domain/policy/policy.ts';
import { accessFromAksCredential } from '../../shared/kubernetes/client/access.ts';
import { type OpenOptions, openCluster } from '../../shared/kubernetes/open-cluster.ts';
import type { RunningEstate } from '../../shared/local/estate/server.ts';
import type { MemoryStorage } from '../../shared/memory/storage.ts';
import type { ConnectCluster } from '../../shared/ports/cluster-reader.ts';
import type { InventoryMessage, ScanMessage } from '../../shared/ports/messages.ts';
import type { VulnerabilitySource } from '../../shared/ports/vulnerability-source.ts';
import { RULES } from '../../shared/rules/index.ts';
import { inventorySubscription } from '../../shared/usecases/inventory-subscription.ts';
import { planAudit } from '../../shared/usecases/plan-audit.ts';
import { scanCluster } from '../../shared/usecases/scan-cluster.ts';
import { sleepingClock } from '../azure/support/reach.ts';

/** As in `host.json`: the attempts of a message, and how long it stays hidden between two of them. */
const TRIES = 5;
const HIDDEN_MS = 30_000;

/** How an audit runs. */
export interface AuditSettings {
  readonly id: string;
  /** The time of every scan. */
  readonly at: string;
  /** How long, in real time, an attempt at Azure may wait for an answer. */
  readonly attemptTimeoutMs?: number;
  /** Limits of the Kubernetes reader. */
  readonly reader?: Partial<OpenOptions>;
  /** Called after each wait and each attempt with the duration of the audit, by its own clock. */
  readonly onTime?: (elapsedMs: number) => void;
  /** Management groups in scope, in addition to every subscription. */
  readonly managementGroups?: readonly string[];
  /** The policy; the built-in one when absent. */
  readonly policy?: Policy;
  /** Known vulnerabilities of images; not queried when absent. */
  readonly vulnerabilities?: VulnerabilitySource;
  /** Called between the inventories and the scans. */
  readonly beforeScans?: () => Promise<void>;
}

/** The results of an audit besides its records. */
export interface AuditTrace {
  /** Messages whose last attempt threw, with the error. */
  readonly parked: readonly string[];
  /** Attempts that threw and were repeated by the queue. */
  readonly retried: number;
  /** By the audit's own clock, which only waiting advances. */
  readonly elapsedMs: number;
  /** The number of requested tokens, for any audience. */
  readonly tokens: number;
}

/** Audits a running estate like the app: with its adapters, its use cases, and the attempts of its queues. */
export async function audit(running: RunningEstate, storage: MemoryStorage, settings: AuditSettings): Promise<AuditTrace> {
  const time = sleepingClock(settings.at);
  const started = time.clock().getTime();
  const elapsed = () => time.clock().getTime() - started;
  const sleep = async (milliseconds: number, abortSignal: AbortSignal) => {
    await time.sleep(milliseconds, abortSignal);
    settings.onTime?.(elapsed());
  };
  const { credential, asked } = countedToken(running.token);
  const options: AzureOptions = {
    credential,
    armEndpoint: running.armEndpoint,
    tlsOptions: { ca: running.caPem },
    clock: time.clock,
    sleep,
    random: () => 0.5,
    ...(settings.attemptTimeoutMs === undefined ? {} : { attemptTimeoutMs: settings.attemptTimeoutMs }),
  };
  const deps = dependencies(running, storage, settings, options);
  const parked: string[] = [];
  let retried = 0;
  const queue = async (queueName: string, handle: (body: string, lastTry: boolean) => Promise<unknown>) => {
    for (const { body } of storage.queued.filter(({ queue: name, body: text }) => name === queueName && text.includes(settings.id))) {
      for (let attempt = 1; attempt <= TRIES; attempt++) {
        const problem = await handle(body, attempt === TRIES).then(
          () => undefined,
          (error: unknown) => String(error),
        );
        if (problem === undefined) break;
        if (attempt === TRIES) parked.push(problem);
        else {
          retried += 1;
          await sleep(HIDDEN_MS, signal());
        }
      }
    }
  };
  await planAudit(deps, 'timer', signal());
  await queue('inventories', (body, lastTry) => {
    const message: InventoryMessage = JSON.parse(body);
    return inventorySubscription(deps, message, lastTry, signal());
  });
  await settings.beforeScans?.();
  await queue('scans', (body, lastTry) => {
    const message: ScanMessage = JSON.parse(body);
    return scanCluster(deps, message, lastTry, signal());
  });
  return { parked, retried, elapsedMs: elapsed(), tokens: asked() };
}

function dependencies(
  running: RunningEstate,
  storage: MemoryStorage,
  { id, at, reader, managementGroups = [], policy = DEFAULT_POLICY, vulnerabilities }: AuditSettings,
  options: AzureOptions,
) {
  const azure = createAzureEstate(options);
  const credentialOf = clusterCredential(options);
  const pause = options.sleep ?? expectSleep;
  const connect: ConnectCluster = async (listed, abortSignal) => {
    const { kubeconfig, token, hosts } = await credentialOf(listed, abortSignal);
    return openCluster(await accessFromAksCredential(kubeconfig, token, hosts), {
      clock: options.clock,
      ...reader,
      // Small pages, so that a fault can occur in the middle of a list.
      list: { pageSize: 20, pause, random: () => 1, ...reader?.list },
    });
  };
  return {
    azure,
    maintenance: azure,
    connect,
    probe: { mode: 'off' as const, open: () => Promise.reject(new Error('The probe is off.')) },
    ...(vulnerabilities === undefined ? {} : { vulnerabilities }),
    findings: storage.findings,
    assessments: storage.assessments,
    audits: storage.audits,
    events: storage.events,
    messages: storage.messages,
    scope: { subscriptions: running.estate.subscriptions.map((subscription) => subscription.id), managementGroups },
    policy: async () => ({ policy, hash: 'h', source: 'test' }),
    rules: RULES,
    clock: () => new Date(at),
    newId: () => id,
    jitterSeconds: () => 0,
  };
}

const expectSleep = () => Promise.reject(new Error('Every wait of an audit goes by its own clock.'));
/** Ends a test that hangs, instead of the whole run. */
const signal = () => AbortSignal.timeout(60_000);

/** The one token that the simulated servers accept, and how often it was requested. */
function countedToken(token: string): { readonly credential: TokenCredential; readonly asked: () => number } {
  let count = 0;
  const getToken = async () => {
    count += 1;
    return { token, expiresOnTimestamp: Number.MAX_SAFE_INTEGER };
  };
  return { credential: { getToken }, asked: () => count };
}
