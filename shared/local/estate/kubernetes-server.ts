import { type Answer, json, type Question } from './answer.ts';
import { object, status } from './kubernetes-answer.ts';
import { discover } from './kubernetes-discovery.ts';
import { answerList, type Revision, type Revisions } from './kubernetes-lists.ts';
import { type ClusterObjects, clusterObjects, RESOURCES, type ResourceKind } from './kubernetes-resources.ts';
import type { Estate, EstateCluster } from './model.ts';
import type { Recent } from './recent.ts';

/** Lists begun on an older revision than these have expired; a real server keeps five minutes. */
const REVISIONS_KEPT = 4;
const FIRST_RESOURCE_VERSION = 1_000_000;

/** The objects of the clusters that were read last; shared by all API servers of an estate. */
export type HeldObjects = Recent<Revision, ClusterObjects>;

/** The API server of one simulated cluster: what it holds, and how it answers. */
export class KubernetesApi {
  readonly #token: string;
  readonly #held: HeldObjects;
  #estate: Pick<Estate, 'seed' | 'now'>;
  #cluster: EstateCluster;
  #revisions: Revisions;
  #throttled = 0;

  constructor(estate: Pick<Estate, 'seed' | 'now'>, cluster: EstateCluster, token: string, held: HeldObjects) {
    this.#token = token;
    this.#estate = estate;
    this.#cluster = cluster;
    this.#held = held;
    this.#revisions = [this.#revision(estate, cluster, FIRST_RESOURCE_VERSION)];
  }

  /** Takes a changed cluster; lists that were begun before go on as they were. */
  update(estate: Pick<Estate, 'seed' | 'now'>, cluster: EstateCluster): void {
    if (cluster === this.#cluster && estate.seed === this.#estate.seed && estate.now === this.#estate.now) return;
    this.#estate = estate;
    this.#cluster = cluster;
    const next = this.#revision(estate, cluster, Number(this.#revisions[0].resourceVersion) + 1_000);
    this.#revisions = [next, ...this.#revisions.slice(0, REVISIONS_KEPT - 1)];
  }

  /** Answers one request. */
  answer(question: Question): Answer {
    if (!this.#isAuthenticated(question)) return status(question, 401, 'Unauthorized', 'Unauthorized');
    const path = decodeURIComponent(question.url.pathname).replace(/\/+$/, '');
    if (path === '/version') return version(this.#cluster.kubernetesVersion);
    if (['/healthz', '/livez', '/readyz'].includes(path)) return { status: 200, headers: { 'content-type': 'text/plain' }, body: 'ok' };
    const discovered = discover(path);
    if (discovered !== undefined) return discovered;
    const target = targetOf(path);
    if (target === undefined) return status(question, 404, 'NotFound', 'the server could not find the requested resource');
    if (question.method !== 'GET') return status(question, 405, 'MethodNotAllowed', `the server does not allow ${question.method} here`);
    return target.name === undefined ? this.#list(target, question) : this.#get(target, target.name, question);
  }

  #revision(estate: Pick<Estate, 'seed' | 'now'>, cluster: EstateCluster, resourceVersion: number): Revision {
    const held = this.#held;
    const made: Revision = {
      resourceVersion: String(resourceVersion),
      get objects() {
        return held.get(made, () => clusterObjects(estate, cluster));
      },
    };
    return made;
  }

  #isAuthenticated({ headers, certificate }: Question): boolean {
    return certificate || (this.#cluster.entraId && headers.authorization === `Bearer ${this.#token}`);
  }

  #list({ kind, namespace }: Target, question: Question): Answer {
    const { throttle } = this.#cluster;
    if (throttle !== undefined && this.#throttled < throttle.requests) {
      this.#throttled += 1;
      const answer = status(question, 429, 'TooManyRequests', 'too many requests, please try again later');
      return { ...answer, headers: { ...answer.headers, 'retry-after': String(throttle.retryAfterSeconds) } };
    }
    return answerList(this.#revisions, kind, namespace, question);
  }

  #get({ kind, namespace }: Target, name: string, question: Question): Answer {
    const found = this.#revisions[0].objects[kind.plural].find(
      ({ fields }) => fields['metadata.name'] === name && (namespace === undefined || fields['metadata.namespace'] === namespace),
    );
    if (found === undefined) return status(question, 404, 'NotFound', `${kind.plural} "${name}" not found`);
    return object(question, 200, kind.apiVersion, kind.kind, found.json());
  }
}

interface Target {
  readonly kind: ResourceKind;
  readonly namespace?: string;
  readonly name?: string;
}

function targetOf(path: string): Target | undefined {
  const groups =
    /^\/(?:api\/(?<core>v1)|apis\/(?<group>[^/]+\/[^/]+))\/(?:namespaces\/(?<namespace>[^/]+)\/)?(?<plural>[a-z]+)(?:\/(?<name>[^/]+))?$/.exec(
      path,
    )?.groups;
  const apiVersion = groups?.core ?? groups?.group;
  const kind = RESOURCES.find((one) => one.plural === groups?.plural && one.apiVersion === apiVersion);
  if (kind === undefined || (groups?.namespace !== undefined && !kind.namespaced)) return undefined;
  return {
    kind,
    ...(groups?.namespace === undefined ? {} : { namespace: groups.namespace }),
    ...(groups?.name === undefined ? {} : { name: groups.name }),
  };
}

function version(kubernetesVersion: string): Answer {
  const [major = '', minor = ''] = kubernetesVersion.split('.');
  return json(200, {
    major,
    minor,
    gitVersion: `v${kubernetesVersion}`,
    gitCommit: '0000000000000000000000000000000000000000',
    gitTreeState: 'clean',
    buildDate: '2026-01-01T00:00:00Z',
    goVersion: 'go1.24.0',
    compiler: 'gc',
    platform: 'linux/amd64',
  });
}
