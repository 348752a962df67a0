import { Agent, request } from 'node:https';
import { z } from 'zod';

/** An answer of the API server; a body that is not JSON is returned as text. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** The fields of a Kubernetes object that tests use. */
export const KubernetesObject = z.looseObject({
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional(), uid: z.string().optional() }),
  spec: z.looseObject({}).optional(),
  status: z.looseObject({ phase: z.string().optional() }).optional(),
});
export type KubernetesObject = z.infer<typeof KubernetesObject>;

/** A real API server as one user. */
export interface ApiServer {
  /** Sends one request and returns the answer with any status. */
  ask(method: string, path: string, body?: unknown, contentType?: string): Promise<ApiAnswer>;
  /** Throws, with the server's words, unless the request succeeded. */
  must(method: string, path: string, body?: unknown, contentType?: string): Promise<KubernetesObject>;
  list(path: string): Promise<readonly KubernetesObject[]>;
  /** Changes an object by a merge patch. */
  patch(path: string, change: unknown): Promise<KubernetesObject>;
}

const Failure = z.object({ message: z.string() });
const List = z.object({ items: z.array(KubernetesObject) });

/** Talks to an API server with a token. */
export function apiServer(server: string, ca: string, token: string): ApiServer {
  const agent = new Agent({ keepAlive: true, maxSockets: 8, ca });
  const ask: ApiServer['ask'] = (method, path, body, contentType = 'application/json') =>
    new Promise((done, fail) => {
      const text = body === undefined ? '' : JSON.stringify(body);
      // Node.js sends no content-length for the body of a DELETE unless it is set.
      const length = { 'content-length': Buffer.byteLength(text) };
      const headers = { authorization: `Bearer ${token}`, accept: 'application/json', 'content-type': contentType, ...length };
      const asked = request(new URL(path, server), { method, agent, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', fail);
        response.on('end', () => done({ status: response.statusCode ?? 0, body: parsed(Buffer.concat(chunks).toString('utf8')) }));
      });
      asked.on('error', fail);
      asked.end(text);
    });
  const succeeded = async (method: string, path: string, body?: unknown, contentType?: string) => {
    const answer = await ask(method, path, body, contentType);
    if (answer.status < 300) return answer.body;
    throw new Error(`${method} ${path}: ${answer.status} ${Failure.safeParse(answer.body).data?.message ?? ''}`);
  };
  return {
    ask,
    must: async (...args) => KubernetesObject.parse(await succeeded(...args)),
    list: async (path) => List.parse(await succeeded('GET', path)).items,
    patch: async (path, change) => KubernetesObject.parse(await succeeded('PATCH', path, change, 'application/merge-patch+json')),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Health checks and some errors of the server are plain text.
    return text;
  }
}
