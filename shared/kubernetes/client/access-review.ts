import type { AuthenticationV1Api, AuthorizationV1Api, KubeConfig } from '@kubernetes/client-node';
import { z } from 'zod';
import { Fault } from '../../domain/snapshot/fault.ts';
import type { KubernetesReview } from '../../ports/access-check.ts';
import { callOptions } from './call-options.ts';

const failure = z.object({ code: z.number() });

/**
 * Asks an API server, for each request, whether it would allow it for the caller (SelfSubjectAccessReview, open to every authenticated
 * caller). Nothing is executed. Returns the answers in order.
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
 * Returns the caller's user name according to the API server, with impersonation applied (SelfSubjectReview, open to every authenticated
 * caller). `undefined` if the server is older than Kubernetes 1.28 or refuses to answer.
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

/** The client throws an `ApiException` with the status as `code`; anything else it throws is a network error. */
function faultOf(cause: unknown, abortSignal: AbortSignal): Fault {
  const what = 'Cannot check the permissions of the identity';
  const status = failure.safeParse(cause).data?.code;
  if (abortSignal.aborted) return new Fault('timed-out', `${what}: the API server did not answer in time.`, { cause });
  if (status === 401) return new Fault('unauthenticated', `${what}: the API server does not accept the token.`, { cause });
  if (status === 403) return new Fault('denied', `${what}: the API server denies the request.`, { cause });
  if (status === 429) return new Fault('throttled', `${what}: the API server is too busy.`, { cause });
  if (status !== undefined && status < 500)
    return new Fault('unsupported', `${what}: the API server answered with status ${status}.`, { cause });
  return new Fault('unreachable', `${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
}
