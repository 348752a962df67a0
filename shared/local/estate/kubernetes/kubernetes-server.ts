import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Estate, EstateCluster } from '../model.ts';
import { type Answer, json, type Question } from '../server/answer.ts';
import type { Recent } from '../server/recent.ts';
import { reviewAccess } from './access-review.ts';
import { createdPodObject } from './created-pods.ts';
import { type ExecBehavior, type ExecServer, refuse } from './exec.ts';
import { object, status } from './kubernetes-answer.ts';
import { discover } from './kubernetes-discovery.ts';
import { answerList, type Revision, type Revisions } from './kubernetes-lists.ts';
import { type ClusterObjects, clusterObjects, type StoredObject } from './kubernetes-resources.ts';
import { tableOf, wantsTable } from './kubernetes-table.ts';
import { permissionOf, type Target, targetOf } from './kubernetes-target.ts';
import { PodLifecycle } from './pod-lifecycle.ts';
import { kernelOf, runCommand } from './shell.ts';

/** Lists begun on an older revision than these have expired; a real server keeps five minutes. */
const REVISIONS_KEPT = 4;
const FIRST_RESOURCE_VERSION = 1_000_000;
const REVIEWS = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';

/** The objects of the clusters that were read last; shared by all API servers of an estate. */
export type HeldObjects = Recent<Revision, ClusterObjects>;

/** What the API servers of one estate share. */
export interface SharedByClusters {
  readonly token: string;
  readonly held: HeldObjects;
  readonly exec: ExecServer;
}

type EstateFrame = Pick<Estate, 'seed' | 'now'>;

/** The API server of one simulated cluster. */
export class KubernetesApi {
  readonly #shared: SharedByClusters;
  readonly #created: PodLifecycle;
  #estate: EstateFrame;
  #cluster: EstateCluster;
  #revisions: Revisions;
  #throttled = 0;

  constructor(estate: EstateFrame, cluster: EstateCluster, shared: SharedByClusters) {
    this.#shared = shared;
    this.#created = new PodLifecycle(estate.seed);
    this.#estate = estate;
    this.#cluster = cluster;
    this.#revisions = [this.#revision(FIRST_RESOURCE_VERSION)];
  }

  /** Switches to a changed cluster; lists that began before continue on the old one. */
  update(estate: EstateFrame, cluster: EstateCluster): void {
    if (cluster === this.#cluster && estate.seed === this.#estate.seed && estate.now === this.#estate.now) return;
    this.#estate = estate;
    this.#cluster = cluster;
    this.#advance();
  }

  /** Answers one request. */
  answer(question: Question): Answer {
    if (!this.#isAuthenticated(question)) return status(question, 401, 'Unauthorized', 'Unauthorized');
    const path = decodeURIComponent(question.url.pathname).replace(/\/+$/, '');
    if (path === '/version') return version(this.#cluster.kubernetesVersion);
    if (['/healthz', '/livez', '/readyz'].includes(path)) return { status: 200, headers: { 'content-type': 'text/plain' }, body: 'ok' };
    if (/protobuf/.test(question.headers['content-type'] ?? '')) {
      return status(
        question,
        415,
        'UnsupportedMediaType',
        'the body of the request was in an unknown format: the simulated estate reads JSON',
      );
    }
    if (path === REVIEWS && question.method === 'POST') return reviewAccess(question, this.#cluster.denied ?? []);
    const target = targetOf(path);
    if (target === undefined)
      return discover(path) ?? status(question, 404, 'NotFound', 'the server could not find the requested resource');
    return this.#forbidden(target, question) ?? this.#answerFor(target, question);
  }

  /** Takes over a connection that wants to run a command in a container. */
  upgrade(question: Question, request: IncomingMessage, socket: Socket, head: Buffer): void {
    const target = targetOf(decodeURIComponent(question.url.pathname));
    const refusal = this.#refusalOfExec(question, target);
    if (refusal !== undefined || target === undefined) {
      refuse(socket, refusal ?? status(question, 404, 'NotFound', 'the server could not find the requested resource'));
      return;
    }
    this.#shared.exec.accept(request, socket, head, question.url.searchParams.getAll('command'), this.#behavior(target));
  }

  #answerFor(target: Target, question: Question): Answer {
    const { kind, namespace, name, subresource } = target;
    const isPod = kind.plural === 'pods' && namespace !== undefined;
    if (isPod && question.method === 'POST' && name === undefined) return this.#create(namespace, question);
    if (isPod && question.method === 'DELETE' && name !== undefined) return this.#delete(namespace, name, question);
    if (question.method !== 'GET') return status(question, 405, 'MethodNotAllowed', `the server does not allow ${question.method} here`);
    if (name === undefined) return this.#list(target, question);
    if (subresource === 'log' && isPod) return this.#log(target, question);
    if (subresource !== undefined) return status(question, 404, 'NotFound', 'the server could not find the requested resource');
    return this.#get(target, question);
  }

  #isAuthenticated({ headers, certificate }: Question): boolean {
    return certificate || (this.#cluster.entraId && headers.authorization === `Bearer ${this.#shared.token}`);
  }

  #forbidden(target: Target, question: Question): Answer | undefined {
    const permission = permissionOf(target, question.method);
    if (this.#cluster.denied?.includes(permission) !== true) return undefined;
    const [verb = '', resource = ''] = permission.split(' ');
    const message = `${resource} is forbidden: User "simulated" cannot ${verb} resource "${resource}" in API group "" at the cluster scope`;
    return status(question, 403, 'Forbidden', message);
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

  #get(target: Target, question: Question): Answer {
    const { kind, namespace, name = '' } = target;
    const found = this.#find(target);
    if (found === undefined) return status(question, 404, 'NotFound', `${kind.plural} "${name}" not found`);
    const shown = wantsTable(question)
      ? json(200, tableOf(kind, [found], {}, new Date()))
      : object(question, 200, kind.apiVersion, kind.kind, found.json());
    const created = kind.plural === 'pods' && namespace !== undefined && this.#created.get(namespace, name) !== undefined;
    if (created && this.#cluster.canaries === 'vanish') {
      this.#created.delete(namespace, name);
      this.#advance();
      return status(question, 404, 'NotFound', `${kind.plural} "${name}" not found`);
    }
    return shown;
  }

  #find({ kind, namespace, name }: Target): StoredObject | undefined {
    return this.#revisions[0].objects[kind.plural].find(
      ({ fields }) => fields['metadata.name'] === name && (namespace === undefined || fields['metadata.namespace'] === namespace),
    );
  }

  #create(namespace: string, question: Question): Answer {
    const pods = this.#revisions[0].objects.pods;
    const taken = (name: string) =>
      pods.some(({ fields }) => fields['metadata.namespace'] === namespace && fields['metadata.name'] === name);
    const answer = this.#created.create(this.#cluster, namespace, question, taken);
    if (answer.status === 201) this.#advance();
    return answer;
  }

