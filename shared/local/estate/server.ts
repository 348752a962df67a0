import { answerArm } from './arm-server.ts';
import { type CertificateAuthority, createAuthority } from './certificates.ts';
import { type FaultInjection, Faults } from './fault-injection.ts';
import { type HttpsServer, startHttpsServer } from './https-server.ts';
import { clientCertificateKubeconfig, execPluginKubeconfig } from './kubeconfig.ts';
import { KubernetesApi } from './kubernetes-server.ts';
import { clusterNamed, type Estate, type EstateCluster } from './model.ts';
import { digest, guid } from './random.ts';
import { RequestLog, type RequestRecord } from './request-log.ts';

/** How the simulated servers behave. */
export interface EstateOptions {
  /** Clusters on one page of Azure's list; small by default, so that paging is always in use. */
  readonly pageSize?: number;
  /** Added to every answer of Azure Resource Manager. */
  readonly armLatencyMs?: number;
  /** Added to every answer of the Kubernetes API servers. */
  readonly kubernetesLatencyMs?: number;
}

/** A running estate: one Azure Resource Manager, and one API server for each cluster that can be reached. */
export interface RunningEstate {
  readonly armEndpoint: string;
  /** Trusts every simulated server; a cluster's own is also in its kubeconfig. */
  readonly caPem: string;
  /** The one bearer token that all of them accept. */
  readonly token: string;
  /** What the servers answer from now. */
  readonly estate: Estate;
  /** Makes the servers answer from another estate from now on; clusters may come, change and go. */
  setEstate(estate: Estate): Promise<void>;
  /** A kubeconfig that a person can use: it carries a client certificate. Throws for an unknown name. */
  kubeconfigFor(clusterName: string): string;
  /** Every request so far, in the order of arrival. */
  readonly requests: readonly RequestRecord[];
  readonly faults: FaultInjection;
  /** Ends every server and connection; harmless twice. */
  stop(): Promise<void>;
}

/** Nothing listens there, and no ordinary program can: what a cluster behind a private network looks like from outside. */
const UNREACHABLE = 'https://127.0.0.1:2';
const DEFAULT_PAGE_SIZE = 3;

interface RunningCluster {
  readonly api: KubernetesApi;
  readonly server: HttpsServer;
}

/** Starts every server of an estate on free ports of loopback. */
export async function startEstate(estate: Estate, options: EstateOptions = {}): Promise<RunningEstate> {
  return new EstateServers(estate, options, await createAuthority('Simulated estate')).start();
}

class EstateServers {
  readonly #options: EstateOptions;
  readonly #authority: CertificateAuthority;
  readonly #token: string;
  readonly #faults = new Faults();
  readonly #log = new RequestLog();
  readonly #clusters = new Map<string, RunningCluster>();
  readonly #kubeconfigs = new Map<string, string>();
  #arm: HttpsServer | undefined;
  #estate: Estate;

  constructor(estate: Estate, options: EstateOptions, authority: CertificateAuthority) {
    this.#estate = estate;
    this.#options = options;
    this.#authority = authority;
    this.#token = `simulated-${digest(authority.caPem).slice(0, 48)}`;
  }

  async start(): Promise<RunningEstate> {
    const { pageSize = DEFAULT_PAGE_SIZE, armLatencyMs } = this.#options;
    try {
      const state = {
        estate: () => this.#estate,
        token: this.#token,
        pageSize,
        userKubeconfig: (cluster: EstateCluster) => this.#userKubeconfig(cluster),
      };
      this.#arm = await this.#listen('arm', armLatencyMs, (question) => answerArm(state, question));
      await this.#setEstate(this.#estate);
      return this.#running(this.#arm.url);
    } catch (error) {
      await this.#stop();
      throw error;
    }
  }

  #running(armEndpoint: string): RunningEstate {
    const current = () => this.#estate;
    return {
      armEndpoint,
      caPem: this.#authority.caPem,
      token: this.#token,
      get estate() {
        return current();
      },
      setEstate: (estate) => this.#setEstate(estate),
      kubeconfigFor: (name) => this.#kubeconfigs.get(clusterNamed(this.#estate, name).name) ?? '',
      requests: this.#log.records,
      faults: this.#faults,
      stop: () => this.#stop(),
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
  }

  async #setCluster(estate: Estate, cluster: EstateCluster): Promise<void> {
    const { name } = cluster;
    const running = this.#clusters.get(name);
    if (running !== undefined) {
      running.api.update(estate, cluster);
      return;
    }
    let address = UNREACHABLE;
    if (isReachable(cluster)) {
      const api = new KubernetesApi(estate, cluster, this.#token);
      const server = await this.#listen(name, this.#options.kubernetesLatencyMs, (question) => api.answer(question));
      this.#clusters.set(name, { api, server });
      address = server.url;
    }
    const credential = await this.#authority.client('clusterUser', 'system:masters');
    this.#kubeconfigs.set(name, clientCertificateKubeconfig(this.#address(name, address), credential));
  }

  #userKubeconfig(cluster: EstateCluster): string {
    if (!cluster.entraId) return this.#kubeconfigs.get(cluster.name) ?? '';
    const address = this.#clusters.get(cluster.name)?.server.url ?? UNREACHABLE;
    return execPluginKubeconfig(this.#address(cluster.name, address), guid(this.#estate.seed, 'tenant'));
  }

  #address(clusterName: string, server: string) {
    return { clusterName, server, caPem: this.#authority.caPem };
  }

  #listen(name: string, latencyMs: number | undefined, answer: Parameters<typeof startHttpsServer>[0]['answer']): Promise<HttpsServer> {
    return startHttpsServer({
      name,
      authority: this.#authority,
      faults: this.#faults,
      log: this.#log,
      answer,
      ...(latencyMs === undefined ? {} : { latencyMs }),
    });
  }

  async #stop(): Promise<void> {
    const servers = [...(this.#arm === undefined ? [] : [this.#arm]), ...[...this.#clusters.values()].map(({ server }) => server)];
    this.#clusters.clear();
    this.#arm = undefined;
    await Promise.all(servers.map((server) => server.stop()));
  }
}

function isReachable(cluster: EstateCluster | undefined): boolean {
  return cluster !== undefined && cluster.network === 'public' && cluster.powerState === 'Running';
}
