import type { AuthenticationV1Api, AuthorizationV1Api, KubeConfig } from '@kubernetes/client-node';
import { z } from 'zod';
import { Fault } from '../../domain/snapshot/fault.ts';
import type { KubernetesReview } from '../../ports/access-check.ts';
import { callOptions } from './call-options.ts';

const failure = z.object({ code: z.number() });

/**
 * Asks an API server, question by question, whether it would let the caller do something. It does
 * nothing: every authenticated caller may ask (SelfSubjectAccessReview). Answers in order.
 */
export async function reviewAccess(
  kubeConfig: KubeConfig,
  asked: readonly KubernetesReview[],
  abortSignal: AbortSignal,
): Promise<readonly boolean[]> {
  const { AuthorizationV1Api: Authorization } = await import('./library.ts');
  const api: AuthorizationV1Api = kubeConfig.makeApiClient(Authorization);
  const until = await callOptions(abortSignal);
  return Promise.all(
    asked.map(async (resourceAttributes) => {
      const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes } };
      try {
        const { status } = await api.createSelfSubjectAccessReview({ body }, until);
        return status?.allowed === true;
      } catch (cause) {
        throw faultOf(cause, abortSignal);
      }
    }),
  );
}

/**
 * Asks an API server how it calls the caller, impersonation included; every authenticated caller may ask (SelfSubjectReview).
 * `undefined` where the server is older than Kubernetes 1.28 or does not tell.
 */
export async function reviewSelf(kubeConfig: KubeConfig, abortSignal: AbortSignal): Promise<string | undefined> {
  const { AuthenticationV1Api: Authentication } = await import('./library.ts');
  const api: AuthenticationV1Api = kubeConfig.makeApiClient(Authentication);
  try {
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
    const { status } = await api.createSelfSubjectReview({ body }, await callOptions(abortSignal));
    return status?.userInfo?.username;
  } catch (cause) {
    const fault = faultOf(cause, abortSignal);
    if (fault.code === 'unsupported' || fault.code === 'denied') return undefined;
    throw fault;
  }
}

/** The client throws an `ApiException` with the status as `code`; whatever else it throws came from the network. */
function faultOf(cause: unknown, abortSignal: AbortSignal): Fault {
  const what = 'Cannot ask the API server what the identity may do';
  const status = failure.safeParse(cause).data?.code;
  if (abortSignal.aborted) return new Fault('timed-out', `${what}: no answer in time.`, { cause });
  if (status === 401) return new Fault('unauthenticated', `${what}: it does not accept the token.`, { cause });
  if (status === 403) return new Fault('denied', `${what}: it refuses the question.`, { cause });
  if (status === 429) return new Fault('throttled', `${what}: it is too busy.`, { cause });
  if (status !== undefined && status < 500) return new Fault('unsupported', `${what}: it answered ${status}.`, { cause });
  return new Fault('unreachable', `${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
}