  #delete(namespace: string, name: string, question: Question): Answer {
    const deleted = this.#created.delete(namespace, name);
    if (deleted !== undefined) {
      this.#advance();
      return object(question, 200, 'v1', 'Pod', createdPodObject(deleted, this.#estate.seed));
    }
    const own = this.#revisions[0].objects.pods.some(
      ({ fields }) => fields['metadata.namespace'] === namespace && fields['metadata.name'] === name,
    );
    if (!own) return status(question, 404, 'NotFound', `pods "${name}" not found`);
    return status(question, 403, 'Forbidden', `pods "${name}" is forbidden: the simulated estate keeps its own pods`);
  }

  #log(target: Target, question: Question): Answer {
    const { namespace = '', name = '' } = target;
    if (this.#find(target) === undefined) return status(question, 404, 'NotFound', `pods "${name}" not found`);
    const text = this.#created.get(namespace, name)?.output ?? `${this.#estate.now} ${name} is serving\n`;
    const limit = Number(question.url.searchParams.get('limitBytes') ?? text.length);
    return { status: 200, headers: { 'content-type': 'text/plain' }, body: text.slice(0, limit) };
  }

  #refusalOfExec(question: Question, target: Target | undefined): Answer | undefined {
    if (!this.#isAuthenticated(question)) return status(question, 401, 'Unauthorized', 'Unauthorized');
    if (target?.kind.plural !== 'pods' || target.subresource !== 'exec') {
      return status(question, 404, 'NotFound', 'the server could not find the requested resource');
    }
    const forbidden = this.#forbidden(target, question);
    if (forbidden !== undefined) return forbidden;
    const found = this.#find(target);
    if (found === undefined) return status(question, 404, 'NotFound', `pods "${target.name}" not found`);
    if (found.fields['status.phase'] === 'Running') return undefined;
    return status(question, 400, 'BadRequest', `cannot exec into a container in a ${found.fields['status.phase']} pod`);
  }

  #behavior(target: Target): ExecBehavior {
    const { namespace = '', name = '' } = target;
    const placed = this.#find(target)?.placed;
    const created = this.#created.get(namespace, name);
    const node = placed?.node ?? created?.node;
    const probe = placed?.workload.probe;
    if (probe === 'hangs' || node === undefined) return { kind: 'hangs' };
    if (probe === 'endless') return { kind: 'endless' };
    if (probe === 'no-tools') return { kind: 'runs', run: () => 'no-such-tool' };
    const kernel = kernelOf({
      seed: this.#estate.seed,
      cluster: this.#cluster,
      namespace,
      pod: name,
      node,
      runtimeClass: placed?.runtimeClass ?? created?.runtimeClass,
      sharesKernel: probe === 'shares-kernel',
    });
    return { kind: 'runs', run: (command) => runCommand(command, kernel) };
  }

  #advance(): void {
    const next = this.#revision(Number(this.#revisions[0].resourceVersion) + 1_000);
    this.#revisions = [next, ...this.#revisions.slice(0, REVISIONS_KEPT - 1)];
  }

  /** The current objects; created on demand, and again after an eviction. */
  #revision(resourceVersion: number): Revision {
    const { held } = this.#shared;
    const [estate, cluster, created] = [this.#estate, this.#cluster, this.#created.stored()];
    const made: Revision = {
      resourceVersion: String(resourceVersion),
      get objects() {
        return held.get(made, () => clusterObjects(estate, cluster, created));
      },
    };
    return made;
  }
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
