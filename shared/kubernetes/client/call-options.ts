import type { HttpLibrary, RequestContext, ResponseContext } from '@kubernetes/client-node';
import { given } from '../../domain/snapshot/given.ts';

/** Options for one call of the Kubernetes client: it ends with the signal and follows no redirects. */
export async function callOptions(abortSignal: AbortSignal) {
  const { Observable } = await import('./library.ts');
  const bounded = {
    pre: (context: RequestContext) => {
      context.setSignal(abortSignal);
      return new Observable(Promise.resolve(context));
    },
    post: (context: ResponseContext) => new Observable(Promise.resolve(context)),
  };
  return { middleware: [bounded], middlewareMergeStrategy: 'append' as const, httpApi: await withoutRedirects() };
}

/**
 * The client's default HTTP library follows redirects. An API server sends none, and a token must not go to another server. The redirect
 * itself is returned, which every call treats as a failure.
 */
async function withoutRedirects(): Promise<HttpLibrary> {
  const [{ wrapHttpLibrary, ResponseContext: Response }, { fetch }] = await Promise.all([import('./library.ts'), import('undici')]);
  return wrapHttpLibrary({
    send: async (request) => {
      const dispatcher = request.getDispatcher();
      const signal = request.getSignal();
      const answer = await fetch(request.getUrl(), {
        method: request.getHttpMethod(),
        headers: request.getHeaders(),
        redirect: 'manual',
        body: request.getBody() ?? null,
        ...given({ signal, dispatcher }),
      });
      const body = {
        text: () => answer.text(),
        binary: async () => Buffer.from(await answer.arrayBuffer()),
        stream: () => answer.body,
      };
      return new Response(answer.status, Object.fromEntries(answer.headers), body);
    },
  });
}
