import { ArmBudgets } from './arm/arm-budgets.ts';
import { answerArm } from './arm/arm-server.ts';
import { Told, type ToldResource } from './arm/told.ts';
import { clusterId } from './cluster-id.ts';
import { ExecServer } from './kubernetes/exec.ts';
import { type ApiServerAddress, clientCertificateKubeconfig, execPluginKubeconfig } from './kubernetes/kubeconfig.ts';
import { type HeldObjects, KubernetesApi } from './kubernetes/kubernetes-server.ts';
import { clusterNamed, type Estate, type EstateCluster } from './model.ts';
import { digest, guid } from './random.ts';
import { type Credential, createAuthority } from './server/certificates.ts';
import { type FaultInjection, Faults } from './server/fault-injection.ts';
import { type RunningServer, TlsServers } from './server/https-server.ts';
import { Recent } from './server/recent.ts';
import { RequestLog, type RequestRecord } from './server/request-log.ts';

/** How the simulated servers behave. */
export interface EstateOptions {
  /** Clusters on one page of Azure's list; small by default, so that paging is always in use. */
  readonly pageSize?: number;
  /** Added to every answer of Azure Resource Manager. */
  readonly armLatencyMs?: number;
  /** Rejects calls to Azure Resource Manager beyond its published budgets. */
  readonly enforceBudgets?: boolean;
  /** Clock of the budgets, in milliseconds; a monotonic clock if absent. */
  readonly budgetClock?: () => number;
  /** Added to every answer of the Kubernetes API servers. */
  readonly kubernetesLatencyMs?: number;
  /** Versions of the protocol of `kubectl exec` that the API servers speak, newest first; every one when absent. */
  readonly execProtocols?: readonly string[];
}

/** A running estate: one Azure Resource Manager, and one API server for each cluster that can be reached. */
export interface RunningEstate {
  readonly armEndpoint: string;
  /** The certificate authorities of all simulated servers; that of a cluster is also in its kubeconfig. */
  readonly caPem: string;
  /** The bearer token that all of them accept. */
  readonly token: string;
  /** The estate that the servers currently answer from. */
  readonly estate: Estate;
  /** Makes the servers answer from another estate from now on, in which clusters may be added, changed and removed. */
  setEstate(estate: Estate): Promise<void>;
  /** A kubeconfig that a person can use: it contains a client certificate. Throws for an unknown name. */
  kubeconfigFor(clusterName: string): string;
  /** Every request so far, in the order of arrival. */
  readonly requests: readonly RequestRecord[];
  readonly faults: FaultInjection;
  /** Objects that the app published to Azure, by the lower-case id of each resource. */
  readonly told: ReadonlyMap<string, ToldResource>;
  /** Number of calls beyond a published budget so far; always 0 unless budgets are enforced. */
  readonly budgetOverruns: number;
  /** Ends every server and connection; safe to repeat. */
  stop(): Promise<void>;
}

/** A privileged port on which nothing listens, so connections fail as to a private cluster from outside its network. */
const UNREACHABLE = 'https://127.0.0.1:2';
const DEFAULT_PAGE_SIZE = 3;
/** Number of clusters whose objects are cached; an estate of thousands must not hold all its pods at once. */
const CLUSTERS_HELD = 64;

interface RunningCluster {
  readonly api: KubernetesApi;
  readonly server: RunningServer;
}

/** State that all servers of one estate share. */
interface Foundation {
  readonly caPem: string;
  readonly person: Credential;
  readonly servers: TlsServers;
  readonly exec: ExecServer;
  readonly faults: Faults;
  readonly log: RequestLog;
}

/** Starts every server of an estate on free ports of loopback. */
export async function startEstate(estate: Estate, options: EstateOptions = {}): Promise<RunningEstate> {
  const authority = await createAuthority('Simulated estate');
  const [faults, log] = [new Faults(), new RequestLog()];
  const servers = await TlsServers.create(authority, faults, log);
  const person = await authority.client('clusterUser', 'system:masters');
  return new EstateServers(estate, options, {
    caPem: authority.caPem,
    person,
    servers,
    exec: await ExecServer.create(options.execProtocols),
    faults,
    log,
  }).start();
}

