import { z } from 'zod';
import { given } from '../../../domain/snapshot/given.ts';
import type { Estate, EstateCluster, EstateRuntimeClass } from '../model.ts';
import type { Answer, Question } from '../server/answer.ts';
import { type CreatedPod, createdPodFields, createdPodObject, type PodRequest, parsePod, schedule } from './created-pods.ts';
import { object, status } from './kubernetes-answer.ts';
import type { StoredObject } from './kubernetes-resources.ts';
import { encodeObject } from './protobuf.ts';
import { kernelOf, runCommand } from './shell.ts';

/** Programs that run until they are stopped. */
const STAYING = /^(sleep|tail|pause|nginx)$/;

/** The pods that people and probes created in one cluster; they behave as in a real cluster. */
export class PodLifecycle {
  readonly #seed: Estate['seed'];
  readonly #pods = new Map<string, CreatedPod>();

  constructor(seed: Estate['seed']) {
    this.#seed = seed;
  }

  /** Creates a pod, or rejects it with the message of a real admission. */
  create(cluster: EstateCluster, namespace: string, question: Question, taken: (name: string) => boolean): Answer {
    const request = readRequest(question.body);
    if (typeof request === 'string') return status(question, 400, 'BadRequest', request);
    const { name } = request.metadata;
    if (!cluster.namespaces.some((one) => one.name === namespace)) {
      return status(question, 404, 'NotFound', `namespaces "${namespace}" not found`);
    }
    if (taken(name) || this.get(namespace, name) !== undefined) {
      return status(question, 409, 'AlreadyExists', `pods "${name}" already exists`);
    }
    const { runtimeClassName } = request.spec;
    const runtimeClass = cluster.runtimeClasses.find((one) => one.name === runtimeClassName);
    if (runtimeClassName !== undefined && runtimeClass === undefined) {
      return status(question, 403, 'Forbidden', `pods "${name}" is forbidden: pod rejected: RuntimeClass "${runtimeClassName}" not found`);
    }
    const pod = this.#start(cluster, namespace, request, runtimeClass);
    this.#pods.set(`${namespace}/${name}`, pod);
    return object(question, 201, 'v1', 'Pod', createdPodObject(pod, this.#seed));
  }

  /** A created pod. */
  get(namespace: string, name: string): CreatedPod | undefined {
    return this.#pods.get(`${namespace}/${name}`);
  }

  /** Removes a pod; `undefined` if no client created it. */
  delete(namespace: string, name: string): CreatedPod | undefined {
    const pod = this.get(namespace, name);
    this.#pods.delete(`${namespace}/${name}`);
    return pod;
  }

  /** Every created pod, as lists show them. */
  stored(): readonly StoredObject[] {
    return [...this.#pods.values()].map((pod) => ({
      fields: createdPodFields(pod),
      labels: pod.request.metadata.labels ?? {},
      json: () => createdPodObject(pod, this.#seed),
      protobuf: () => encodeObject('Pod', createdPodObject(pod, this.#seed)),
    }));
  }

  #start(cluster: EstateCluster, namespace: string, request: PodRequest, runtimeClass: EstateRuntimeClass | undefined): CreatedPod {
    const node = schedule(cluster, request, runtimeClass);
    const base = { namespace, request, createdAt: new Date(), ...given({ runtimeClass }) };
    if (node === undefined) return { ...base, output: '' };
    const command = request.spec.containers[0]?.command ?? [];
    if (STAYING.test(command[0] ?? 'pause')) return { ...base, node, output: '' };
    const place = { seed: this.#seed, cluster, namespace, pod: request.metadata.name, node, runtimeClass };
    const result = runCommand(command, kernelOf(place));
    if (result === 'no-such-tool') return { ...base, node, output: '', exitCode: 128 };
    return { ...base, node, output: result.stdout + result.stderr, exitCode: result.exitCode };
  }
}

function readRequest(body: string): PodRequest | string {
  try {
    return parsePod(body);
  } catch (error) {
    if (error instanceof z.ZodError) return z.prettifyError(error);
    if (error instanceof SyntaxError) return `the body is not JSON: ${error.message}`;
    throw error;
  }
}