class EstateServers {
  readonly #options: EstateOptions;
  readonly #shared: Foundation;
  readonly #token: string;
  readonly #budgets: ArmBudgets | undefined;
  readonly #clusters = new Map<string, RunningCluster>();
  readonly #held: HeldObjects = new Recent(CLUSTERS_HELD);
  readonly #told = new Told();
  #estate: Estate;

  constructor(estate: Estate, options: EstateOptions, shared: Foundation) {
    this.#estate = estate;
    this.#options = options;
    this.#shared = shared;
    this.#budgets = options.enforceBudgets === true ? new ArmBudgets(options.budgetClock ?? (() => performance.now())) : undefined;
    this.#token = `simulated-${digest(shared.caPem).slice(0, 48)}`;
  }

  async start(): Promise<RunningEstate> {
    const { pageSize = DEFAULT_PAGE_SIZE, armLatencyMs } = this.#options;
    const { servers } = this.#shared;
    const state = {
      estate: () => this.#estate,
      token: this.#token,
      pageSize,
      budgets: this.#budgets,
      told: this.#told,
      userKubeconfig: (cluster: EstateCluster) => this.#userKubeconfig(cluster),
    };
    try {
      const arm = await servers.open({ name: 'arm', latencyMs: armLatencyMs, answer: (question) => answerArm(state, question) });
      await this.#setEstate(this.#estate);
      return this.#running(arm.url);
    } catch (error) {
      await servers.stop();
      throw error;
    }
  }

  #running(armEndpoint: string): RunningEstate {
    const current = () => this.#estate;
    const budgets = this.#budgets;
    const told = this.#told;
    return {
      armEndpoint,
      caPem: this.#shared.caPem,
      token: this.#token,
      get estate() {
        return current();
      },
      setEstate: (estate) => this.#setEstate(estate),
      kubeconfigFor: (name) => clientCertificateKubeconfig(this.#address(clusterNamed(this.#estate, name).name), this.#shared.person),
      requests: this.#shared.log.records,
      faults: this.#shared.faults,
      get told() {
        return told.resources;
      },
      get budgetOverruns() {
        return budgets?.overruns ?? 0;
      },
      stop: () => this.#shared.servers.stop(),
    };
  }

  async #setEstate(estate: Estate): Promise<void> {
    const wanted = new Map(estate.subscriptions.flatMap(({ clusters }) => clusters).map((cluster) => [cluster.name, cluster]));
    for (const [name, { server }] of this.#clusters) {
      if (isReachable(wanted.get(name))) continue;
      this.#clusters.delete(name);
      await server.stop();
    }
    for (const cluster of wanted.values()) await this.#setCluster(estate, cluster);
    this.#estate = estate;
    const ids = estate.subscriptions.flatMap(({ id, clusters }) => [
      `/subscriptions/${id}`,
      ...clusters.map((cluster) => clusterId(id, cluster)),
    ]);
    this.#told.keepOnly(new Set(ids.map((id) => id.toLowerCase())));
  }

  async #setCluster(estate: Estate, cluster: EstateCluster): Promise<void> {
    const { name } = cluster;
    const running = this.#clusters.get(name);
    if (running !== undefined) {
      running.api.update(estate, cluster);
      return;
    }
    if (!isReachable(cluster)) return;
    const api = new KubernetesApi(estate, cluster, { token: this.#token, held: this.#held, exec: this.#shared.exec });
    const latencyMs = this.#options.kubernetesLatencyMs;
    const server = await this.#shared.servers.open({
      name,
      latencyMs,
      answer: (question) => api.answer(question),
      upgrade: (question, request, socket, head) => api.upgrade(question, request, socket, head),
    });
    this.#clusters.set(name, { api, server });
  }

  #userKubeconfig({ name, entraId }: EstateCluster): string {
    const address = this.#address(name);
    return entraId
      ? execPluginKubeconfig(address, guid(this.#estate.seed, 'tenant'))
      : clientCertificateKubeconfig(address, this.#shared.person);
  }

  #address(clusterName: string): ApiServerAddress {
    return { clusterName, server: this.#clusters.get(clusterName)?.server.url ?? UNREACHABLE, caPem: this.#shared.caPem };
  }
}

function isReachable(cluster: EstateCluster | undefined): boolean {
  return cluster !== undefined && cluster.network === 'public' && cluster.powerState === 'Running';
}
